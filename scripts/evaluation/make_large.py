#!/usr/bin/env python3
"""Writes a prediction stream of many rows, as `plumb finetune` writes it, that is made to be hard to measure.

    python3 scripts/evaluation/make_large.py PREDICTIONS.arrows [--rows 10000000] [--users 200000] [--seed 1]

Needs requirements.txt. `--rows` are test rows; some validation rows come on top, which an evaluation of the test part must not
see. A tenth of the users have one row each, another tenth no more than ten, one has a twenty-fifth of all rows; of many all
labels are the same. Users stand in no order, and batches end anywhere in them. The arms, whose names are such that they are
compared with each other:

    item_mean   one score for all rows
    cloud       a score of its own for nearly every row
    finetuned   multiples of 1/4, nearly all of them tied thousands of times
    corrected   by user: one score, multiples of 1/2 around 0 and -0, or logits beyond 36, where scikit-learn's loss stands still
"""

import argparse

import numpy as np
import pyarrow as pa

BATCH_ROWS = 65536
LARGEST_SHARE = 25
STORE_USERS_WITHOUT_ROWS = 17


def user_sizes(random, rows, users):
    """Test rows of each user: `rows` in all."""
    one, few = users // 10, users // 10
    sizes = np.ones(users, dtype=np.int64)
    sizes[one : one + few] = random.integers(2, 11, few)
    sizes[-1] = rows // LARGEST_SHARE
    middle = slice(one + few, users - 1)
    left = rows - sizes[: one + few].sum() - sizes[-1]
    weights = random.lognormal(0, 1.2, users - 1 - one - few)
    sizes[middle] = np.maximum(1, np.floor(weights / weights.sum() * left))
    # What rounding left over, or took too much.
    sizes[-1] += rows - sizes.sum()
    if sizes[-1] < 1:
        raise SystemExit("make_large.py: too few rows for so many users")
    return random.permutation(sizes)


def columns(random, rows, users):
    """The stream's columns by name, each a numpy array."""
    validation = random.integers(0, 3, users)
    sizes = user_sizes(random, rows, users) + validation
    total = int(sizes.sum())
    user = np.repeat(np.arange(users), sizes)
    place = np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    level = random.normal(-0.5, 1, users)
    # Two in ten of the users say yes to everything, or no.
    level[random.random(users) < 0.1] = -np.inf
    level[random.random(users) < 0.1] = np.inf
    taste = random.standard_normal(total)
    logit = level[user] + taste
    label = random.random(total) < 1 / (1 + np.exp(-logit))
    score = np.clip(level, -2, 2)[user] * 0.5 + taste * 0.7 + random.standard_normal(total)
    kind = random.integers(0, 3, users)[user]
    half = np.copysign(np.floor(np.abs(score) * 2) / 2, score)
    corrected = np.select([kind == 0, kind == 1], [np.full(total, 0.25), half], score * 14)
    train = random.integers(0, 200, users)
    return {
        # Keys far apart, some below 0.
        "user": (random.permutation(users) * 1_000_003 - 50_000_000_017)[user],
        "time": 1_000_000_000_000 + place * 1000,
        "label": label.astype(np.float32),
        "part": (place >= validation[user]).astype(np.int8),
        "item": random.integers(0, 100_000, total).astype(np.uint32),
        "train_samples": train.astype(np.uint32)[user],
        "train_positives": np.floor(train * random.random(users)).astype(np.uint32)[user],
        "item_seen": random.random(total) < 0.3,
        "kept": (random.random(users) < 0.5)[user],
        "logit_item_mean": np.full(total, -0.7),
        "logit_cloud": score,
        "logit_finetuned": np.round(score * 4) / 4,
        "logit_corrected": corrected,
    }


def schema(users, seed, arms):
    required = [
        ("user", pa.int64()),
        ("time", pa.timestamp("ms", tz="UTC")),
        ("label", pa.float32()),
        ("part", pa.dictionary(pa.int8(), pa.string())),
        ("group", pa.int64()),
        ("item", pa.uint32()),
        ("train_samples", pa.uint32()),
        ("train_positives", pa.uint32()),
        ("item_seen", pa.bool_()),
        ("kept", pa.bool_()),
    ] + [(arm, pa.float64()) for arm in arms]
    notes = {
        "plumb.stream": "predictions",
        "plumb.format": "1",
        "plumb.global_ctr": "0.42",
        "plumb.seed": str(seed),
        "plumb.users": str(users + STORE_USERS_WITHOUT_ROWS),
    }
    return pa.schema([pa.field(name, type_, nullable=name == "group") for name, type_ in required], metadata=notes)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("predictions", metavar="PREDICTIONS.arrows")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--users", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    table = columns(np.random.default_rng(arguments.seed), arguments.rows, arguments.users)
    total = len(table["user"])
    parts = pa.array(["validation", "test"])
    stream = schema(arguments.users, arguments.seed, [name for name in table if name.startswith("logit_")])
    with pa.ipc.new_stream(arguments.predictions, stream) as writer:
        for start in range(0, total, BATCH_ROWS):
            end = min(start + BATCH_ROWS, total)
            arrays = []
            for field in stream:
                if field.name == "group":
                    arrays.append(pa.nulls(end - start, pa.int64()))
                    continue
                values = pa.array(table[field.name][start:end])
                if field.name == "part":
                    arrays.append(pa.DictionaryArray.from_arrays(values, parts))
                else:
                    arrays.append(values.cast(field.type))
            writer.write_batch(pa.record_batch(arrays, schema=stream))
    print(f"{total} rows of {arguments.users} users, {arguments.rows} of them test rows")


if __name__ == "__main__":
    main()
