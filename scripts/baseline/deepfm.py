"""Trains DeepFM in PyTorch on the split and schedule of `plumb train` and prints the cloud model's GAUC.

    python deepfm.py --store STORE          # the split that `plumb partition` made
    python deepfm.py --zip ml-latest-small.zip

Guo et al. 2017, "DeepFM" (arXiv 1703.04247): logit = bias + first-order terms + inner product of the two fields'
embeddings + MLP over their concatenation. Fields: item and genres (mean of the row's genres), no user feature.

Initialisation: embeddings N(0, 0.01^2), row 0 (unseen) zero and never trained; linear layers as torch.nn.Linear (weight
and bias uniform in +-1/sqrt(inputs)); first-order weights and the global bias 0. On
ml-latest-small an embedding deviation of 0.0001 to 0.01 gives the same test GAUC within seed noise; 0.03 and 0.05 lose
about 0.001, 0.25 loses 0.004 (8 seeds).
"""

import argparse
import copy
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

import dataset
from dataset import Dataset
from ranking import gauc, pooled_auc


@dataclass(frozen=True)
class CloudSettings:
    """How the cloud model is built and trained; the defaults are those of pipelines/movielens.yaml."""

    dimension: int = 16
    hidden: tuple[int, ...] = (64, 32)
    embedding_sd: float = 0.01
    learning_rate: float = 1e-3
    batch: int = 512
    epochs: int = 20
    patience: int = 3  # epochs without a better validation GAUC before training stops
    dense_adam: bool = False  # Adam over whole tables in place of lazy SparseAdam
    dropout: float = 0.0


class DeepFM(nn.Module):
    """Logits [B] from item ids [B], genre ids [B, G] and genre counts [B]."""

    def __init__(self, items: int, genres: int, settings: CloudSettings):
        super().__init__()
        sparse = not settings.dense_adam
        self.item = _table(items, settings.dimension, settings.embedding_sd, sparse)
        self.genre = _table(genres, settings.dimension, settings.embedding_sd, sparse)
        self.item_weight = _table(items, 1, 0, sparse)
        self.genre_weight = _table(genres, 1, 0, sparse)
        self.bias = nn.Parameter(torch.zeros(()))
        layers: list[nn.Module] = []
        width = 2 * settings.dimension
        for units in settings.hidden:
            layers += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(settings.dropout)]
            width = units
        self.mlp = nn.Sequential(*layers, nn.Linear(width, 1))

    def forward(self, item: torch.Tensor, genres: torch.Tensor, genre_count: torch.Tensor) -> torch.Tensor:
        item_vector = self.item(item)
        genre_vector = self.genre(genres).sum(1) / genre_count[:, None]
        first_order = self.item_weight(item)[:, 0] + self.genre_weight(genres).sum((1, 2)) / genre_count
        second_order = (item_vector * genre_vector).sum(1)
        deep = self.mlp(torch.cat([item_vector, genre_vector], 1))[:, 0]
        return self.bias + first_order + second_order + deep

    def tables(self) -> list[nn.Parameter]:
        return [table.weight for table in (self.item, self.genre, self.item_weight, self.genre_weight)]

    def dense(self) -> list[nn.Parameter]:
        return [self.bias, *self.mlp.parameters()]

    @torch.no_grad()
    def score(self, data: Dataset, rows: torch.Tensor) -> np.ndarray:
        """Logits of the given rows, without dropout."""
        self.eval()
        return self(data.item[rows], data.genres[rows], data.genre_count[rows]).double().numpy()


def _table(rows: int, width: int, sd: float, sparse: bool) -> nn.Embedding:
    table = nn.Embedding(rows, width, padding_idx=0, sparse=sparse)
    with torch.no_grad():
        table.weight.normal_(0, sd)
        table.weight[0] = 0
    return table


def part_gauc(model: DeepFM, data: Dataset, part: str) -> float:
    rows = data.rows(part)
    return gauc(data.user[rows], data.label[rows].numpy(), model.score(data, rows))


