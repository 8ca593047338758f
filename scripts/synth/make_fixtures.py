#!/usr/bin/env python3
"""Writes the values of scipy's that Tests/LogSynthesisTests holds our distributions against.

    python3 scripts/synth/make_fixtures.py > Tests/LogSynthesisTests/Fixtures/scipy.json

Made with Python 3.11 and the versions of requirements.txt; other versions of scipy are refused.
"""

import json
import sys

import numpy as np
import scipy
from scipy import stats

VERSION = "1.17.1"


def pairs(function, places):
    return [[float(x), float(function(np.float64(x)))] for x in places]


def beta_case(mean, concentration, bins):
    """Edges, as logits, of bins that are equally likely."""
    a, b = mean * concentration, (1 - mean) * concentration
    edges = []
    for share in np.arange(1, bins) / bins:
        quantile = stats.beta.ppf(share, a, b)
        # Where q is near 1, 1 - q has lost its digits; as the quantile of Beta(b, a) it has them.
        rest = stats.beta.ppf(1 - share, b, a)
        edges.append(float(np.log(quantile) - np.log(rest)))
    return {"mean": mean, "concentration": concentration, "edges": edges}


def activity_case(users, sigma):
    edges = np.arange(users + 1) / users
    shares = np.diff(stats.norm.cdf(stats.norm.ppf(edges) + sigma))
    return {"users": users, "sigma": sigma, "shares": [float(share) for share in shares]}


def zipf_case(items, exponent):
    ranks = np.arange(1, items + 1, dtype=np.float64)
    shares = stats.zipfian.pmf(ranks, exponent, items)
    return {"items": items, "exponent": exponent, "shares": [float(share) for share in shares]}


def main():
    if scipy.__version__ != VERSION:
        sys.exit(f"scipy {scipy.__version__} found, {VERSION} wanted")
    random = np.random.default_rng(1)
    wide = np.concatenate([random.uniform(-700, 700, 100), random.uniform(-2, 2, 100), [0.0, 1e-9, -1e-9, 0.5]])
    positive = np.concatenate([np.exp(random.uniform(-700, 700, 100)), random.uniform(0.5, 2, 100), [1.0, 2.0**-52]])
    normal = np.concatenate([random.uniform(-9, 9, 100), random.uniform(-1, 1, 50), [0.0, 7.0, 7.08, -7.08, -30.0]])
    shares = np.concatenate(
        [random.uniform(0, 1, 100), 10 ** random.uniform(-16, -1, 60), 1 - 10 ** random.uniform(-10, -1, 40), [0.5]]
    )
    json.dump(
        {
            "exponential": pairs(np.exp, wide),
            "logarithm": pairs(np.log, positive),
            "cumulative": pairs(stats.norm.cdf, normal),
            "quantile": pairs(stats.norm.ppf, shares),
            "beta": [
                beta_case(mean, concentration, 20)
                for mean, concentration in [(0.3, 10), (0.5, 2), (0.9, 1000), (0.05, 3), (0.3, 0.5)]
            ],
            "activity": [activity_case(users, sigma) for users, sigma in [(1, 1.0), (2, 0.5), (100, 1.0), (60, 2.5), (7, 0.0)]],
            "zipf": [
                zipf_case(items, exponent)
                for items, exponent in [(1, 1.0), (2, 1.0), (50, 1.0), (50, 0.7), (50, 1.3), (50, 2.9), (50, 1.0001)]
            ],
        },
        sys.stdout,
        indent=0,
    )
    print()


if __name__ == "__main__":
    main()
