#!/usr/bin/env python3
"""Writes the tensors that Tests/CTRModelsTests compares with: PyTorch's logits, losses, gradients and weights after 10 steps.

    python3 -m venv build/venv-models
    build/venv-models/bin/pip install -r scripts/models/requirements.txt      (CPU build of torch)
    build/venv-models/bin/python scripts/models/make_fixtures.py Tests/CTRModelsTests/Fixtures

For each model, and for some also with other activations, two files. `NAME.model.safetensors` is a model file such as `plumb
train` writes. `NAME.expected.safetensors` holds, in float32 and int64:

| member | what |
| --- | --- |
| `FIELD` | a categorical or dense field's column; a list's or history's is `FIELD.ids` and `FIELD.lengths` |
| `labels`, `weights`, `batches` | a number a row; the rows of each of the ten steps |
| `logits`, `loss`, `loss.weighted` | of all rows, with running statistics and no dropout |
| `gradient.PARAMETER` | of `loss.weighted`, likewise |
| `training.…` | for models with Dice or dropout the same with the batch's statistics and step 0's dropout; `training.BUFFER` after it |
| `sgd.…`, `adam.…`, `adagrad.…` | every parameter and buffer after the ten steps, in training, unweighted |
| `dropout.seed` | of models with dropout; the ten steps are steps 0 to 9 |
| `sgd-decay.…`, `adam-decay.…`, `adagrad-decay.…` | the same with weight decay; in tables it touches the batch's rows only |

`loss.expected.safetensors` holds `logits`, `labels`, `weights`, `loss`, `loss.weighted` and the losses' `gradient` and
`gradient.weighted` by the logits, some of which are very large.

Everything is computed in float64 and stored in float32, so that the tolerances of the tests measure only our own rounding.
Same versions, same bytes. The models are first held against finite differences and PyTorch's own modules: check_reference.py.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn import functional as F

import check_reference
from reference import Dropout, Ragged, build, is_table, take

ROWS, BATCH, STEPS = 24, 8, 10
LARGEST_BYTES = 60_000
RATES = {"sgd": 0.1, "adam": 0.01, "adagrad": 0.05}
WEIGHT_DECAY = 0.01
DROPOUT_SEED = 7

ITEM = {"name": "item", "kind": "categorical", "rows": 12}
GENRES = {"name": "genres", "kind": "multivalued", "rows": 7}
TAGS = {"name": "tags", "kind": "multivalued", "rows": 9, "pooling": "sum"}
AGE = {"name": "age", "kind": "dense", "rows": 0}
USER = {"name": "user", "kind": "categorical", "rows": 5}
CATEGORY = {"name": "category", "kind": "categorical", "rows": 6}
BRAND = {"name": "brand", "kind": "categorical", "rows": 4}


def history(of):
    return {"name": f"history_{of['name']}", "kind": "history", "rows": 0, "of": of["name"]}


# No size is a multiple of a SIMD width, so the kernels' tails are used; most are larger than one.
FIELDS = [ITEM, GENRES, AGE, USER]
MORE_FIELDS = [ITEM, GENRES, TAGS, AGE, USER]
DEEPFM = {"kind": "deepfm", "fields": FIELDS, "embedding_dimension": 11, "hidden_sizes": [13, 6]}
DIN = {
    "kind": "din",
    "fields": [ITEM, CATEGORY, TAGS, AGE, history(ITEM), history(CATEGORY)],
    "embedding_dimension": 5,
    "hidden_sizes": [11, 5],
    "attention_sizes": [9, 3],
}
ARCHITECTURES = {
    "lr": {"kind": "lr", "fields": FIELDS, "embedding_dimension": 0, "hidden_sizes": []},
    "deepfm": DEEPFM,
    "deepfm-prelu": DEEPFM | {"activation": "prelu"},
    "deepfm-dice": DEEPFM | {"activation": "dice", "hidden_sizes": [9, 5]},
    "fm": {"kind": "fm", "fields": MORE_FIELDS, "embedding_dimension": 11, "hidden_sizes": []},
    "wide-deep": {"kind": "wide-deep", "fields": MORE_FIELDS, "embedding_dimension": 9, "hidden_sizes": [11, 3]},
    "pnn": {"kind": "pnn", "fields": MORE_FIELDS, "embedding_dimension": 9, "hidden_sizes": [10, 7]},
    "dcn-v2": {
        "kind": "dcn-v2", "fields": MORE_FIELDS, "embedding_dimension": 3, "hidden_sizes": [9, 5], "cross_layers": 2,
    },
    "din": DIN,
    "din-prelu": DIN | {"activation": "prelu"},
    "din-dice": DIN | {"activation": "dice", "hidden_sizes": [9, 3], "attention_sizes": [7]},
    "dien": {
        "kind": "dien",
        "fields": [ITEM, CATEGORY, AGE, BRAND, history(ITEM), history(BRAND), history(CATEGORY)],
        "embedding_dimension": 3,
        "hidden_sizes": [9],
    },
    "deepfm-dropout": DEEPFM | {"dropout": 0.3},
}  # fmt: skip


def lists(rows, longest):
    """Empty lists, lists of unseen ids, of one id twice, of known ids beside unknown ones."""
    made = [torch.randint(0, rows + 1, (int(n),)).tolist() for n in torch.randint(0, longest + 1, (ROWS,))]
    made[:5] = [[], [0], [3, 3, 5], [rows, 2], [0, 6]]
    return Ragged(torch.tensor([i for ids in made for i in ids]), torch.tensor([len(ids) for ids in made]))


# Rows 0 to 4 and 14 have none: `batches` makes a batch of such rows.
HISTORY_LENGTHS = torch.tensor([0, 0, 0, 0, 0, 1, 1, 23, 2, 3, 4, 5, 2, 8, 0, 3, 1, 7, 2, 4, 11, 1, 3, 6])
EMPTY_HISTORIES = torch.tensor([0, 3, 1, 14, 4, 2, 3, 14])


def make_columns(fields):
    """Ids repeat within a batch and within a history; some are 0 or beyond the table, in places of their own a field."""
    columns = {}
    for field in fields:
        name, rows = field["name"], field["rows"]
        if field["kind"] == "categorical":
            column = torch.randint(0, rows + 2, (ROWS,))
            column[:3] = torch.tensor([0, rows + 1, min(4, rows - 1)])
        elif field["kind"] == "multivalued":
            column = lists(rows, 4)
        elif field["kind"] == "dense":
            column = torch.randn(ROWS).float().double()
        else:
            table = next(other["rows"] for other in fields if other["name"] == field["of"])
            ids = torch.randint(0, table + 1, (int(HISTORY_LENGTHS.sum()),))
            first_long = int(HISTORY_LENGTHS[:7].sum())
            ids[first_long : first_long + 3] = 2  # thrice in a row, and again
            ids[first_long + 20] = 2
            column = Ragged(ids, HISTORY_LENGTHS)
        columns[name] = column
    return columns


def make_batches(fields):
    """Row 5 stands twice in each batch; one batch has only empty histories."""
    batches = torch.stack([torch.cat([torch.tensor([5, 5]), torch.randperm(ROWS)[: BATCH - 2]]) for _ in range(STEPS)])
    if any(field["kind"] == "history" for field in fields):
        batches[4] = EMPTY_HISTORIES
    return batches


def make_model(architecture):
    """Numbers of order 1, which float32 holds exactly: both sides start from the same ones."""
    model = build(architecture, sparse=True)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name.startswith("fields.") or name == "bias":
                tensor.normal_(0, 0.5)
            elif name.endswith("running_var"):
                tensor.uniform_(0.3, 2)
            elif name.endswith(("running_mean", "alpha")):
                tensor.normal_(0, 0.3)
            elif tensor.ndim == 1 and f"{name[: -len('weight')]}bias" not in model.state_dict() and name.endswith("weight"):
                tensor.uniform_(-0.1, 0.6)  # PReLU's slopes
            elif name.startswith("cross."):
                tensor.uniform_(-0.4, 0.4)
            else:
                bound = tensor.shape[-1] ** -0.5 if tensor.ndim == 2 else 0.4
                tensor.uniform_(-bound, bound)
            if is_table(model, name):
                tensor[0] = 0
            tensor.copy_(tensor.float().double())
    return model


def loss_of(model, columns, labels, weights=None):
    return F.binary_cross_entropy_with_logits(model(columns), labels, weight=weights)


def passes(model, columns, labels, weights):
    """Logits, losses and gradients of all rows, in the model's present mode."""
    out = {"logits": model(columns).detach()}
    for name, weight in [("loss", None), ("loss.weighted", weights)]:
        model.zero_grad()
        loss = loss_of(model, columns, labels, weight)
        loss.backward()
        out[name] = loss.detach().reshape(1)
    return out | {f"gradient.{name}": p.grad.to_dense() for name, p in model.named_parameters()}


