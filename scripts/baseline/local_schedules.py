"""Fine-tunes the cloud model for each user under several local schedules, with raw and with corrected labels.

    python local_schedules.py --zip ml-latest-small.zip --seeds 1 2 3 4

For the validation and the test part it prints each arm's GAUC and pooled AUC as mean and sd over seeds, and how far
`corrected` is from `finetuned` and `cloud` with two kinds of doubt: the sd over seeds (same users, other models) and a
95% bootstrap interval over users (same models, other users). Users with one class in their train part keep the cloud
model.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

import dataset
from dataset import Dataset
from deepfm import CloudSettings, DeepFM, item_mean, train
from ranking import pooled_auc, user_aucs, user_interval

BATCH = 32


@dataclass(frozen=True)
class Schedule:
    """One user's fine-tuning: `adam` is Adam on dense weights and lazy Adam on embedding rows, else plain SGD."""

    name: str
    optimiser: str
    learning_rate: float
    epochs: int


SCHEDULES = (
    Schedule("SGD 0.01, 1 epoch", "sgd", 0.01, 1),
    Schedule("SGD 0.01, 5 epochs", "sgd", 0.01, 5),
    Schedule("SGD 0.1, 1 epoch", "sgd", 0.1, 1),
    Schedule("Adam 0.001, 1 epoch", "adam", 0.001, 1),
)


@dataclass(frozen=True)
class Drift:
    """Click counts of every user's train part [U], in double."""

    samples: np.ndarray
    clicks: np.ndarray
    global_ctr: float

    @staticmethod
    def of(data: Dataset) -> "Drift":
        rows = data.rows("train")
        label = data.label[rows].double().numpy()
        samples = np.bincount(data.user[rows], minlength=data.users).astype(np.float64)
        return Drift(samples, np.bincount(data.user[rows], weights=label, minlength=data.users), data.global_ctr())

    @property
    def two_classes(self) -> np.ndarray:
        return (self.clicks > 0) & (self.clicks < self.samples)

    def rescaled(self, data: Dataset) -> torch.Tensor:
        """Labels [N] after `rescale`: each user's train labels average to the global CTR and stay in [0, 1]."""
        p, y = self.global_ctr, data.label.double().numpy()
        q = np.divide(self.clicks, self.samples, out=np.full_like(self.clicks, p), where=self.samples > 0)[data.user]
        with np.errstate(divide="ignore", invalid="ignore"):
            corrected = np.where(q > p, y * p / q, np.where(q < p, y + (1 - y) * (p - q) / (1 - q), y))
        return torch.from_numpy(corrected.astype(np.float32))

    def restoration(self, prior_samples: float = 10) -> np.ndarray:
        """What prior restoration adds to each user's logits [U] after training on labels whose mean is p."""
        p = self.global_ctr
        q = (self.clicks + prior_samples * p) / (self.samples + prior_samples)
        return np.log(q / (1 - q)) - np.log(p / (1 - p))


