"""The metrics of `plumb evaluate`, from scikit-learn and numpy: what make_oracle.py and check_metrics.py hold ours against.

AUC, log loss and NDCG are scikit-learn's. Hit rates are counted out over the orders that ties allow. The expected calibration
error follows the rule in Sources/Evaluation/Metrics/RunMetrics.swift and is held against scikit-learn's `calibration_curve` where its quantile bins are ours.
"""

import math

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss, ndcg_score, roc_auc_score

BINS = 10
# The largest loss that scikit-learn gives a row: it clips predictions to [2**-52, 1 - 2**-52].
LARGEST_LOSS = -math.log(np.finfo(np.float64).eps)


def mean(values):
    return math.fsum(values) / len(values) if values else None


def sigmoid(logits):
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1, small) / (1 + small)


def area_under_curve(labels, logits):
    """scikit-learn's AUC; None for rows of one class, where it is undefined."""
    # scikit-learn takes differences of logits; that those of the largest doubles are infinite does not change the order.
    with np.errstate(over="ignore"):
        return float(roc_auc_score(labels, logits)) if 0 < labels.sum() < len(labels) else None


def expected_calibration_error(labels, logits):
    """Ten bins of equal frequency by logit; rows of equal logits count with the mean of their labels."""
    rows = len(labels)
    _, group = np.unique(logits, return_inverse=True)
    mean_label = (np.bincount(group, weights=labels) / np.bincount(group))[group]
    order = np.argsort(logits, kind="stable")
    gap = (sigmoid(logits) - mean_label)[order]
    edges = [b * rows // BINS for b in range(BINS + 1)]
    error = math.fsum(abs(math.fsum(gap[a:b])) for a, b in zip(edges, edges[1:])) / rows
    if rows % BINS == 0 and len(np.unique(sigmoid(logits))) == rows:
        observed, predicted = calibration_curve(labels, sigmoid(logits), n_bins=BINS, strategy="quantile")
        assert len(observed) == BINS and abs(np.mean(np.abs(observed - predicted)) - error) < 1e-12
    return error


def hit_rate(labels, logits, top):
    """How likely a positive row is among the first `top` where tied rows are shuffled: by the hypergeometric distribution."""
    cut = np.sort(logits)[::-1][top - 1]
    above, tied = logits > cut, logits == cut
    if labels[above].any():
        return 1.0
    drawn = top - int(above.sum())
    return 1 - math.comb(int(tied.sum() - labels[tied].sum()), drawn) / math.comb(int(tied.sum()), drawn)


def relative_cross_entropy(labels, logits):
    """1 - the log loss over the entropy of the labels, which hold both classes."""
    entropy = log_loss(labels, np.full(len(labels), labels.mean()))
    return 1 - math.fsum(np.logaddexp(0, np.where(labels == 1, -logits, logits))) / len(labels) / entropy


def pooled_metrics(labels, logits):
    """Those of one arm's metrics that do not know of users.

    `logloss` is exact; `logloss_sklearn` differs from it where `clipped`, the number of rows with a loss above LARGEST_LOSS, is
    not 0.
    """
    # Predictions of both classes, since 1 - p has lost its digits where p is close to 1.
    both = np.column_stack([sigmoid(-logits), sigmoid(logits)])
    wrong = np.where(labels == 1, -logits, logits)
    return {
        "auc": area_under_curve(labels, logits),
        "logloss": math.fsum(np.logaddexp(0, wrong) / len(labels)),
        "logloss_sklearn": float(log_loss(labels, both, labels=[0, 1])),
        "clipped": int(np.sum(wrong > LARGEST_LOSS)),
        "pcoc": math.fsum(sigmoid(logits)) / int(labels.sum()) if labels.any() else None,
        "ece": expected_calibration_error(labels, logits),
    }


def arm_metrics(users, labels, logits, top=10, lists=None):
    """One arm's metrics by their keys in metrics.json, and what else there is to know.

    `users` are integers, one a user; `labels` 0 or 1; `logits` doubles. `lists` are integers, one an impression list of a user;
    without them all of a user's rows are one.
    """
    users, labels, logits = np.asarray(users), np.asarray(labels), np.asarray(logits, dtype=np.float64)
    order = np.argsort(users, kind="stable")
    _, starts = np.unique(users[order], return_index=True)
    rows_by_user = np.split(order, starts[1:])
    if lists is None:
        rows_by_list = rows_by_user
    else:
        _, numbers = np.unique(np.column_stack([users, lists]), axis=0, return_inverse=True)
        by_list = np.argsort(numbers, kind="stable")
        rows_by_list = np.split(by_list, np.flatnonzero(np.diff(numbers[by_list])) + 1)
    ranked_lists = [rows for rows in rows_by_list if len(rows) > top and 0 < labels[rows].sum() < len(rows)]
    both_classes = [rows for rows in rows_by_user if 0 < labels[rows].sum() < len(rows)]
    per_user = [(len(rows), area_under_curve(labels[rows], logits[rows])) for rows in rows_by_user]
    ranked = [(weight, auc) for weight, auc in per_user if auc is not None]
    pooled = pooled_metrics(labels, logits)
    return {
        "samples": len(labels),
        "positives": int(labels.sum()),
        "evaluated": len(ranked),
        "single_class": len(per_user) - len(ranked),
        "auc": pooled["auc"],
        "gauc": math.fsum(w * auc for w, auc in ranked) / sum(w for w, _ in ranked) if ranked else None,
        "avg_auc": math.fsum(auc for _, auc in ranked) / len(ranked) if ranked else None,
        **{key: pooled[key] for key in ("logloss", "logloss_sklearn", "clipped", "pcoc", "ece")},
        "user_rce": mean([relative_cross_entropy(labels[rows], logits[rows]) for rows in both_classes]),
        "ndcg": mean([float(ndcg_score([labels[rows]], [logits[rows]], k=top)) for rows in ranked_lists]),
        "hit_rate": mean([hit_rate(labels[rows], logits[rows], top) for rows in ranked_lists]),
        "lists": len(ranked_lists),
    }
