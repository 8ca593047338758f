"""The samples that the baseline trains on: from a Plumbline partition store, or straight from a MovieLens zip.

The zip path repeats the label and split rules on its own, so that a fault in Plumbline's split shows as a difference
between the two paths.
"""

import argparse
import csv
import io
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow.ipc
import torch

PARTS = ("train", "validation", "test")
CUMULATIVE_CUTS = (Fraction(7, 10), Fraction(8, 10))


@dataclass(frozen=True)
class Dataset:
    """Samples of all users: users contiguous, each user's rows in time order; N rows, at most G genres a row."""

    user: np.ndarray  # int64 [N], 0-based
    label: torch.Tensor  # float32 [N]
    part: np.ndarray  # int64 [N], index into PARTS
    item: torch.Tensor  # int64 [N]; 0 = no train row holds the item
    genres: torch.Tensor  # int64 [N, G]; 0 = no train row holds the genre, or padding
    genre_count: torch.Tensor  # float32 [N]; known genres of the row, at least 1; unseen ones do not count

    @property
    def users(self) -> int:
        return int(self.user.max()) + 1

    def rows(self, part: str) -> torch.Tensor:
        """Row numbers of one part, int64."""
        return torch.from_numpy(np.flatnonzero(self.part == PARTS.index(part)))

    def global_ctr(self) -> float:
        """Share of positive labels in all users' train parts together."""
        return float(self.label[self.rows("train")].double().mean())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that `load` reads."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--store", type=Path, help="a Plumbline partition store (folder of bucket-*.arrows)")
    source.add_argument("--zip", type=Path, help="a MovieLens zip with ratings.csv and movies.csv")


def load(options: argparse.Namespace) -> Dataset:
    return load_store(options.store) if options.store else load_zip(options.zip)


def load_store(folder: Path) -> Dataset:
    """Reads every bucket of a store; users, parts and order are taken as they stand."""
    tables = []
    for path in sorted(folder.glob("bucket-*.arrows")):
        with pyarrow.ipc.open_stream(path) as reader:
            tables.append(reader.read_all().select(["user", "label", "part", "item", "genres"]))
    if not tables:
        raise SystemExit(f"{folder}: no bucket-*.arrows in this folder")
    column = {name: [table.column(name).to_pylist() for table in tables] for name in tables[0].column_names}
    part_of = {name: number for number, name in enumerate(PARTS)}
    user_of: dict[object, int] = {}
    return _dataset(
        user=np.array([user_of.setdefault(user, len(user_of)) for chunk in column["user"] for user in chunk]),
        label=np.concatenate([np.asarray(chunk, dtype=np.float32) for chunk in column["label"]]),
        part=np.array([part_of[name] for chunk in column["part"] for name in chunk]),
        item=np.concatenate([np.asarray(chunk, dtype=np.int64) for chunk in column["item"]]),
        genres=[genres or [] for chunk in column["genres"] for genres in chunk],
    )


def load_zip(path: Path) -> Dataset:
    """Reads ratings and genres out of the zip, labels `rating >= 4` and splits each user's rows by time.

    A movie with "(no genres listed)" has none.
    """
    with zipfile.ZipFile(path) as archive:
        ratings = _csv_rows(archive, "ratings.csv")
        movies = _csv_rows(archive, "movies.csv")
    genre_of: dict[str, int] = {}
    genres_of_movie = {
        row["movieId"]: [
            genre_of.setdefault(name, len(genre_of) + 1)
            for name in row["genres"].split("|")
            if name != "(no genres listed)"
        ]
        for row in movies
    }
    item_of: dict[str, int] = {}
    user_of: dict[str, int] = {}
    user = np.array([user_of.setdefault(row["userId"], len(user_of)) for row in ratings])
    time = np.array([int(row["timestamp"]) for row in ratings])
    item = np.array([item_of.setdefault(row["movieId"], len(item_of) + 1) for row in ratings])
    label = np.array([float(row["rating"]) >= 4 for row in ratings], dtype=np.float32)
    order = np.lexsort((time, user))  # stable: rows of the same user and time keep the file's order
    starts = np.flatnonzero(np.diff(user[order], prepend=-1))
    return _dataset(
        user=user[order],
        label=label[order],
        part=np.concatenate([split_by_time(times) for times in np.split(time[order], starts[1:])]),
        item=item[order],
        genres=[genres_of_movie[ratings[row]["movieId"]] for row in order],
    )


def split_by_time(times: np.ndarray) -> np.ndarray:
    """Parts of one user's rows, 0.7/0.1/0.2, given their times in order.

    A cut stands at round-half-up(n * cumulative fraction), in exact arithmetic (0.7 * 35 is 24.499... in floating
    point). A cut inside a run of equal times moves to the run's nearer end, and from its middle to the later end.
    """
    part = np.zeros(len(times), dtype=np.int64)
    for fraction in CUMULATIVE_CUTS:
        cut = int(len(times) * fraction + Fraction(1, 2))
        if 0 < cut < len(times) and times[cut - 1] == times[cut]:
            first = int(np.searchsorted(times, times[cut], side="left"))
            end = int(np.searchsorted(times, times[cut], side="right"))
            cut = first if cut - first < end - cut else end
        part[cut:] += 1
    return part


def _csv_rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    entry = next(entry for entry in archive.namelist() if entry.rsplit("/", 1)[-1] == name)
    with archive.open(entry) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as text:
        return list(csv.DictReader(text))


def _dataset(
    user: np.ndarray, label: np.ndarray, part: np.ndarray, item: np.ndarray, genres: list[list[int]]
) -> Dataset:
    count = np.array([len(row) for row in genres])
    padded = np.zeros((len(genres), max(1, count.max())), dtype=np.int64)
    padded[np.arange(padded.shape[1]) < count[:, None]] = [genre for row in genres for genre in row]
    in_train = part == PARTS.index("train")
    known = _zero_unseen(padded, in_train)
    return Dataset(
        user=user.astype(np.int64),
        label=torch.from_numpy(label),
        part=part,
        item=torch.from_numpy(_zero_unseen(item.astype(np.int64), in_train)),
        genres=torch.from_numpy(known),
        genre_count=torch.from_numpy(np.maximum((known > 0).sum(1), 1).astype(np.float32)),
    )


def _zero_unseen(ids: np.ndarray, in_train: np.ndarray) -> np.ndarray:
    """Ids that occur in no train row become 0."""
    seen = np.zeros(ids.max() + 1, dtype=bool)
    seen[ids[in_train]] = True
    return np.where(seen[ids], ids, 0)
