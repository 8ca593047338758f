#!/usr/bin/env python3
"""Checks what `plumb correct` wrote, for every user: reads its stream from standard input.

    plumb correct RUN/store --ctr RUN/ctr.json | python3 scripts/check_correction.py RUN

Corrected train labels average to the global CTR within 1e-6 (summed in double) and lie in [0, 1]; other parts' labels, and
order, count and features, are those of the store.
"""

import json
import pathlib
import sys

import numpy as np
import pyarrow as pa


def main() -> None:
    run = pathlib.Path(sys.argv[1])
    p = json.loads((run / "ctr.json").read_text())["global_ctr"]
    corrected = pa.ipc.open_stream(sys.stdin.buffer).read_all()
    stored = pa.concat_tables(
        pa.ipc.open_stream(path).read_all() for path in sorted((run / "store").glob("bucket-*.arrows"))
    )
    kept = [name for name in corrected.column_names if name != "label_corrected"]
    for name in kept:
        ours, theirs = (table[name].cast(pa.string()) if name == "part" else table[name] for table in (corrected, stored))
        assert ours.combine_chunks().equals(theirs.combine_chunks()), f"column {name} changed"
    label = corrected["label"].to_numpy()
    new = corrected["label_corrected"].to_numpy()
    part = np.asarray(corrected["part"].cast(pa.string()))
    assert np.array_equal(new[part != "train"], label[part != "train"]), "a label outside the train part changed"
    train = part == "train"
    assert ((new[train] >= 0) & (new[train] <= 1)).all(), "a corrected label left [0, 1]"
    users, inverse = np.unique(corrected["user"].to_numpy()[train], return_inverse=True)
    means = np.bincount(inverse, weights=new[train].astype(np.float64)) / np.bincount(inverse)
    worst = np.abs(means - p).max()
    assert worst < 1e-6, f"a user's mean corrected label is {worst} away from the global CTR"
    print(f"{len(users)} users: the mean corrected label is the global CTR {p:.6f} to within {worst:.1e}")


if __name__ == "__main__":
    main()
