"""The logs that the fine-tuning benchmark's stores are made of: users of 110 samples each, at 110 times.

    python Benchmarks/finetune_logs.py FOLDER --users 1000 10000

`users-N.csv` holds N users. Items, categories and clicks are those of train_logs.py. A process of its own, because numpy is large
beside what is measured.
"""

import argparse
import pathlib

import numpy as np
from train_logs import SEED, samples_of, write

SAMPLES = 110
"""A user's: 100 to tune on, 10 to score."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--users", type=int, nargs="+", required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for users in options.users:
        place = np.arange(users * SAMPLES)
        columns = samples_of(np.random.default_rng(SEED), len(place))
        kept = {name: columns[name] for name in ["item", "category", "click"]}
        write(options.folder / f"users-{users}.csv", 1 + place // SAMPLES, place % SAMPLES * 60, kept)


main()
