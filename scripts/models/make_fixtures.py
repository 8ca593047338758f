#!/usr/bin/env python3
"""Writes the tensors that Tests/CTRModelsTests compares with: PyTorch's logits, losses, gradients and weights after 10 steps.

    python3 -m venv build/venv-models
    build/venv-models/bin/pip install torch==2.13.0 numpy==2.4.6 safetensors==0.8.0      (CPU build of torch)
    build/venv-models/bin/python scripts/models/make_fixtures.py Tests/CTRModelsTests/Fixtures

For each model two files: `<model>.model.safetensors` is a model file such as `plumb train` writes; `<model>.expected.safetensors`
holds the samples and what PyTorch makes of them. Everything is computed in float64 and stored in float32, so that the
tolerances of the tests measure only our own rounding. Same versions, same bytes.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

ROWS, BATCH, STEPS = 24, 8, 10
FIELDS = [
    {"name": "item", "kind": "categorical", "rows": 12},
    {"name": "genres", "kind": "multivalued", "rows": 7},
    {"name": "age", "kind": "dense", "rows": 0},
    {"name": "user", "kind": "categorical", "rows": 5},
]
ARCHITECTURES = {
    "lr": {"kind": "lr", "fields": FIELDS, "embedding_dimension": 0, "hidden_sizes": []},
    # No size is a multiple of a SIMD width, so the kernels' tails are used.
    "deepfm": {"kind": "deepfm", "fields": FIELDS, "embedding_dimension": 11, "hidden_sizes": [13, 6]},
}


class Field(nn.Module):
    """A field's table: its embeddings and first-order weights; row 0 is zeros."""

    def __init__(self, field, dimension):
        super().__init__()
        rows = field["rows"] or 1
        if dimension:
            self.embedding = nn.Parameter(torch.randn(rows, dimension) * 0.5)
        self.weight = nn.Parameter(torch.randn(rows, 1) * 0.5)
        if field["kind"] != "dense":
            for table in self.parameters():
                table.data[0] = 0

    def forward(self, kind, column):
        """What one row contributes for each of the field's tables: [rows, width] each."""
        return {name: self.look_up(kind, column, table) for name, table in self.named_parameters()}

    @staticmethod
    def look_up(kind, column, table):
        if kind == "dense":
            return column[:, None] * table
        if kind == "categorical":
            return F.embedding(known(column, table), table, padding_idx=0, sparse=True)
        lengths = torch.tensor([len(ids) for ids in column])
        offsets = torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)[:-1]])
        ids = known(torch.tensor([i for ids in column for i in ids], dtype=torch.int64), table)
        return F.embedding_bag(ids, table, offsets, mode="mean", padding_idx=0, sparse=True)


def known(ids, table):
    """Ids that the table does not have are missing: 0."""
    return torch.where(ids < len(table), ids, 0)


class Model(nn.Module):
    """LR, or DeepFM as in arXiv 1703.04247, by the architecture's kind."""

    def __init__(self, architecture):
        super().__init__()
        dimension = architecture["embedding_dimension"]
        self.bias = nn.Parameter(torch.randn(1) * 0.5)
        self.fields = nn.ModuleDict({f["name"]: Field(f, dimension) for f in FIELDS})
        if architecture["kind"] == "deepfm":
            sizes = [len(FIELDS) * dimension, *architecture["hidden_sizes"]]
            layers = []
            for inputs, outputs in zip(sizes, sizes[1:]):
                layers += [nn.Linear(inputs, outputs), nn.ReLU()]
            self.mlp = nn.Sequential(*layers, nn.Linear(sizes[-1], 1, bias=False))

    def forward(self, columns):
        looked_up = [self.fields[f["name"]](f["kind"], columns[f["name"]]) for f in FIELDS]
        logits = self.bias + sum(tables["weight"][:, 0] for tables in looked_up)
        if hasattr(self, "mlp"):
            embeddings = torch.stack([tables["embedding"] for tables in looked_up], dim=1)
            pairs = embeddings.sum(1).square() - embeddings.square().sum(1)
            logits = logits + pairs.sum(1) / 2 + self.mlp(embeddings.flatten(1))[:, 0]
        return logits


