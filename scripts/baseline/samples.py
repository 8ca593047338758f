"""Any partition store's samples, as the reference models read them: lists without padding, histories of earlier positives."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import torch

from reference import Ragged

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Samples:
    """All users' samples: users contiguous, each user's rows in time order; N rows."""

    columns: dict[str, "torch.Tensor | Ragged"]
    fields: list[dict]
    """As in an architecture: the store's features in order, then its histories."""
    label: torch.Tensor  # float32 [N]
    user: np.ndarray  # int64 [N], 0-based
    part: np.ndarray  # int64 [N], index into PARTS
    fingerprint: str

    def rows(self, part: str) -> torch.Tensor:
        """Row numbers of one part, int64."""
        return torch.from_numpy(np.flatnonzero(self.part == PARTS.index(part)))


def read(folder: Path) -> Samples:
    """Reads every bucket of a store; users, parts and order are taken as they stand. Ids that no train row holds become 0."""
    manifest = json.loads((folder / "manifest.json").read_text())
    names = ["user", "time", "label", "part", *(feature["name"] for feature in manifest["features"])]
    buckets = [pa.ipc.open_stream(path).read_all().select(names) for path in sorted(folder.glob("bucket-*.arrows"))]
    table = pa.concat_tables(bucket.unify_dictionaries() for bucket in buckets).combine_chunks()
    label = table["label"].to_numpy().astype(np.float32)
    part = np.array([PARTS.index(name) for name in table["part"].cast(pa.string()).to_pylist()])
    user = table["user"].to_numpy() if pa.types.is_integer(table["user"].type) else np.array(table["user"].to_pylist())
    user = np.cumsum(np.append(False, user[1:] != user[:-1]))
    time = table["time"].cast(pa.int64()).to_numpy()
    is_train = part == PARTS.index("train")

    columns, fields = {}, []
    for feature in manifest["features"]:
        name, column = feature["name"], table[feature["name"]].combine_chunks()
        fields.append({"name": name, "kind": feature["kind"], "rows": feature.get("size", 0)})
        if feature["kind"] == "dense":
            columns[name] = torch.from_numpy(column.to_numpy(zero_copy_only=False).astype(np.float32))
        elif feature["kind"] == "categorical":
            ids = column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
            columns[name] = torch.from_numpy(_zero_unseen(ids, is_train))
        else:
            lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
            ids = column.flatten().to_numpy(zero_copy_only=False).astype(np.int64)
            ids = _zero_unseen(ids, np.repeat(is_train, lengths))
            columns[name] = Ragged(torch.from_numpy(ids), torch.from_numpy(lengths))
    if history := manifest.get("history"):
        places, lengths = _earlier_positives(user, time, label, history["length"])
        for of in history["features"]:
            fields.append({"name": f"history_{of}", "kind": "history", "rows": 0, "of": of})
            columns[f"history_{of}"] = Ragged(columns[of][places], lengths)
    return Samples(columns, fields, torch.from_numpy(label), user, part, manifest["fingerprint"])


def _zero_unseen(ids: np.ndarray, in_train: np.ndarray) -> np.ndarray:
    seen = np.zeros(ids.max(initial=0) + 1, dtype=bool)
    seen[ids[in_train]] = True
    return np.where(seen[ids], ids, 0)


def _earlier_positives(user, time, label, longest: int) -> tuple[torch.Tensor, torch.Tensor]:
    """For each row the rows of its user's last positives strictly earlier in time, oldest first, one list after another; and the
    lists' lengths."""
    places, lengths = [], []
    starts = np.flatnonzero(np.diff(user, prepend=-1))
    for first, end in zip(starts, [*starts[1:], len(user)]):
        positives = first + np.flatnonzero(label[first:end] == 1)
        ends = np.searchsorted(time[positives], time[first:end], side="left")
        begins = np.maximum(ends - longest, 0)
        places += [positives[begin:stop] for begin, stop in zip(begins, ends)]
        lengths.append(ends - begins)
    return torch.from_numpy(np.concatenate(places)), torch.from_numpy(np.concatenate(lengths))
