"""The metrics of reference.py for streams of millions of rows: all users at once, in numpy.

An AUC is made of the ranks of the positive rows, tied ones sharing their mean rank (Mann and Whitney 1947), where plumb counts
pairs. `check_metrics.py --large` holds some hundred users one by one against scikit-learn.
"""

import math

import numpy as np
from scipy.special import entr

from reference import pooled_metrics


def _starts(changes):
    """Where runs start, from whether each element but the first differs from the one before."""
    return np.concatenate([[0], np.flatnonzero(changes) + 1])


def user_metrics(users, labels, logits, top):
    """For each user, in rising order, what the means over users are made of, as arrays by name.

    `users` are integers, one a user; `labels` 0 or 1; `logits` doubles. `auc` and `rce` are 0 where `both` is false: where the
    user has rows of one class; `ndcg` and `hit` where `ranked` is: where there are no more than `top` of them, too.
    """
    order = np.lexsort((logits, users))
    user, label, logit = users[order], labels[order], logits[order]
    first = _starts(user[1:] != user[:-1])
    rows = np.diff(first, append=len(user))
    positives = np.add.reduceat(label, first)
    negatives = rows - positives
    both = (positives > 0) & (negatives > 0)

    # Runs of one score of one user. -0 and 0 are one.
    tie = _starts((user[1:] != user[:-1]) | (logit[1:] != logit[:-1]))
    tied = np.diff(tie, append=len(user))
    tied_positives = np.add.reduceat(label, tie)
    owner = np.repeat(np.arange(len(first)), rows)[tie]
    below = tie - first[owner]
    first_tie = np.searchsorted(tie, first)

    # Twice the ranks, which are whole numbers.
    ranks = np.add.reduceat(tied_positives * (2 * below + tied + 1), first_tie)
    pairs = np.maximum(positives * negatives, 1)
    auc = np.where(both, (ranks - positives * (positives + 1)) / 2 / pairs, 0)

    loss = np.add.reduceat(np.logaddexp(0, np.where(label == 1, -logit, logit)), first) / rows
    share = positives / rows
    entropy = np.where(both, entr(share) + entr(1 - share), 1)
    rce = np.where(both, 1 - loss / entropy, 0)

    # Places from the top, of which a tie has those from `above` on.
    ranked = both & (rows > top)
    above = rows[owner] - below - tied
    discounts = np.concatenate([[0], np.cumsum(1 / np.log2(np.arange(top) + 2))])
    gain = discounts[np.minimum(above + tied, top)] - discounts[np.minimum(above, top)]
    ndcg = np.add.reduceat(tied_positives / tied * gain, first_tie) / discounts[np.clip(positives, 1, top)]

    # A hit is certain by a positive in a tie that lies in the first places with all its rows; else the tie that the last place
    # cuts decides.
    certain = np.add.reduceat(np.where(above + tied <= top, tied_positives, 0), first_tie) > 0
    miss = np.ones(len(tie))
    drawn = np.clip(top - above, 0, tied)
    for draw in range(top):
        miss = np.where(draw < drawn, miss * np.maximum(tied - tied_positives - draw, 0) / np.maximum(tied - draw, 1), miss)
    hit = np.where(certain, 1, 1 - np.multiply.reduceat(miss, first_tie))
    return {
        "user": user[first], "rows": rows, "positives": positives, "both": both, "auc": auc, "rce": rce, "ranked": ranked,
        "ndcg": np.where(ranked, ndcg, 0), "hit": np.where(ranked, hit, 0),
    }


def _mean(values, weights):
    return math.fsum(values * weights) / int(weights.sum()) if weights.any() else None


def arm_metrics(labels, logits, found):
    """What reference.py's `arm_metrics` gives where there are no impression lists; `found` is what `user_metrics` gives."""
    both, ranked = found["both"], found["ranked"]
    return pooled_metrics(labels, logits) | {
        "samples": len(labels),
        "positives": int(labels.sum()),
        "evaluated": int(both.sum()),
        "single_class": int((~both).sum()),
        "gauc": _mean(found["auc"], found["rows"] * both),
        "avg_auc": _mean(found["auc"], both),
        "user_rce": _mean(found["rce"], both),
        "ndcg": _mean(found["ndcg"], ranked),
        "hit_rate": _mean(found["hit"], ranked),
        "lists": int(ranked.sum()),
    }