def make_samples():
    """Ids repeat within a batch, some are 0 or beyond the table, some lists are empty or hold such ids or one id twice."""
    item = torch.randint(0, 14, (ROWS,))
    item[:3] = torch.tensor([0, 13, 4])
    user = torch.randint(0, 5, (ROWS,))
    genres = [torch.randint(0, 8, (int(n),)).tolist() for n in torch.randint(0, 5, (ROWS,))]
    genres[:5] = [[], [0], [3, 3, 5], [7, 2], [0, 6]]
    columns = {"item": item, "genres": genres, "age": torch.randn(ROWS).float().double(), "user": user}
    labels = torch.rand(ROWS) * 1.4 - 0.2
    labels[:6] = torch.tensor([0.0, 1.0, 1.0, 0.0, 0.5, 1.0])
    return columns, labels.float().double(), (torch.rand(ROWS) * 3).float().double()


def take(columns, rows):
    return {
        name: [column[i] for i in rows.tolist()] if isinstance(column, list) else column[rows]
        for name, column in columns.items()
    }


def is_table(name):
    return any(name.startswith(f"fields.{f['name']}.") for f in FIELDS if f["kind"] != "dense")


def optimizers(kind, model):
    dense = [p for name, p in model.named_parameters() if not is_table(name)]
    tables = [p for name, p in model.named_parameters() if is_table(name)]
    if kind == "sgd":
        return [torch.optim.SGD(dense + tables, lr=0.1)]
    if kind == "adam":
        return [torch.optim.Adam(dense, lr=0.01), torch.optim.SparseAdam(tables, lr=0.01)]
    return [torch.optim.Adagrad(dense + tables, lr=0.05)]


def make(architecture, seed):
    torch.manual_seed(seed)
    columns, labels, weights = make_samples()
    model = Model(architecture)
    # Numbers that float32 holds exactly: both sides start from the same ones.
    for p in model.parameters():
        p.data = p.data.float().double()
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    out = {"labels": labels, "weights": weights}
    out["item"], out["user"], out["age"] = columns["item"], columns["user"], columns["age"]
    out["genres.ids"] = torch.tensor([i for ids in columns["genres"] for i in ids], dtype=torch.int64)
    out["genres.lengths"] = torch.tensor([len(ids) for ids in columns["genres"]])

    out["logits"] = model(columns).detach()
    for name, weight in [("loss", None), ("loss.weighted", weights)]:
        model.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(columns), labels, weight=weight)
        loss.backward()
        out[name] = loss.detach().reshape(1)
    for name, p in model.named_parameters():
        out[f"gradient.{name}"] = p.grad.to_dense()

    # Row 5 stands twice in each batch.
    batches = torch.stack([torch.cat([torch.tensor([5, 5]), torch.randperm(ROWS)[: BATCH - 2]]) for _ in range(STEPS)])
    out["batches"] = batches
    for kind in ["sgd", "adam", "adagrad"]:
        model.load_state_dict(start)
        steppers = optimizers(kind, model)
        for rows in batches:
            model.zero_grad()
            F.binary_cross_entropy_with_logits(model(take(columns, rows)), labels[rows]).backward()
            for stepper in steppers:
                stepper.step()
        for name, p in model.named_parameters():
            out[f"{kind}.{name}"] = p.detach().clone()
    return start, out


def stored(tensors):
    return {
        name: (t.float() if t.is_floating_point() else t).detach().contiguous() for name, t in tensors.items()
    }


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_fixtures.py FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    torch.sparse.check_sparse_tensor_invariants.disable()
    for seed, (name, architecture) in enumerate(ARCHITECTURES.items(), start=1):
        start, expected = make(architecture, seed)
        metadata = {"plumb.architecture": json.dumps(architecture)}
        save_file(stored(start), folder / f"{name}.model.safetensors", metadata)
        save_file(stored(expected), folder / f"{name}.expected.safetensors")


if __name__ == "__main__":
    main()
