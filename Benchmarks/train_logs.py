"""The logs that the training benchmark's stores are made of.

    python Benchmarks/train_logs.py FOLDER --samples 327680 --history-samples 64000

| file | what |
| --- | --- |
| `deepfm.csv` | five fields: item, category, shop, city, hour |
| `din-full.csv` | few users, each with 50 clicks at one first time and then some 2,000 samples: all but the first 50 have 50 earlier clicks |
| `din-real.csv` | users as active as users are, log-normally: samples have some 15 earlier clicks within the last 50 |
| `deepfm-check.csv`, `din-check.csv` | small ones of the first and the last kind |

Items follow Zipf's law over a million keys and have a category each; clicks depend on both, so that there is something to learn. A
process of its own, because numpy is large beside what is measured.
"""

import argparse
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.csv

ITEMS, CATEGORIES, SHOPS, CITIES = 1_000_000, 1_000, 5_000, 300
FULL_HISTORY = 50
FULL_SAMPLES_A_USER = 2_000
REAL_SAMPLES_A_USER = 40
CHECK_SAMPLES = 2_000
SEED = 1


def zipf(random: np.random.Generator, keys: int, count: int) -> np.ndarray:
    """Keys 1 to `keys`, the k-th as likely as 1/k."""
    odds = np.cumsum(1 / np.arange(1, keys + 1))
    return 1 + np.searchsorted(odds, random.random(count) * odds[-1])


def samples_of(random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    """Items, their categories, contexts and clicks, of no user yet."""
    appeal, of_category = random.normal(0, 0.7, ITEMS + 1), random.integers(1, CATEGORIES + 1, ITEMS + 1)
    liking = random.normal(0, 1, CATEGORIES + 1)
    item = zipf(random, ITEMS, count)
    logit = -1 + appeal[item] + liking[of_category[item]]
    return {
        "item": item,
        "category": of_category[item],
        "shop": zipf(random, SHOPS, count),
        "city": zipf(random, CITIES, count),
        "hour": random.integers(0, 24, count),
        "click": (random.random(count) < 1 / (1 + np.exp(-logit))).astype(np.int8),
    }


def write(path: pathlib.Path, user: np.ndarray, time: np.ndarray, columns: dict[str, np.ndarray]) -> None:
    pyarrow.csv.write_csv(pa.table({"user": user, "time": time, **columns}), path)


def write_real(path: pathlib.Path, count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    activity = random.lognormal(0, 1, max(count // REAL_SAMPLES_A_USER, 1))
    user = 1 + random.choice(len(activity), count, p=activity / activity.sum())
    write(path, user, np.arange(count) * 60, samples_of(random, count))


def write_full(path: pathlib.Path, count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    place = np.arange(count) % FULL_SAMPLES_A_USER
    columns = samples_of(random, count)
    columns["click"][place < FULL_HISTORY] = 1
    write(path, 1 + np.arange(count) // FULL_SAMPLES_A_USER, np.maximum(place - FULL_HISTORY + 1, 0) * 60, columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--samples", type=int, required=True)
    parser.add_argument("--history-samples", type=int, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write_real(options.folder / "deepfm.csv", options.samples, SEED)
    write_full(options.folder / "din-full.csv", options.history_samples, SEED)
    write_real(options.folder / "din-real.csv", options.history_samples, SEED)
    for model in ["deepfm", "din"]:
        write_real(options.folder / f"{model}-check.csv", CHECK_SAMPLES, SEED + 1)


if __name__ == "__main__":
    main()
