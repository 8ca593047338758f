#!/usr/bin/env python3
"""Writes the values that Tests/EvaluationTests/OracleTests.swift holds our metrics against.

    python3 scripts/evaluation/make_oracle.py > Tests/EvaluationTests/Fixtures/oracle.json

Made with Python 3.11, scikit-learn 1.9.1, numpy 2.4.6, scipy 1.17.1 (requirements.txt); the script refuses other versions
of scikit-learn and numpy. What is scikit-learn's and what is not: reference.py.

A small case carries its rows. A large one carries the recipe of its rows, which `generate` below and the tests follow
digit for digit: SplitMix64, and no operation on doubles but + − × and floor.
"""

import json
import math
import sys

import numpy as np
import sklearn

from reference import arm_metrics

VERSIONS = {"scikit-learn": "1.9.1", "numpy": "2.4.6"}


class SplitMix64:
    """Steele, Lea, Flood 2014, with the constants of Vigna's splitmix64.c."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = 2**64 - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def uniform(self):
        """A double in [0, 1)."""
        return (self.next() >> 11) * 2.0**-53


def generate(recipe):
    """Users, labels and logits of a recipe.

    `users` users have 1 + (random mod `most_rows`) rows each. A row's x is the sum of four uniforms less 2, cut down to
    multiples of 1/`levels` if that is not 0; its logit is x·`scale` + `shift`, its label 1 if a uniform is below
    `base` + `signal`·x.
    """
    random = SplitMix64(recipe["seed"])
    users, labels, logits = [], [], []
    for user in range(recipe["users"]):
        for _ in range(1 + random.next() % recipe["most_rows"]):
            x = random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2
            if recipe["levels"]:
                x = math.floor(x * recipe["levels"]) * (1 / recipe["levels"])
            users.append(user)
            logits.append(x * recipe["scale"] + recipe["shift"])
            labels.append(1 if random.uniform() < recipe["base"] + recipe["signal"] * x else 0)
    return users, labels, logits


def explicit_cases():
    """Name, users, labels, logits."""
    yield "one positive row", [1], [1], [0.3]
    yield "one negative row", [1], [0], [-0.3]
    yield "two rows in order", [1, 1], [0, 1], [-1.0, 1.0]
    yield "two rows out of order", [1, 1], [1, 0], [-1.0, 1.0]
    yield "two tied rows", [1, 1], [1, 0], [0.5, 0.5]
    yield "all positive", [1, 1, 2], [1, 1, 1], [0.1, 0.2, 0.3]
    yield "all negative", [1, 1, 2], [0, 0, 0], [0.1, 0.2, 0.3]
    yield "two users of one class each", [1, 1, 2, 2], [0, 0, 1, 1], [0.4, 0.1, 0.3, 0.2]
    yield "constant scores", [1] * 7 + [2] * 6, [1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 0, 1], [-0.7] * 13
    yield "zero and negative zero", [1, 1, 1, 1], [1, 0, 1, 0], [0.0, -0.0, 0.0, -0.0]
    yield "neighbouring doubles", [1] * 4, [0, 1, 0, 1], [1.0, math.nextafter(1, 2), math.nextafter(1, 0), 1.0]
    yield "the smallest doubles", [1] * 6, [0, 1, 0, 1, 1, 0], [5e-324, 1e-323, -5e-324, 0.0, 2.2e-308, -1e-310]
    yield "the largest doubles", [1] * 4, [0, 1, 1, 0], [-1.7e308, 1.7e308, 1e308, -1e308]
    yield "wrong by up to 36", [1] * 6, [1, 1, 1, 0, 0, 0], [-36.0, -20.0, 4.0, 36.0, 17.0, -5.0]
    random = SplitMix64(40)
    rows = [(user, random.next() % 2, random.uniform() * 80 - 40) for user in range(12) for _ in range(10)]
    yield "logits up to 40 without signal", *map(list, zip(*rows))
    rows = [(user, random.next() % 2, float(random.next() % 3) - 1) for user in range(9) for _ in range(7)]
    yield "three distinct scores", *map(list, zip(*rows))
    rows = [(1, int(rank % 9 == 0), 0.5 if rank < 50 else float(rank)) for rank in range(64)]
    yield "most rows tied, across bins", *map(list, zip(*rows))
    rows = [(1, rank % 2, rank * 0.25 - 2) for rank in range(9)]
    yield "fewer rows than bins", *map(list, zip(*rows))


RECIPE_KEYS = ("seed", "users", "most_rows", "levels", "scale", "shift", "base", "signal")
RECIPES = {
    "continuous scores": (1, 200, 40, 0, 1.5, -0.2, 0.45, 0.25),
    "heavy ties": (2, 300, 60, 4, 2.0, 0.0, 0.3, 0.15),
    "users of one to three rows": (3, 3000, 3, 0, 1.0, 0.3, 0.5, 0.2),
    "logits up to 40": (4, 100, 50, 0, 20.0, 0.0, 0.5, 0.4),
    "tiny logits": (5, 100, 50, 0, 1e-300, 0.0, 0.5, 0.2),
    "rare positives": (6, 500, 100, 64, 1.0, -4.5, 0.01, 0.004),
    "a thousand users of one row": (7, 1000, 1, 0, 2.0, 0.1, 0.5, 0.3),
    "a million rows": (8, 10000, 200, 0, 2.0, -1.0, 0.25, 0.1),
    "a million rows of 256 scores": (9, 10000, 200, 64, 2.0, -1.0, 0.25, 0.1),
}


def main():
    found = {"scikit-learn": sklearn.__version__, "numpy": np.__version__}
    if found != VERSIONS:
        sys.exit(f"make_oracle.py: needs {VERSIONS}, found {found}")
    cases = []
    for name, users, labels, logits in explicit_cases():
        rows = {"users": users, "labels": labels, "logits": logits}
        cases.append({"name": name, "rows": rows, "expected": arm_metrics(users, labels, logits)})
    for name, numbers in RECIPES.items():
        recipe = dict(zip(RECIPE_KEYS, numbers))
        cases.append({"name": name, "recipe": recipe, "expected": arm_metrics(*generate(recipe))})
    lines = ",\n".join("  " + json.dumps(case, allow_nan=False) for case in cases)
    print(f"[\n{lines}\n]")


if __name__ == "__main__":
    main()