class LocalModels:
    """One copy of the cloud model a user, trained in lockstep: step t is the t-th batch of every user that has one.

    The copies share no weight, so this equals a loop over users. Dense weights are stacked [U, ...]; of the tables
    each user holds only the rows of their own samples, as one table over distinct (user, id) pairs.
    """

    def __init__(self, cloud: DeepFM, data: Dataset, schedule: Schedule):
        self.data = data
        self.schedule = schedule
        user = torch.from_numpy(data.user)
        items, self.item_row = _own_rows(user, data.item)
        genres, self.genre_row = _own_rows(user[:, None].expand_as(data.genres), data.genres)
        self.dense = [
            weight.detach().expand(data.users, *weight.shape).clone() for weight in cloud.dense()
        ]  # bias, then weight and bias of each linear layer
        self.tables = [
            cloud.item.weight.detach()[items],
            cloud.genre.weight.detach()[genres],
            cloud.item_weight.weight.detach()[items],
            cloud.genre_weight.weight.detach()[genres],
        ]
        self.moments = [[torch.zeros_like(weight) for weight in self.dense + self.tables] for _ in range(2)]

    def logits(self, rows: torch.Tensor, dense: list[torch.Tensor], tables: list[torch.Tensor]) -> torch.Tensor:
        """Logits [A, B] of sample rows [A, B], row a scored by the a-th entry of the stacked dense weights."""
        item, genre, item_weight, genre_weight = tables
        count = self.data.genre_count[rows][..., None]
        genres = self.genre_row[rows]
        seen = (self.data.genres[rows] > 0)[..., None]
        item_vector = functional.embedding(self.item_row[rows], item, sparse=True)
        genre_vector = (functional.embedding(genres, genre, sparse=True) * seen).sum(2) / count
        first_order = functional.embedding(self.item_row[rows], item_weight, sparse=True)
        first_order = first_order + (functional.embedding(genres, genre_weight, sparse=True) * seen).sum(2) / count
        hidden = torch.cat([item_vector, genre_vector], 2)
        for weight, bias in zip(dense[1:-2:2], dense[2:-2:2]):
            hidden = torch.baddbmm(bias[:, None, :], hidden, weight.mT).relu()
        deep = torch.baddbmm(dense[-1][:, None, :], hidden, dense[-2].mT)
        second_order = (item_vector * genre_vector).sum(2, keepdim=True)
        return (dense[0][:, None, None] + first_order + second_order + deep)[..., 0]

    def tune(self, batches: Iterable[tuple[torch.Tensor, torch.Tensor, torch.Tensor]], label: torch.Tensor) -> None:
        """Trains on `batches` of users [A], rows [A, B] and loss weights [A, B], one optimiser step each."""
        for step, (users, rows, weight) in enumerate(batches, start=1):
            dense = [stacked[users].requires_grad_() for stacked in self.dense]
            tables = [table.detach().requires_grad_() for table in self.tables]
            logits = self.logits(rows, dense, tables)
            loss = functional.binary_cross_entropy_with_logits(logits, label[rows], weight, reduction="sum")
            gradients = torch.autograd.grad(loss, dense + tables)
            for number, gradient in enumerate(gradients):
                if number < len(dense):
                    self._update(number, self.dense[number], users, gradient, step)
                else:
                    gradient = gradient.coalesce()
                    table = self.tables[number - len(dense)]
                    self._update(number, table, gradient.indices()[0], gradient.values(), step)

    def _update(self, number: int, weight: torch.Tensor, rows: torch.Tensor, gradient: torch.Tensor, step: int) -> None:
        rate = self.schedule.learning_rate
        if self.schedule.optimiser == "sgd":
            weight[rows] -= rate * gradient
            return
        first = self.moments[0][number]
        second = self.moments[1][number]
        first[rows] = 0.9 * first[rows] + 0.1 * gradient
        second[rows] = 0.999 * second[rows] + 0.001 * gradient**2
        debias = (1 - 0.999**step) ** 0.5
        # torch.optim.SparseAdam adds epsilon before it removes the bias, torch.optim.Adam after.
        epsilon = 1e-8 if number < len(self.dense) else 1e-8 / debias
        weight[rows] -= rate * (first[rows] / (1 - 0.9**step)) / (second[rows].sqrt() / debias + epsilon)

    @torch.no_grad()
    def score(self) -> np.ndarray:
        """Logits of all rows [N], each by its own user's model."""
        everyone = np.arange(self.data.users)
        rows, weight = _pad([np.flatnonzero(self.data.user == user) for user in everyone])
        logits = torch.zeros(len(self.data.label))
        for block in range(0, rows.shape[1], 256):
            piece, real = rows[:, block : block + 256], weight[:, block : block + 256] > 0
            logits[piece[real]] = self.logits(piece, self.dense, self.tables)[real]
        return logits.double().numpy()


