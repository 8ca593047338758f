#!/usr/bin/env python3
"""Writes the values that Tests/EvaluationTests/SignedRankTestTests.swift holds our test against: scipy's `wilcoxon`.

    python3 scripts/evaluation/make_signed_rank.py > Tests/EvaluationTests/Fixtures/signed-rank.json

Made with scipy 1.17.1 and numpy 2.4.6 (requirements.txt).
"""

import json
import sys

import numpy as np
import scipy
from scipy.stats import wilcoxon

VERSIONS = {"scipy": "1.17.1", "numpy": "2.4.6"}
MOST_EXACT = 50


def cases():
    random = np.random.default_rng(7)
    for count in [1, 2, 5, 6, 20, 49, 50]:
        yield f"{count} without ties", random.normal(0.3, 1, count)
    yield "51 without ties", random.normal(0.1, 1, 51)
    yield "1000 without ties", random.normal(0.05, 1, 1000)
    yield "all positive", np.arange(1, 13) / 8
    yield "all negative", -np.arange(1, 13) / 8
    yield "zeros among them", np.round(random.normal(0.4, 1, 40) * 4) / 4
    yield "heavy ties", np.round(random.normal(0.2, 1, 300) * 2) / 2
    yield "one size", np.array([0.5] * 9 + [-0.5] * 4)
    yield "one, tied with nothing", np.array([0.0, 0.0, -0.25])


def main():
    found = {"scipy": scipy.__version__, "numpy": np.__version__}
    if found != VERSIONS:
        sys.exit(f"make_signed_rank.py: needs {VERSIONS}, found {found}")
    lines = []
    for name, differences in cases():
        kept = differences[differences != 0]
        has_ties = len(np.unique(np.abs(kept))) < len(kept)
        method = "exact" if len(kept) <= MOST_EXACT and not has_ties else "asymptotic"
        p = wilcoxon(kept, method=method, correction=False).pvalue
        lines.append(json.dumps({"name": name, "differences": differences.tolist(), "p": float(p)}, allow_nan=False))
    print("[\n  " + ",\n  ".join(lines) + "\n]")


if __name__ == "__main__":
    main()
