#!/usr/bin/env python3
"""Writes the values of scipy's that Tests/LabelCorrectionTests holds the noise of device reports against.

    python3 scripts/correction/make_fixtures.py > Tests/LabelCorrectionTests/Fixtures/dlaplace.json

Made with Python 3.11 and the versions of requirements.txt; other versions of scipy are refused.
"""

import json
import sys

import scipy
from scipy import stats

VERSION = "1.17.1"


def case(clip, millionths):
    """The discrete Laplace distribution of scale 2 clip / epsilon: some 60 places from one far tail to the other."""
    rate = millionths / (2e6 * clip)
    reach = int(12 / rate) + 2
    step = max(1, reach // 30)
    places = range(-30 * step, 30 * step + 1, step)
    return {
        "clip": clip,
        "epsilon_millionths": millionths,
        "variance": float(stats.dlaplace.var(rate)),
        "places": [[x, float(stats.dlaplace.pmf(x, rate)), float(stats.dlaplace.cdf(x, rate))] for x in places],
    }


def main():
    if scipy.__version__ != VERSION:
        sys.exit(f"scipy {scipy.__version__} found, {VERSION} wanted")
    cases = [(1, 8_000_000), (1, 1_000_000), (3, 700_000), (20, 500_000), (1000, 123_457), (50, 1_000_000_000)]
    json.dump([case(clip, millionths) for clip, millionths in cases], sys.stdout, indent=0)
    print()


if __name__ == "__main__":
    main()
