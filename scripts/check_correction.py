#!/usr/bin/env python3
"""Checks what `plumb correct` wrote, for every user: reads its stream from standard input.

    plumb correct RUN/store --ctr RUN/ctr.json --method additive | python3 scripts/check_correction.py RUN --method additive

Corrected train labels are the method's formula, computed here anew; for rescale they average to the global CTR and lie in [0, 1],
for additive they average to it. Other parts' labels, and order, count and features, are those of the store.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import pyarrow as pa


def formula(method, y, q, p, epsilon):
    """Corrected labels, in double; y and q hold a sample's label and its user's local CTR, or what stands for it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "rescale": np.where(q > p, y * p / q, np.where(q < p, y + (1 - y) * (p - q) / (1 - q), y)),
            "additive": y + p - q,
            "smoothing": (1 - epsilon) * y + epsilon * p,
            "reweight": y,
            "logit-adjust": y,
        }[method]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--method", default="rescale")
    parser.add_argument("--prior-strength", type=float, default=0)
    parser.add_argument("--smoothing", type=float, default=0.1)
    options = parser.parse_args()
    run, m = options.run, options.prior_strength
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
    users, inverse = np.unique(corrected["user"].to_numpy()[train], return_inverse=True)
    n = np.bincount(inverse)
    y, new = label[train].astype(np.float64), new[train].astype(np.float64)
    q = (np.bincount(inverse, weights=y) + m * p) / (n + m)
    worst = np.abs(new - formula(options.method, y, q[inverse], p, options.smoothing)).max()
    assert worst < 1.2e-7, f"a label is {worst} away from {options.method}'s formula"
    means = np.bincount(inverse, weights=new) / n
    if options.method == "rescale":
        assert ((new >= 0) & (new <= 1)).all(), "a corrected label left [0, 1]"
    if options.method in ("rescale", "additive") and m == 0:
        assert np.abs(means - p).max() < 1e-6, "a user's mean corrected label is not the global CTR"
    print(
        f"{options.method}: {len(users)} users, labels within {worst:.1e} of the formula; their means are "
        f"{means.min():.6f} to {means.max():.6f}, the global CTR is {p:.6f}"
    )


if __name__ == "__main__":
    main()
