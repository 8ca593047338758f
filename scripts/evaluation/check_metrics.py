#!/usr/bin/env python3
"""Recomputes a metrics.json from its prediction stream with scikit-learn and numpy.

    python3 scripts/evaluation/check_metrics.py PREDICTIONS.arrows METRICS.json [--part test] [--large]

Needs requirements.txt. Prints every arm's metrics, ours and theirs, and exits 1 if any differs by more than 1e-9 (relative to
numbers above 1). Log loss is held against scikit-learn's where it clips no row, and against log(1 + e^z) where it does.

With --large, for millions of rows without impression lists, numpy measures all users at once (many_users.py), and of each arm 300
users, those with the most rows among them, are held against scikit-learn one by one.
"""

import argparse
import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import many_users
from reference import arm_metrics

TOLERANCE = 1e-9
# Users who are looked at one by one in a large stream: those with the most rows, and others.
LARGEST_USERS = 20
OTHER_USERS = 280
METRICS = ("auc", "gauc", "avg_auc", "logloss", "pcoc", "ece", "user_rce", "ndcg", "hit_rate")


def read_predictions(path, part):
    """The rows of `part`, of the columns that metrics are made of, and what the stream's schema says of the run."""
    with pa.ipc.open_stream(path) as stream:
        names = [name for name in stream.schema.names if name in ("user", "label", "group") or name.startswith("logit_")]
        notes = {key.decode(): value.decode() for key, value in (stream.schema.metadata or {}).items()}
        batches = [batch.filter(pc.equal(batch["part"].cast(pa.string()), part)).select(names) for batch in stream]
    return pa.Table.from_batches(batches), notes


def agree(ours, theirs):
    if ours is None or theirs is None:
        return ours is None and theirs is None
    return abs(ours - theirs) <= TOLERANCE * max(1, abs(theirs))


def large_arm_metrics(users, labels, logits, top):
    """One arm's metrics as numpy has them, and checks of some users as scikit-learn has them."""
    found = many_users.user_metrics(users, labels, logits, top)
    by_rows = np.argsort(found["rows"], kind="stable")
    others = np.random.default_rng(1).choice(by_rows[:-LARGEST_USERS], OTHER_USERS, replace=False)
    # Rows of a user stand together in the stream.
    starts = np.concatenate([[0], np.flatnonzero(users[1:] != users[:-1]) + 1])
    start_of = dict(zip(users[starts].tolist(), starts.tolist()))
    wrong = []
    for user in np.concatenate([by_rows[-LARGEST_USERS:], others]):
        rows = slice(start_of[int(found["user"][user])], start_of[int(found["user"][user])] + int(found["rows"][user]))
        theirs = arm_metrics(users[rows], labels[rows], logits[rows], top)
        ours = {
            "avg_auc": float(found["auc"][user]) if found["both"][user] else None,
            "user_rce": float(found["rce"][user]) if found["both"][user] else None,
            "ndcg": float(found["ndcg"][user]) if found["ranked"][user] else None,
            "hit_rate": float(found["hit"][user]) if found["ranked"][user] else None,
        }
        wrong += [f"{key} of user {found['user'][user]}" for key, value in ours.items() if not agree(value, theirs[key])]
    return many_users.arm_metrics(labels, logits, found), wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("predictions", metavar="PREDICTIONS.arrows")
    parser.add_argument("metrics", metavar="METRICS.json")
    parser.add_argument("--part", default="test")
    parser.add_argument("--large", action="store_true", help="all users at once; without impression lists")
    arguments = parser.parse_args()

    table, notes = read_predictions(arguments.predictions, arguments.part)
    if table.num_rows == 0:
        sys.exit(f"check_metrics.py: no row of {arguments.predictions} belongs to the {arguments.part} part")
    with open(arguments.metrics, encoding="utf-8") as file:
        document = json.load(file)
    users = np.asarray(pc.dictionary_encode(table["user"]).combine_chunks().indices)
    labels = np.asarray(table["label"]).astype(np.int64)

    lists = None if table["group"].null_count else np.asarray(table["group"])
    if arguments.large and lists is not None:
        sys.exit("check_metrics.py: --large does not know impression lists")

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
        logits = np.asarray(table[column])
        if arguments.large:
            found, wrong_users = large_arm_metrics(users, labels, logits, document["top"])
            checks.append((arm, "users one by one", [], wrong_users))
        else:
            found = arm_metrics(users, labels, logits, document["top"], lists)
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
