"""Whether stores, and other tools' sorted rows, hold a log's rows in the right order.

    python Benchmarks/partition_check.py rows log.csv.gz --store STORE... --sorted FILE... --loosely-sorted FILE...
    python Benchmarks/partition_check.py users log.csv.gz --store STORE

`rows` holds everything against the log as pyarrow reads it and numpy sorts it: every user's rows by time, those of one time in
the log's order, with the same labels and with ids that stand one to one for the log's keys. In loosely sorted files rows of one
user and time may be in any order. `users` is for logs that are too large for that: each user's samples and positives, and the sums
of their times.

Of a store also: every user is in one bucket, in one piece; times and parts never fall within a user, and samples of one time are in
one part; the index, the manifest's counts and its checksums are those of the rows. Exits 1 at the first difference.
"""

import argparse
import hashlib
import json
import pathlib
import sys

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

KEYS = ["item", "category"]
PARTS = ["train", "validation", "test"]


def read_log(path: str) -> dict[str, np.ndarray]:
    """All rows, sorted by user and time, and by place in the log."""
    table = pa.csv.read_csv(path)
    order = np.lexsort([table["time"].to_numpy(), table["user"].to_numpy()])
    return {name: table[name].to_numpy()[order] for name in table.column_names}


def read_sorted(path: str) -> dict[str, np.ndarray]:
    """All rows of a parquet file or an Arrow file."""
    with open(path, "rb") as file:
        is_parquet = file.read(4) == b"PAR1"
    table = pa.parquet.read_table(path) if is_parquet else pa.ipc.open_file(path).read_all()
    return {name: table[name].to_numpy() for name in table.column_names}


