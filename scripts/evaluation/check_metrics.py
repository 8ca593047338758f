#!/usr/bin/env python3
"""Recomputes a metrics.json from its prediction stream with scikit-learn and numpy.

    python3 scripts/evaluation/check_metrics.py PREDICTIONS.arrows METRICS.json [--part test]

Needs requirements.txt. Prints every arm's metrics, ours and theirs, and exits 1 if any differs by more than 1e-9 (relative to
numbers above 1). Log loss is held against scikit-learn's where it clips no row, and against log(1 + e^z) where it does.
"""

import argparse
import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reference import arm_metrics

TOLERANCE = 1e-9
METRICS = ("auc", "gauc", "avg_auc", "logloss", "pcoc", "ece", "user_rce", "ndcg", "hit_rate")


def read_predictions(path, part):
    """The rows of `part`, and what the stream's schema says of the run."""
    with pa.ipc.open_stream(path) as stream:
        table = stream.read_all()
    notes = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    return table.filter(pc.equal(table["part"].cast(pa.string()), part)), notes


def agree(ours, theirs):
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return abs(ours - theirs) <= TOLERANCE * max(1, abs(theirs))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("predictions", metavar="PREDICTIONS.arrows")
    parser.add_argument("metrics", metavar="METRICS.json")
    parser.add_argument("--part", default="test")
    arguments = parser.parse_args()

    table, notes = read_predictions(arguments.predictions, arguments.part)
    if table.num_rows == 0:
        sys.exit(f"check_metrics.py: no row of {arguments.predictions} belongs to the {arguments.part} part")
    with open(arguments.metrics, encoding="utf-8") as file:
        document = json.load(file)
    users = np.asarray(pc.dictionary_encode(table["user"]).combine_chunks().indices)
    labels = np.asarray(table["label"]).astype(np.int64)

    lists = None if table["group"].null_count else np.asarray(table["group"])

    total_users = int(notes["plumb.users"])
    checks = [
        ("", "part", document["part"], arguments.part),
        ("", "seed", document["seed"], int(notes["plumb.seed"])),
        ("", "global_ctr", document["global_ctr"], float(notes["plumb.global_ctr"])),
    ]
    columns = [name for name in table.column_names if name.startswith("logit_")]
    arms = [name.removeprefix("logit_") for name in columns]
    checks.append(("", "arms", list(document["arms"]), arms))
    for arm, column in zip(arms, columns):
        found = arm_metrics(users, labels, np.asarray(table[column]), document["top"], lists)
        if found["clipped"] == 0:
            found["logloss"] = found["logloss_sklearn"]
        ours = document["arms"].get(arm, {})
        checks += [(arm, metric, ours.get(metric, "missing"), found[metric]) for metric in METRICS]
    counts = document["users"]
    checks += [
        ("", "samples", document["samples"], found["samples"]),
        ("", "positives", document["positives"], found["positives"]),
        ("", "lists", document["lists"], found["lists"]),
        ("", "users total", counts["total"], total_users),
        ("", "users evaluated", counts["evaluated"], found["evaluated"]),
        ("", "users single_class", counts["single_class"], found["single_class"]),
        ("", "users without_test", counts["without_test"], total_users - found["evaluated"] - found["single_class"]),
    ]

    wrong = 0
    for arm, name, ours, theirs in checks:
        exact = isinstance(ours, (str, list)) or isinstance(theirs, (str, list))
        same = ours == theirs if exact else agree(ours, theirs)
        wrong += not same
        print(f"{'ok   ' if same else 'WRONG'}  {arm:20}  {name:20}  ours {ours}  reference {theirs}")
    print(f"{len(checks) - wrong} of {len(checks)} agree")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