def optimizers(kind, model, decay):
    """PyTorch's; weight decay of tables is not theirs, see `decay_rows`."""
    dense = [p for name, p in model.named_parameters() if not is_table(model, name)]
    tables = [p for name, p in model.named_parameters() if is_table(model, name)]
    rate = RATES[kind]
    if kind == "sgd":
        return [torch.optim.SGD(dense, lr=rate, weight_decay=decay), torch.optim.SGD(tables, lr=rate)]
    if kind == "adam":
        return [torch.optim.Adam(dense, lr=rate, weight_decay=decay), torch.optim.SparseAdam(tables, lr=rate)]
    return [torch.optim.Adagrad(dense, lr=rate, weight_decay=decay), torch.optim.Adagrad(tables, lr=rate)]


def decay_rows(model, decay):
    """Adds λ·p to the gradients of the rows that the batch touched."""
    for name, table in model.named_parameters():
        if is_table(model, name):
            gradient = table.grad.coalesce()
            (ids,) = gradient.indices()
            values = gradient.values() + decay * table.detach()[ids]
            table.grad = torch.sparse_coo_tensor(ids[None], values, table.shape)


def clear_gradients(model):
    """Zeros for dense parameters, also for those that a batch without any history does not reach: they go on by their momentum
    and decay, where PyTorch's optimisers would leave out a parameter without gradient."""
    for name, p in model.named_parameters():
        p.grad = None if is_table(model, name) else torch.zeros_like(p)