def read_bucket(path: pathlib.Path) -> dict[str, np.ndarray]:
    """All rows of a bucket's file, time in seconds, part as its place in `PARTS`."""
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_stream(source).read_all()
    part = table["part"].unify_dictionaries().combine_chunks()
    part = part if isinstance(part, pa.DictionaryArray) else part.chunk(0)
    place = np.array([PARTS.index(name) for name in part.dictionary.to_pylist()], dtype=np.int8)
    milliseconds = table["time"].cast(pa.int64()).to_numpy()
    if (milliseconds % 1_000).any():
        sys.exit(f"{path}: times that are no whole seconds, as the log's are")
    rows = {"user": table["user"].to_numpy(), "time": milliseconds // 1_000, "click": table["label"].to_numpy()}
    rows["part"] = place[part.indices.to_numpy()] if len(part) else np.array([], dtype=np.int8)
    return rows | {name: table[name].to_numpy().astype(np.int64) for name in KEYS}


class Store:
    """A store that was read, its order and its counts checked. `users` has a row a user, by rising key; `rows`, if they are kept,
    are in the store's order."""

    def __init__(self, path: pathlib.Path, keeps_rows: bool):
        self.path = path
        self.manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        self._check_files()
        buckets, users = [], []
        for name in sorted(self.manifest["files"]):
            if name.startswith("bucket-"):
                rows = read_bucket(path / name)
                users.append(self._users_of(rows, name))
                if keeps_rows:
                    buckets.append(rows)
        self.users = pl.concat(users).sort("user")
        if self.users["user"].is_duplicated().any():
            sys.exit(f"{path}: a user in more than one bucket")
        if keeps_rows:
            self.rows = {name: np.concatenate([rows[name] for rows in buckets]) for name in buckets[0]}
        self._check_manifest()
        self._check_index()

    def _check_files(self) -> None:
        files = self.manifest["files"]
        if {file.name for file in self.path.iterdir()} != {*files, "manifest.json"}:
            sys.exit(f"{self.path}: other files than its manifest names")
        for name, told in files.items():
            with open(self.path / name, "rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != told["sha256"]:
                    sys.exit(f"{self.path / name}: another checksum than the manifest's")
            if (self.path / name).stat().st_size != told["bytes"]:
                sys.exit(f"{self.path / name}: another size than the manifest's")

    def _users_of(self, rows: dict[str, np.ndarray], name: str) -> pl.DataFrame:
        """A row a user of one bucket, whose order is checked."""
        where = self.path / name
        same_user = rows["user"][1:] == rows["user"][:-1]
        time_step, part_step = np.diff(rows["time"]), np.diff(rows["part"])
        if (same_user & (time_step < 0)).any():
            sys.exit(f"{where}: a user's times fall")
        if (same_user & (part_step < 0)).any():
            sys.exit(f"{where}: a user's parts fall")
        if (same_user & (time_step == 0) & (part_step != 0)).any():
            sys.exit(f"{where}: a user's samples of one time are in two parts")
        users = by_user(rows, {part: rows["part"] == place for place, part in enumerate(PARTS)})
        pieces = len(rows["user"]) and 1 + np.count_nonzero(~same_user)
        if pieces != len(users):
            sys.exit(f"{where}: a user's samples are not in one piece")
        told = self.manifest["files"][name]
        if (told["samples"], told["users"]) != (len(rows["user"]), len(users)):
            sys.exit(f"{where}: {len(rows['user'])} samples of {len(users)} users, and the manifest says otherwise")
        return users

    def _check_manifest(self) -> None:
        counted = {
            "samples": {part: int(self.users[part].sum()) for part in PARTS},
            "train_positives": int(self.users["train_positives"].sum()),
            "users": len(self.users),
            "users_without": {part: int((self.users[part] == 0).sum()) for part in PARTS},
        }
        for name, value in counted.items():
            if self.manifest[name] != value:
                sys.exit(f"{self.path}: the manifest says {self.manifest[name]} of {name}, and the rows {value}")

    def _check_index(self) -> None:
        with pa.memory_map(str(self.path / "index.arrows")) as source:
            index = pl.from_arrow(pa.ipc.open_stream(source).read_all()).sort("user")
        columns = ["user", *PARTS, "train_positives"]
        if not same_frames(index.select(columns), self.users.select(columns)):
            sys.exit(f"{self.path}: the index counts otherwise than the rows")


def by_user(rows: dict[str, np.ndarray], parts: dict[str, np.ndarray]) -> pl.DataFrame:
    positive = rows["click"].astype(np.int64)
    frame = pl.DataFrame({"user": rows["user"], "time": rows["time"], "click": positive, **parts})
    return frame.group_by("user").agg(
        *user_sums(), *(pl.col(part).sum() for part in parts),
        pl.col("click").filter(pl.col("train")).sum().alias("train_positives"),
    )  # fmt: skip


def user_sums() -> list[pl.Expr]:
    """What `users` compares, of the columns user, time and click."""
    return [
        pl.len().cast(pl.Int64).alias("samples"),
        pl.col("click").sum().cast(pl.Int64).alias("positives"),
        pl.col("time").sum().alias("times"),
        (pl.col("time") * pl.col("click")).sum().alias("positive_times"),
    ]


def same_frames(first: pl.DataFrame, second: pl.DataFrame) -> bool:
    return first.cast(pl.Int64).equals(second.cast(pl.Int64))


def same_names(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether each id of one stands for one key of the other, both ways."""
    pairs = pl.DataFrame({"first": first, "second": second}).unique()
    return len(pairs) == pairs["first"].n_unique() == pairs["second"].n_unique()


def check_rows(options) -> str:
    log = read_log(options.log)
    columns = list(log)
    for path in options.sorted:
        require_equal(log, read_sorted(path), columns, path)
    if options.loosely_sorted:
        # By all columns, so that rows of one user and time are in one order.
        def strictly(rows):
            order = np.lexsort([rows[name] for name in ["click", "category", "item", "time", "user"]])
            return {name: rows[name][order] for name in columns}

        expected = strictly(log)
        for path in options.loosely_sorted:
            rows = read_sorted(path)
            require_equal(log, rows, ["user", "time"], path)
            require_equal(expected, strictly(rows), columns, path)
    users = pl.scan_csv(options.log).group_by("user").agg(*user_sums()).sort("user").collect()
    for path in options.store:
        store = Store(path, keeps_rows=True)
        order = np.argsort(store.rows["user"], kind="stable")
        rows = {name: values[order] for name, values in store.rows.items()}
        require_equal(log, rows, ["user", "time", "click"], path)
        for name in KEYS:
            if not same_names(log[name], rows[name]):
                sys.exit(f"{path}: ids of {name} that do not stand one to one for the log's keys")
        if not same_frames(store.users.select(users.columns), users):
            sys.exit(f"{path}: users' counts are not the log's")
    ties = np.count_nonzero((np.diff(log["user"]) == 0) & (np.diff(log["time"]) == 0))
    files = f"{len(options.sorted) + len(options.loosely_sorted)} sorted files and {len(options.store)} stores"
    return f"{len(users)} users, {len(log['user'])} samples, {ties} at the time of the user's one before, the same in {files}"


def require_equal(expected: dict[str, np.ndarray], rows: dict[str, np.ndarray], columns: list[str], path) -> None:
    for name in columns:
        if not np.array_equal(expected[name], rows[name]):
            sys.exit(f"{path}: {name} is not as in the log sorted by user and time")


def check_users(options) -> str:
    users = pl.scan_csv(options.log).group_by("user").agg(*user_sums()).sort("user").collect(engine="streaming")
    for path in options.store:
        if not same_frames(Store(path, keeps_rows=False).users.select(users.columns), users):
            sys.exit(f"{path}: users' counts, or times, are not the log's")
    return f"{len(users)} users, {users['samples'].sum()} samples, user by user"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["rows", "users"])
    parser.add_argument("log")
    parser.add_argument("--store", type=pathlib.Path, nargs="+", default=[])
    parser.add_argument("--sorted", nargs="+", default=[])
    parser.add_argument("--loosely-sorted", nargs="+", default=[])
    options = parser.parse_args()
    check = check_rows if options.what == "rows" else check_users
    print(f"checked: {check(options)}", flush=True)


main()
