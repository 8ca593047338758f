"""Trains one of the reference models (scripts/models/reference) on a store by `plumb train`'s schedule, in PyTorch.

    python zoo.py STORE --architecture '{"kind": "din", …}' --seed 1 -o result.json

The best pass by validation GAUC is kept. Adam is lazy in the tables (torch.optim.SparseAdam), as plumb's is.
"""

import argparse
import copy
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "models"))

import samples
from ranking import gauc, pooled_auc
from reference import build, is_table, start, take
from samples import Samples

SCORED_ROWS = 8192


@dataclass(frozen=True)
class Schedule:
    """That of pipelines/movielens.yaml."""

    learning_rate: float = 1e-3
    batch: int = 512
    epochs: int = 20
    patience: int = 3  # passes without a better validation GAUC before training stops


def fields_of(data: Samples, kind: str) -> list[dict]:
    """What a model sees: all features, and the histories if it has a use for them."""
    return [field for field in data.fields if kind in ("din", "dien") or field["kind"] != "history"]


@torch.no_grad()
def score(model: torch.nn.Module, data: Samples, part: str) -> np.ndarray:
    model.eval()
    parts = [model(take(data.columns, rows)) for rows in data.rows(part).split(SCORED_ROWS)]
    return torch.cat(parts).double().numpy()


def ranking_of(data: Samples, part: str, logits: np.ndarray) -> dict[str, float]:
    rows = data.rows(part)
    user, label = data.user[rows], data.label[rows].numpy()
    return {"auc": pooled_auc(label, logits), "gauc": gauc(user, label, logits)}


def train(data: Samples, architecture: dict, schedule: Schedule, seed: int) -> tuple[torch.nn.Module, list[float]]:
    """The model at its best pass, and validation GAUC after every pass."""
    torch.manual_seed(seed)
    model = build(architecture, sparse=True)
    start(model)
    tables = [p for name, p in model.named_parameters() if is_table(model, name)]
    others = [p for name, p in model.named_parameters() if not is_table(model, name)]
    optimizers = [
        torch.optim.Adam(others, lr=schedule.learning_rate),
        torch.optim.SparseAdam(tables, lr=schedule.learning_rate),
    ]
    train_rows = data.rows("train")
    history: list[float] = []
    best = copy.deepcopy(model.state_dict())
    for _ in range(schedule.epochs):
        model.train()
        for rows in train_rows[torch.randperm(len(train_rows))].split(schedule.batch):
            model.zero_grad()
            F.binary_cross_entropy_with_logits(model(take(data.columns, rows)), data.label[rows]).backward()
            for optimizer in optimizers:
                optimizer.step()
        history.append(ranking_of(data, "validation", score(model, data, "validation"))["gauc"])
        if history[-1] > max(history[:-1], default=0):
            best = copy.deepcopy(model.state_dict())
        elif len(history) - 1 - int(np.argmax(history)) >= schedule.patience:
            break
    model.load_state_dict(best)
    return model, history


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--architecture", type=json.loads, required=True, help="JSON, without fields: those are the store's")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--epochs", type=int, default=Schedule.epochs)
    parser.add_argument("-o", "--output", required=True, help="a file a seed; {seed} stands for the seed")
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = samples.read(options.store)
    architecture = options.architecture | {"fields": fields_of(data, options.architecture["kind"])}
    for seed in options.seeds:
        began = time.perf_counter()
        model, history = train(data, architecture, Schedule(epochs=options.epochs), seed)
        result = {
            "settings": options.architecture,
            "seed": seed,
            "store": data.fingerprint,
            "passes": len(history),
            "best_pass": int(np.argmax(history)) + 1,
            "seconds": round(time.perf_counter() - began, 1),
            **{part: ranking_of(data, part, score(model, data, part)) for part in ("validation", "test")},
        }
        Path(options.output.format(seed=seed)).write_text(json.dumps(result) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