def _own_rows(user: torch.Tensor, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The id of each distinct (user, id) pair, and for every entry of `ids` the number of its pair."""
    pairs, place = torch.unique(user * (ids.max() + 1) + ids, return_inverse=True)
    return pairs % (ids.max() + 1), place


def _pad(lists: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """Row lists as one matrix, and weights that average over each list and ignore padding.

    A list is padded with its own first row: another row would count as touched in a lazy optimiser.
    """
    rows = np.zeros((len(lists), max(map(len, lists))), dtype=np.int64)
    weight = np.zeros(rows.shape, dtype=np.float32)
    for number, values in enumerate(lists):
        rows[number] = values[0] if len(values) else 0
        rows[number, : len(values)] = values
        weight[number, : len(values)] = 1 / max(1, len(values))
    return torch.from_numpy(rows), torch.from_numpy(weight)


def local_batches(data: Dataset, users: np.ndarray, epochs: int, seed: int):
    """Every user's own batches, shuffled by seed, user and epoch alone, so that all arms see the same order."""
    train_rows = data.rows("train").numpy()
    batches: dict[int, list] = defaultdict(list)
    for user in users:
        own = train_rows[data.user[train_rows] == user]
        step = 0
        for epoch in range(epochs):
            order = np.random.default_rng((seed, user, epoch)).permutation(own)
            for start in range(0, len(order), BATCH):
                batches[step].append((user, order[start : start + BATCH]))
                step += 1
    for step in sorted(batches):
        members, lists = zip(*batches[step])
        yield torch.tensor(members), *_pad(list(lists))


def arm_logits(cloud: DeepFM, data: Dataset, schedules: Iterable[Schedule], seed: int) -> dict[str, np.ndarray]:
    """Logits [N] of each arm; the tuned arms are named `<arm>, <schedule>`."""
    drift = Drift.of(data)
    restoration = drift.restoration()[data.user]
    tuned_rows = drift.two_classes[data.user]
    cloud_logits = cloud.score(data, torch.arange(len(data.label)))
    arms = {"item_mean": item_mean(data), "cloud": cloud_logits, "cloud_prior": cloud_logits + restoration}
    labels = {"finetuned": data.label, "corrected": drift.rescaled(data)}
    for schedule in schedules:
        for arm, label in labels.items():
            models = LocalModels(cloud, data, schedule)
            models.tune(local_batches(data, np.flatnonzero(drift.two_classes), schedule.epochs, seed), label)
            arms[f"{arm}, {schedule.name}"] = np.where(tuned_rows, models.score(), cloud_logits)
        arms[f"corrected_prior, {schedule.name}"] = arms[f"corrected, {schedule.name}"] + restoration
    return arms


def report(part: str, data: Dataset, arms_by_seed: list[dict[str, np.ndarray]]) -> None:
    """Prints all arms on one part, then `corrected` against the others."""
    rows = data.rows(part)
    user, label = data.user[rows], data.label[rows].numpy()
    per_user: dict[str, np.ndarray] = {}  # [seeds, users with both classes]
    pooled: dict[str, np.ndarray] = {}  # [seeds]
    for arm in arms_by_seed[0]:
        scores = [arms[arm][rows] for arms in arms_by_seed]
        per_user[arm] = np.array([user_aucs(user, label, score)[0] for score in scores])
        pooled[arm] = np.array([pooled_auc(label, score) for score in scores])
    samples = user_aucs(user, label, label)[1]

    print(f"\n{part}: {len(samples)} users with both classes; mean (sd) over {len(arms_by_seed)} seeds")
    print(f"{'arm':<38s} {'GAUC':<17s} {'pooled AUC':<17s} GAUC - cloud")
    for arm in per_user:
        gaucs = np.average(per_user[arm], axis=1, weights=samples)
        gains = np.average(per_user[arm] - per_user["cloud"], axis=1, weights=samples)
        print(f"{arm:<38s} {_spread(gaucs)}  {_spread(pooled[arm])}  {_spread(gains)}")
    print(f"{'corrected minus':<38s} {'GAUC':<17s} {'95% over users':<20s} seeds above 0")
    for corrected in (arm for arm in per_user if arm.startswith("corrected, ")):
        finetuned = corrected.replace("corrected", "finetuned")
        for other, name in ((finetuned, finetuned), ("cloud", corrected.replace("corrected", "cloud"))):
            difference = per_user[corrected] - per_user[other]
            gains = np.average(difference, axis=1, weights=samples)
            low, high = user_interval(difference.mean(0), samples)
            wins = f"{int((gains > 0).sum())} of {len(gains)}"
            print(f"{name:<38s} {_spread(gains)}  {f'[{low:+.4f}, {high:+.4f}]':<20s} {wins}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Local schedules, raw against corrected labels, over seeds.")
    dataset.add_arguments(parser)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = dataset.load(options)
    drift = Drift.of(data)
    print(f"{data.users} users, {int(drift.two_classes.sum())} tuned, global CTR {drift.global_ctr:.6f}")
    arms_by_seed = []
    for seed in options.seeds:
        cloud, _ = train(data, CloudSettings(), seed)
        arms_by_seed.append(arm_logits(cloud, data, SCHEDULES, seed))
    for part in ("validation", "test"):
        report(part, data, arms_by_seed)


def _spread(values: np.ndarray) -> str:
    sd = np.std(values, ddof=1) if len(values) > 1 else 0.0
    return f"{values.mean():+.4f} ({sd:.4f})"


if __name__ == "__main__":
    main()
