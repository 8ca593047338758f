"""Whether all tools gave the same answer.

    python Benchmarks/ingest_check.py --counts counts.csv... --arrow samples.arrows...

All counts must hold the same users with the same samples and positives. All Arrow files must hold the same rows in the same order,
their ids may differ in value only, and their users' counts must be the same too. Exits 1 at the first difference.
"""

import argparse
import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc


def read_counts(path: str) -> np.ndarray:
    """Rows of user, samples, positives, sorted."""
    table = pa.csv.read_csv(path)
    if table.column_names != ["user", "samples", "positives"]:
        sys.exit(f"{path}: columns {table.column_names}")
    rows = np.stack([column.to_numpy() for column in table.columns], axis=1)
    return rows[np.argsort(rows[:, 0], kind="stable")]


def read_rows(path: str) -> dict[str, np.ndarray]:
    """Columns of an Arrow file or stream: user, time in seconds, click, and ids."""
    with pa.memory_map(path) as source:
        is_file = source.read(6) == b"ARROW1"
        source.seek(0)
        table = (pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)).read_all()
    time = table["time"]
    if pa.types.is_timestamp(time.type):
        time = time.cast(pa.timestamp("s")).cast(pa.int64())
    rows = {
        "user": table["user"].to_numpy(),
        "time": time.to_numpy(),
        "click": table["label" if "label" in table.column_names else "click"].to_numpy().astype(np.int64),
    }
    for name in ["item", "category"]:
        ids = table[name]
        if pa.types.is_dictionary(ids.type):
            ids = pa.chunked_array([chunk.indices for chunk in ids.unify_dictionaries().chunks])
        rows[name] = ids.to_numpy().astype(np.int64)
    return rows


def counts_of(rows: dict[str, np.ndarray]) -> np.ndarray:
    users, place, samples = np.unique(rows["user"], return_inverse=True, return_counts=True)
    positives = np.bincount(place, weights=rows["click"]).astype(np.int64)
    return np.stack([users, samples, positives], axis=1)


def same_names(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether each id of one stands for one id of the other, both ways."""
    if len(first) != len(second):
        return False
    pairs = np.unique(first * (1 << 32) + second)
    return len(pairs) == len(np.unique(first)) == len(np.unique(second))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", nargs="+", required=True)
    parser.add_argument("--arrow", nargs="+", required=True)
    options = parser.parse_args()

    expected = read_counts(options.counts[0])
    for path in options.counts[1:]:
        if not np.array_equal(expected, read_counts(path)):
            sys.exit(f"{path} and {options.counts[0]} count differently")
    first = read_rows(options.arrow[0])
    for path in options.arrow:
        rows = first if path == options.arrow[0] else read_rows(path)
        if not np.array_equal(expected, counts_of(rows)):
            sys.exit(f"{path} and {options.counts[0]} count differently")
        for name in ["user", "time", "click"]:
            if not np.array_equal(first[name], rows[name]):
                sys.exit(f"{path} and {options.arrow[0]} differ in {name}")
        for name in ["item", "category"]:
            if not same_names(first[name], rows[name]):
                sys.exit(f"{path} and {options.arrow[0]} name different rows alike, or alike rows differently, by {name}")
    users, samples, positives = len(expected), expected[:, 1].sum(), expected[:, 2].sum()
    files = f"{len(options.counts)} files of counts and {len(options.arrow)} of Arrow"
    print(f"checked: {users} users, {samples} samples, {positives} positives, the same in {files}", flush=True)


main()
