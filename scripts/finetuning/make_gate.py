#!/usr/bin/env python3
"""Writes the gate's losses that Tests/FineTuningTests holds ours against: the intercept by scipy.optimize.brentq on the train
logits, then the mean cross-entropy on validation by numpy, each for the cloud model and the tuned one.

    python3 scripts/finetuning/make_gate.py > Tests/FineTuningTests/Fixtures/gate.json

Made with Python 3.11 and the versions of requirements.txt.
"""

import json
import sys

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

STRENGTH = 10


def loss(train, validation, labels, level):
    """The mean log loss of the validation logits after the intercept with which the train predictions average to `level`."""
    c = brentq(lambda c: expit(train + c).mean() - level, -60, 60, xtol=1e-13)
    z = validation + c
    return float(np.mean(np.logaddexp(0, z) - labels * z))


def case(random):
    samples = int(random.integers(1, 80))
    positives = int(random.integers(0, samples + 1))
    p = float(random.uniform(0.02, 0.98))
    labels = random.integers(0, 2, int(random.integers(10, 40))).astype(np.float32)
    labels[:2] = 0, 1
    level = (positives + STRENGTH * p) / (samples + STRENGTH)
    models = {}
    for model in ("cloud", "tuned"):
        spread, mean = random.uniform(0.1, 4), random.normal(0, 3)
        # Three decimals, of which each reads as the same float32 everywhere.
        train = random.normal(mean, spread, samples).round(3).astype(np.float32)
        validation = random.normal(mean, spread, len(labels)).round(3).astype(np.float32)
        models[model] = {
            "train": [round(float(z), 3) for z in train], "validation": [round(float(z), 3) for z in validation],
            "loss": loss(train.astype(float), validation.astype(float), labels.astype(float), level),
        }
    return {"samples": samples, "positives": positives, "globalCTR": p, "labels": [int(y) for y in labels], **models}


random = np.random.default_rng(6)
json.dump([case(random) for _ in range(20)], sys.stdout)
print()
