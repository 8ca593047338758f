"""AUC over all samples and per user, with ties counted half, in double."""

import numpy as np
from sklearn.metrics import roc_auc_score


def pooled_auc(label: np.ndarray, score: np.ndarray) -> float:
    """AUC of all samples in one list: it sees the users' levels as well as the order within each user."""
    return float(roc_auc_score(label, score))


def user_aucs(user: np.ndarray, label: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AUC and number of samples of every user with both classes, users ascending."""
    order = np.lexsort((score, user))
    user, label, score = user[order], label[order].astype(np.float64), score[order]
    rows = np.arange(len(user))
    opens_user = np.diff(user, prepend=user[0] - 1) != 0
    opens_tie = opens_user | (np.diff(score, prepend=np.nan) != 0)
    tie = np.cumsum(opens_tie) - 1
    tie_start = np.flatnonzero(opens_tie)
    tie_end = np.append(tie_start[1:], len(user))
    number = np.cumsum(opens_user) - 1
    rank = (tie_start[tie] + tie_end[tie] + 1) / 2 - rows[opens_user][number]
    count = np.bincount(number)
    positives = np.bincount(number, weights=label)
    negatives = count - positives
    both = (positives > 0) & (negatives > 0)
    wins = np.bincount(number, weights=rank * label) - positives * (positives + 1) / 2
    return wins[both] / (positives[both] * negatives[both]), count[both]


def gauc(user: np.ndarray, label: np.ndarray, score: np.ndarray) -> float:
    """Mean of the users' AUCs weighted by their samples, over users with both classes."""
    aucs, samples = user_aucs(user, label, score)
    return float(np.average(aucs, weights=samples))


def user_interval(differences: np.ndarray, samples: np.ndarray, draws: int = 4000) -> tuple[float, float]:
    """95% bootstrap interval over users of a difference in GAUC, given users' differences in AUC and test samples."""
    picks = np.random.default_rng(0).integers(0, len(samples), (draws, len(samples)))
    means = (differences[picks] * samples[picks]).sum(1) / samples[picks].sum(1)
    return tuple(np.quantile(means, [0.025, 0.975]))
