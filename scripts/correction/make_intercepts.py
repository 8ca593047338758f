#!/usr/bin/env python3
"""Writes the intercepts that Tests/LabelCorrectionTests holds prior restoration by match against: scipy.optimize.brentq's.

    python3 scripts/correction/make_intercepts.py > Tests/LabelCorrectionTests/Fixtures/intercepts.json

Made with Python 3.11 and the versions of requirements.txt; other versions of scipy are refused. Only cases in which doubles know
the intercept: where the mean rises by at least 1e-3 of the target's nearer distance to 0 or 1.
"""

import json
import sys

import numpy as np
import scipy
from scipy.optimize import brentq
from scipy.special import expit, logit

VERSION = "1.17.1"


def intercept(logits, target):
    """The c with mean(expit(logits + c)) = target; near 1 by the distances from 1, which keep their digits there."""
    sign, share = (-1, 1 - target) if target > 0.5 else (1, target)
    gap = lambda c: expit(sign * (logits + c)).mean() - share
    low, high = logit(target) - logits.max() - 1, logit(target) - logits.min() + 1
    c = brentq(gap, low, high, xtol=1e-14, rtol=8.9e-16, maxiter=10_000)
    x = logits + c
    slope = (expit(x) * expit(-x)).mean()
    assert slope >= 1e-3 * share, (logits, target, slope)
    return c


def cases(generator):
    targets = [1e-9, 1e-4, 0.03, 0.3, 0.5, 0.77, 0.999, 1 - 1e-7]
    for samples, spread in [(1, 3), (2, 0.1), (7, 1), (30, 4), (100, 2)]:
        logits = generator.normal(-1, spread, samples)
        yield from ((logits, target) for target in targets)
    for logits in [[0, 0, 0], [-700], [700], [2.5] * 4, [-700] * 3]:
        yield from ((np.array(logits, dtype=float), target) for target in targets)
    # Far apart, with some that decide: the others count as clicked or as not.
    yield np.array([-700.0, 0, 1, 700]), 0.5
    yield np.array([-700.0, 700]), 0.3
    yield np.array([-700.0, 700]), 0.8
    yield np.array([-700.0, -700, 700, 3]), 0.33
    yield generator.normal(0, 40, 50), 0.21
    yield np.concatenate([generator.normal(-8, 1, 60), [650]]), 0.4


def main():
    if scipy.__version__ != VERSION:
        sys.exit(f"scipy {scipy.__version__} found, {VERSION} wanted")
    made = [
        {"logits": [float(x) for x in logits], "target": target, "intercept": intercept(logits, target)}
        for logits, target in cases(np.random.default_rng(6))
    ]
    json.dump(made, sys.stdout, indent=0)
    print()


if __name__ == "__main__":
    main()