def after_steps(kind, decay, model, columns, labels, batches):
    steppers = optimizers(kind, model, decay)
    model.train()
    for step, rows in enumerate(batches):
        if model.architecture.get("dropout"):
            model.mlp.dropout.step = step
        clear_gradients(model)
        loss_of(model, take(columns, rows), labels[rows]).backward()
        if decay:
            decay_rows(model, decay)
        for stepper in steppers:
            stepper.step()
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def make(architecture, seed):
    torch.manual_seed(seed)
    fields = architecture["fields"]
    columns, batches = make_columns(fields), make_batches(fields)
    labels = (torch.rand(ROWS) * 1.4 - 0.2).float().double()
    labels[:6] = torch.tensor([0.0, 1.0, 1.0, 0.0, 0.5, 1.0])
    weights = (torch.rand(ROWS) * 3).float().double()
    model = make_model(architecture)
    check_reference.check_model(model, columns)
    if share := architecture.get("dropout"):
        model.mlp.dropout = Dropout(share, DROPOUT_SEED)
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    out = {"labels": labels, "weights": weights, "batches": batches}
    if "dropout" in architecture:
        out["dropout.seed"] = torch.tensor([DROPOUT_SEED])
    for name, column in columns.items():
        if isinstance(column, Ragged):
            out |= {f"{name}.ids": column.ids, f"{name}.lengths": column.lengths}
        else:
            out[name] = column
    out |= passes(model.eval(), columns, labels, weights)
    if list(model.buffers()) or "dropout" in architecture:
        # Three passes; the statistics move with each, so the buffers are told after one alone.
        made = passes(model.train(), columns, labels, weights)
        model.load_state_dict(start)
        model(columns)
        out |= {f"training.{name}": tensor for name, tensor in made.items()}
        out |= {f"training.{name}": tensor.clone() for name, tensor in model.named_buffers()}
    for kind in RATES:
        for suffix, decay in [("", 0.0), ("-decay", WEIGHT_DECAY)]:
            model.load_state_dict(start)
            result = after_steps(kind, decay, model, columns, labels, batches)
            out |= {f"{kind}{suffix}.{name}": tensor for name, tensor in result.items()}
    return start, out


def make_loss():
    """Logits as large as float32's sigmoid and exponential do not bear, with labels on both sides and outside of [0, 1]."""
    logits = torch.tensor([0.0, 0.5, -3.25, 20.0, -20.0, 100.0, 100.0, -100.0, -100.0, 1000.0, -1000.0, 88.75, -104.0])
    labels = torch.tensor([0.5, 1.0, 0.0, 0.25, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, -0.125, 1.25])
    weights = torch.tensor([1.0, 0.5, 2.0, 0.0, 1.0, 0.25, 3.0, 1.0, 0.5, 1.5, 1.0, 0.125, 2.0])
    out = {"logits": logits.clone(), "labels": labels, "weights": weights}
    logits.requires_grad_()
    for suffix, weight in [("", None), (".weighted", weights)]:
        loss = F.binary_cross_entropy_with_logits(logits, labels, weight=weight)
        out[f"loss{suffix}"] = loss.detach().reshape(1)
        (out[f"gradient{suffix}"],) = torch.autograd.grad(loss, logits)
    return out


def stored(tensors):
    return {
        name: (t.float() if t.is_floating_point() else t).detach().clone().contiguous() for name, t in tensors.items()
    }


def save(path, tensors, metadata=None):
    save_file(stored(tensors), path, metadata)
    if path.stat().st_size > LARGEST_BYTES:
        sys.exit(f"{path}: {path.stat().st_size} bytes, which is too large to keep in the repository")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_fixtures.py FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    torch.sparse.check_sparse_tensor_invariants.disable()
    check_reference.check_layers()
    for seed, (name, architecture) in enumerate(ARCHITECTURES.items(), start=1):
        start, expected = make(architecture, seed)
        save(folder / f"{name}.model.safetensors", start, {"plumb.architecture": json.dumps(architecture)})
        save(folder / f"{name}.expected.safetensors", expected)
    save(folder / "loss.expected.safetensors", make_loss())


if __name__ == "__main__":
    main()
