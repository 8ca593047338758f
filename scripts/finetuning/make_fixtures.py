#!/usr/bin/env python3
"""Writes the weights that Tests/FineTuningTests holds a user's tuned model against: PyTorch's, after two passes.

    python3 -m venv build/venv-models
    build/venv-models/bin/pip install -r scripts/models/requirements.txt      (CPU build of torch)
    build/venv-models/bin/python scripts/finetuning/make_fixtures.py Tests/FineTuningTests/Fixtures

For each of Wide & Deep, DeepFM and DIN (with Dice) two files. `NAME.model.safetensors` is the cloud model, a file such as `plumb
train` writes. `NAME.tuned.safetensors` holds, in float32 and int64:

| member | what |
| --- | --- |
| `FIELD` | a categorical or dense field's column of the user's 24 samples; a list's or history's is `FIELD.ids` and `FIELD.lengths` |
| `labels`, `weights` | a number a sample: its label, a real number, and the factor on its loss (one for each class) |
| `batches`, `batches.lengths` | the samples of each of the eight steps, end to end, and how many each has: the first 18 as plumb's shuffles with seed 11 bring them, five a step, twice |
| `OPTIMISER.PART.VARIANT.weights` | every learned parameter after the steps, end to end: tensors by name, as strings compare |
| `OPTIMISER.PART.VARIANT.logits` | the tuned model's logits of the last 6 samples, without the offset |

Optimisers: `sgd` at 0.5, `adam` at 0.01, `adagrad` at 0.05. Parts: `all`; `dense`, everything but tables; `embeddings`, tables alone;
`last-layer`, the last linear layer and the bias; `bias`. Variants: `plain`; `pull`, which adds 0.3 · (w - w_cloud) to each gradient,
of tables to the rows that the step's samples touch; `weighted`, by `weights`, the sum still over the number of samples; `offset`,
which adds 0.7 to the logit while training; `every`, these three at once. All five of `all`, `plain` and `every` of other parts.

Dice keeps its running statistics, which are the cloud's. Everything is computed in float64 and stored in float32. Same versions,
same bytes.
"""

import json
import sys
from pathlib import Path

import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "models"))
from make_fixtures import ARCHITECTURES, ROWS, clear_gradients, make_columns, make_model, save  # noqa: E402
from reference import Ragged, SplitMix64, build, is_table, take  # noqa: E402

TRAIN, BATCH, EPOCHS, SEED = 18, 5, 2, 11
PULL, OFFSET, CLASS_WEIGHTS = 0.3, 0.7, (0.6, 1.7)
VARIANTS = {"plain": set(), "pull": {"pull"}, "weighted": {"weights"}, "offset": {"offset"}, "every": {"pull", "weights", "offset"}}
PARTS = ["all", "dense", "embeddings", "last-layer", "bias"]
SIZES = {"embedding_dimension": 3, "hidden_sizes": [5, 2]}
USERS = {
    "wide-deep": ARCHITECTURES["wide-deep"] | SIZES,
    "deepfm": ARCHITECTURES["deepfm"] | SIZES,
    "din": ARCHITECTURES["din-dice"] | {"embedding_dimension": 2, "attention_sizes": [5], "hidden_sizes": [6, 4]},
}


def shuffled_batches():
    shuffler, order, batches = SplitMix64(SEED), list(range(TRAIN)), []
    for _ in range(EPOCHS):
        shuffler.shuffle(order)
        batches += [torch.tensor(order[start : start + BATCH]) for start in range(0, TRAIN, BATCH)]
    return batches


def moves(model, name, part):
    """Whether a step over the part moves the parameter."""
    last = f"mlp.{len(model.mlp) - 1}."
    return {
        "all": True,
        "dense": not is_table(model, name),
        "embeddings": is_table(model, name),
        "last-layer": name == "bias" or name.startswith(last),
        "bias": name == "bias",
    }[part]


def optimizers(kind, model, part):
    """PyTorch's, over the part's parameters; lazy in tables."""
    chosen = {name: p for name, p in model.named_parameters() if moves(model, name, part)}
    dense = [p for name, p in chosen.items() if not is_table(model, name)]
    tables = [p for name, p in chosen.items() if is_table(model, name)]
    optim = torch.optim
    if kind == "adam":
        made = [(dense, optim.Adam, 0.01), (tables, optim.SparseAdam, 0.01)]
    else:
        method, rate = {"sgd": (optim.SGD, 0.5), "adagrad": (optim.Adagrad, 0.05)}[kind]
        made = [(dense, method, rate), (tables, method, rate)]
    return [method(parameters, lr=rate) for parameters, method, rate in made if parameters]


def add_pull(model, cloud):
    """The gradient of PULL / 2 · ‖w - w_cloud‖² over all dense parameters and the tables' rows that have a gradient."""
    for name, p in model.named_parameters():
        away = p.detach() - cloud[name]
        if is_table(model, name):
            gradient = p.grad.coalesce()
            (ids,) = gradient.indices()
            p.grad = torch.sparse_coo_tensor(ids[None], gradient.values() + PULL * away[ids], p.shape)
        else:
            p.grad += PULL * away


def tuned(architecture, cloud, columns, labels, weights, kind, part, variant):
    """The expected weights and test logits."""
    model = build(architecture, sparse=True)
    model.load_state_dict(cloud)
    model.eval()
    steppers = optimizers(kind, model, part)
    for rows in shuffled_batches():
        clear_gradients(model)
        logits = model(take(columns, rows)) + (OFFSET if "offset" in variant else 0)
        weight = weights[rows] if "weights" in variant else None
        F.binary_cross_entropy_with_logits(logits, labels[rows], weight=weight).backward()
        if "pull" in variant:
            add_pull(model, cloud)
        for stepper in steppers:
            stepper.step()
    for name, p in model.named_parameters():
        assert moves(model, name, part) or torch.equal(p, cloud[name]), name
    logits = model(take(columns, torch.arange(TRAIN, ROWS)))
    return torch.cat([p.detach().flatten() for _, p in sorted(model.named_parameters())]), logits


def make(architecture, seed):
    torch.manual_seed(seed)
    columns = make_columns(architecture["fields"])
    labels = (torch.rand(ROWS) * 1.4 - 0.2).float().double()
    weights = torch.where(labels > 0.5, CLASS_WEIGHTS[1], CLASS_WEIGHTS[0]).float().double()
    cloud = {name: tensor.clone() for name, tensor in make_model(architecture).state_dict().items()}
    batches = shuffled_batches()
    out = {"labels": labels, "weights": weights, "batches": torch.cat(batches)}
    out["batches.lengths"] = torch.tensor([len(rows) for rows in batches])
    for name, column in columns.items():
        out |= {f"{name}.ids": column.ids, f"{name}.lengths": column.lengths} if isinstance(column, Ragged) else {name: column}
    for kind in ["sgd", "adam", "adagrad"]:
        for part in PARTS:
            for variant, what in VARIANTS.items():
                if part == "all" or variant in ("plain", "every"):
                    made = tuned(architecture, cloud, columns, labels, weights, kind, part, what)
                    out |= dict(zip([f"{kind}.{part}.{variant}.weights", f"{kind}.{part}.{variant}.logits"], made))
    return cloud, out


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_fixtures.py FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    torch.sparse.check_sparse_tensor_invariants.disable()
    for seed, (name, architecture) in enumerate(USERS.items(), start=102):
        cloud, expected = make(architecture, seed)
        save(folder / f"{name}.model.safetensors", cloud, {"plumb.architecture": json.dumps(architecture)})
        save(folder / f"{name}.tuned.safetensors", expected)


if __name__ == "__main__":
    main()