def train(data: Dataset, settings: CloudSettings, seed: int) -> tuple[DeepFM, list[float]]:
    """The model at its best epoch by validation GAUC, and that GAUC after every epoch."""
    torch.manual_seed(seed)
    model = DeepFM(int(data.item.max()) + 1, int(data.genres.max()) + 1, settings)
    if settings.dense_adam:
        optimisers = [torch.optim.Adam(model.parameters(), lr=settings.learning_rate)]
    else:
        optimisers = [
            torch.optim.Adam(model.dense(), lr=settings.learning_rate),
            torch.optim.SparseAdam(model.tables(), lr=settings.learning_rate),
        ]
    train_rows = data.rows("train")
    history: list[float] = []
    best = copy.deepcopy(model.state_dict())
    for _ in range(settings.epochs):
        model.train()
        for rows in train_rows[torch.randperm(len(train_rows))].split(settings.batch):
            for optimiser in optimisers:
                optimiser.zero_grad()
            logits = model(data.item[rows], data.genres[rows], data.genre_count[rows])
            nn.functional.binary_cross_entropy_with_logits(logits, data.label[rows]).backward()
            for optimiser in optimisers:
                optimiser.step()
        history.append(part_gauc(model, data, "validation"))
        if history[-1] > max(history[:-1], default=0):
            best = copy.deepcopy(model.state_dict())
        elif len(history) - 1 - int(np.argmax(history)) >= settings.patience:
            break
    model.load_state_dict(best)
    return model, history


def item_mean(data: Dataset, prior_samples: float = 10) -> np.ndarray:
    """Smoothed train CTR of every row's item as a logit [N]: (k + m p) / (n + m); an unseen item scores p."""
    p = data.global_ctr()
    rows = data.rows("train")
    item = data.item.numpy()
    size = item.max() + 1
    samples = np.bincount(item[rows], minlength=size)
    clicks = np.bincount(item[rows], weights=data.label[rows].double().numpy(), minlength=size)
    ctr = (clicks + prior_samples * p) / (samples + prior_samples)
    return np.log(ctr / (1 - ctr))[item]


def main() -> None:
    parser = argparse.ArgumentParser(description="DeepFM in PyTorch on Plumbline's split: cloud GAUC a seed.")
    dataset.add_arguments(parser)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--compare", type=Path, metavar="RUN", help="a run folder: print its cloud GAUC beside ours")
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = dataset.load(options)
    rows = data.rows("test")
    user, label = data.user[rows], data.label[rows].numpy()

    print(f"{len(data.label)} samples, {data.users} users, global CTR {data.global_ctr():.6f}")
    print(f"item_mean         GAUC {gauc(user, label, item_mean(data)[rows]):.4f}")
    results = []
    for seed in options.seeds:
        model, history = train(data, CloudSettings(), seed)
        score = model.score(data, rows)
        results.append(gauc(user, label, score))
        print(
            f"cloud   seed {seed:<4d} GAUC {results[-1]:.4f}  AUC {pooled_auc(label, score):.4f}"
            f"  epoch {int(np.argmax(history)) + 1}/{len(history)}, validation GAUC {max(history):.4f}"
        )
    spread = np.std(results, ddof=1) if len(results) > 1 else 0.0
    print(f"cloud             GAUC {np.mean(results):.4f} +- {spread:.4f} over {len(results)} seeds")
    if options.compare:
        compare(results, options.compare)


def compare(results: list[float], run: Path) -> None:
    """Prints plumb's cloud GAUC beside PyTorch's; exits 1 if the means differ by more than seeds alone explain."""
    theirs = json.loads((run / "summary.json").read_text())["arms"]["cloud"]["gauc"]["values"]
    difference = np.mean(theirs) - np.mean(results)
    # Four standard errors of the difference of two means over seeds.
    noise = 4 * np.sqrt(np.var(results, ddof=1) / len(results) + np.var(theirs, ddof=1) / len(theirs))
    print(f"plumb             GAUC {np.mean(theirs):.4f} +- {np.std(theirs, ddof=1):.4f} over {len(theirs)} seeds")
    print(f"plumb - PyTorch        {difference:+.4f}, seed noise {noise:.4f}")
    if abs(difference) > noise:
        raise SystemExit("the means differ by more than seed noise")


if __name__ == "__main__":
    main()
