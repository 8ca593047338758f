#!/usr/bin/env python3
"""What `plumb synth` has to be told to make clicks like those of a real log: a slice of Taobao's UserBehavior.

    build/peers/bin/python scripts/studies/calibrate_taobao.py PATH/taobao-userbehavior-2h.csv.gz

Rows are user, item, category, behaviour, unix seconds, without a header; every behaviour but `pv` is a positive. The slice itself
cannot carry a study: hardly a user has ten rows and both classes. What it does tell is fitted here; the options that it cannot tell
(rows a user over all days, users' tastes, items' appeal) are printed as such. Needs scipy and numpy (scripts/evaluation/requirements.txt).
"""

import argparse
import collections
import csv
import gzip

import numpy as np
from scipy import optimize, special

ITEMS = 200_000
"""Items of the synthetic log: real Taobao has some four million, of which a log of our size would see most at most once."""


def read(path):
    users = collections.defaultdict(lambda: [0, 0])
    items, categories = collections.Counter(), collections.Counter()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for user, item, category, behaviour, _ in csv.reader(file):
            users[user][0] += 1
            users[user][1] += behaviour != "pv"
            items[item] += 1
            categories[category] += 1
    return np.array(list(users.values())), np.array(list(items.values())), np.array(list(categories.values()))


def fit_local_ctrs(counts):
    """Mean and concentration of the Beta distribution of local CTRs: beta-binomial likelihood of users with two rows or more."""
    n, k = counts[counts[:, 0] >= 2].T

    def loss(parameters):
        mean, concentration = special.expit(parameters[0]), np.exp(parameters[1])
        a, b = mean * concentration, (1 - mean) * concentration
        return -np.sum(special.betaln(k + a, n - k + b) - special.betaln(a, b))

    found = optimize.minimize(loss, [special.logit(k.sum() / n.sum()), np.log(10)], method="Nelder-Mead", tol=1e-9)
    return special.expit(found.x[0]), np.exp(found.x[1]), len(n)


def fit_activity(rows):
    """Sigma of log-normal activity: likelihood of a Poisson number of rows, users without a row being unseen."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    values, users = np.unique(rows, return_counts=True)

    def loss(parameters):
        rates = np.exp(parameters[0] + np.exp(parameters[1]) * nodes)
        log_p = values[:, None] * np.log(rates) - rates - special.gammaln(values + 1)[:, None]
        seen = 1 - np.sum(weights * np.exp(-rates))
        return -np.sum(users * (special.logsumexp(log_p, b=weights, axis=1) - np.log(seen)))

    return np.exp(optimize.minimize(loss, [0.0, 0.0], method="Nelder-Mead", tol=1e-9).x[1])


def repeat_chance(counts):
    """The chance that two rows drawn at random are of one item: an unbiased estimate whatever the size of the log."""
    n = counts.sum()
    return np.sum(counts * (counts - 1.0)) / (n * (n - 1.0))


def fit_zipf(chance):
    """The exponent of Zipf's law over ITEMS items with which two rows are of one item as often."""
    ranks = np.arange(1, ITEMS + 1)

    def excess(exponent):
        shares = ranks**-exponent
        shares /= shares.sum()
        return np.sum(shares**2) - chance

    return optimize.brentq(excess, 0, 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("slice", metavar="SLICE.csv.gz")
    counts, items, categories = read(parser.parse_args().slice)
    mean, concentration, fitted = fit_local_ctrs(counts)
    print(f"{counts[:, 0].sum()} rows of {len(counts)} users, {counts[:, 1].sum()} positive")
    usable = np.sum((counts[:, 0] >= 10) & (counts[:, 1] > 0) & (counts[:, 1] < counts[:, 0]))
    print(f"users of ten rows and both classes: {usable}")
    print(f"local CTRs, from {fitted} users of two rows or more: --global-ctr {mean:.3f} --concentration {concentration:.1f}")
    print(f"activity: --activity-sigma {fit_activity(counts[:, 0]):.2f}")
    print(f"items: --items {ITEMS} --item-exponent {fit_zipf(repeat_chance(items)):.2f}")
    print(f"categories as many as would repeat as often, were all alike: --categories {1 / repeat_chance(categories):.0f}")
    print("not in the slice: rows a user, --days, --preference-spread, --appeal-spread")


if __name__ == "__main__":
    main()
