"""The training benchmark's models in PyTorch, as one would write them for speed, on the samples of plumb's store.

    python Benchmarks/train_peers.py peak --threads 2 -o peak.json
    python Benchmarks/train_peers.py time STORE --model din --weights start.safetensors --optimizer sparse-adam \\
        --style plain --batch 256 --steps 100 --threads 2 -o out.json
    python Benchmarks/train_peers.py check STORE --model din --weights start.safetensors --trained trained.safetensors --steps 5 \\
        -o out.json

In two styles. `plain`: a table a field and optimisers by their defaults, as CTR libraries and tutorials have it. `tuned`: all
fields in one table, and fused steps. Histories are padded to 50 and masked in both. The clock sees steps alone: gathering a batch out
of tensors in memory, forward, backward, step.
"""

import argparse
import json
import pathlib
import time

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional as F

FIELDS = {"deepfm": ["item", "category", "shop", "city", "hour"], "din": ["item", "category"]}
HISTORY = 50
LEARNING_RATE = 1e-3
WARM_UP_STEPS = 5


class Store:
    """The train samples of a store, users and times in its order: `ids` [N, F], `labels` [N] and, for DIN, `histories`
    [N, 50, F], 0 behind a history's end, and their `lengths` [N]."""

    def __init__(self, folder: pathlib.Path, model: str):
        paths = sorted(folder.glob("bucket-*.arrows"))
        table = pa.concat_tables(pa.ipc.open_stream(path).read_all().unify_dictionaries() for path in paths)
        fields = FIELDS[model]
        if table["part"].cast(pa.string()).unique().to_pylist() != ["train"]:
            raise SystemExit(f"{folder}: samples that are no train samples")
        ids = np.stack([table[name].to_numpy() for name in fields], axis=1).astype(np.int64)
        labels = table["label"].to_numpy().astype(np.float32)
        self.ids, self.labels = torch.from_numpy(ids), torch.from_numpy(labels)
        if model == "din":
            histories, lengths = histories_of(
                table["user"].to_numpy(), table["time"].cast(pa.int64()).to_numpy(), labels, ids
            )
            self.histories, self.lengths = torch.from_numpy(histories), torch.from_numpy(lengths)


def histories_of(user, time, labels, ids) -> tuple[np.ndarray, np.ndarray]:
    """For each sample the ids of its user's last 50 positives strictly earlier in time, oldest first: docs/pipeline-file.md."""
    histories = np.zeros((len(user), HISTORY, ids.shape[1]), dtype=np.int64)
    lengths = np.zeros(len(user), dtype=np.int64)
    starts = np.flatnonzero(np.diff(user, prepend=user[0] - 1))
    for first, end in zip(starts, [*starts[1:], len(user)]):
        positives = first + np.flatnonzero(labels[first:end] == 1)
        earlier = np.searchsorted(time[positives], time[first:end], side="left")
        for row, count in zip(range(first, end), earlier):
            seen = positives[max(count - HISTORY, 0) : count]
            histories[row, : len(seen)] = ids[seen]
            lengths[row] = len(seen)
    return histories, lengths


class Weights:
    """A model file of plumb's: what PyTorch starts with, or should come to."""

    def __init__(self, path: str, model: str):
        with safe_open(path, framework="pt") as file:
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}
        self.fields = FIELDS[model]

    def tables(self, which: str) -> list[Tensor]:
        """A table a field."""
        return [self.tensors[f"fields.{name}.{which}"] for name in self.fields]

    def network(self, name: str) -> nn.Sequential:
        """Linear layers with ReLU between, as they are named in the file."""
        layers: list[nn.Module] = []
        while (weight := self.tensors.get(f"{name}.{len(layers)}.weight")) is not None:
            bias = self.tensors.get(f"{name}.{len(layers)}.bias")
            linear = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
            linear.load_state_dict({"weight": weight} | ({} if bias is None else {"bias": bias}))
            layers += [linear, nn.ReLU()]
        return nn.Sequential(*layers[:-1])


class PlainTables(nn.Module):
    """ids [..., F] → embeddings [..., F, d], a table a field: as CTR libraries do it."""

    def __init__(self, tables: list[Tensor], sparse: bool):
        super().__init__()
        self.tables = nn.ModuleList(
            nn.Embedding.from_pretrained(table.clone(), freeze=False, sparse=sparse, padding_idx=0) for table in tables
        )

    def forward(self, ids):
        return torch.stack([table(ids[..., field]) for field, table in enumerate(self.tables)], dim=-2)

    def values(self) -> Tensor:
        return torch.cat([table.weight for table in self.tables])


class OneTable(nn.Module):
    """The same, all fields' rows in one table, so that one lookup, and one step of the optimiser, serves all."""

    def __init__(self, tables: list[Tensor], sparse: bool):
        super().__init__()
        rows = torch.tensor([len(table) for table in tables])
        self.register_buffer("offsets", rows.cumsum(0) - rows)
        self.table = nn.Embedding.from_pretrained(torch.cat(tables), freeze=False, sparse=sparse)

    def forward(self, ids):
        return self.table(ids + self.offsets)

    def values(self) -> Tensor:
        return self.table.weight


STYLES = {"plain": PlainTables, "tuned": OneTable}


class DeepFM(nn.Module):
    """Guo et al. 2017 (arXiv 1703.04247)."""

    def __init__(self, weights: Weights, style: str, sparse: bool):
        super().__init__()
        self.bias = nn.Parameter(weights.tensors["bias"].clone())
        self.embedding = STYLES[style](weights.tables("embedding"), sparse)
        self.weight = STYLES[style](weights.tables("weight"), sparse)
        self.mlp = weights.network("mlp")

    def forward(self, ids):
        e = self.embedding(ids)
        pairs = (e.sum(1).square() - e.square().sum(1)).sum(1) / 2
        return self.bias + self.weight(ids).sum((1, 2)) + pairs + self.mlp(e.flatten(1))[:, 0]

    def learned(self) -> dict[str, Tensor]:
        """Parameters, named alike in any style."""
        tables = {"bias": self.bias, "embedding": self.embedding.values(), "weight": self.weight.values()}
        return tables | after_network("mlp", self.mlp)


class DIN(nn.Module):
    """Zhou et al. 2018 (arXiv 1706.06978). A history looks up in the same tables as its target."""

    def __init__(self, weights: Weights, style: str, sparse: bool):
        super().__init__()
        self.bias = nn.Parameter(weights.tensors["bias"].clone())
        self.embedding = STYLES[style](weights.tables("embedding"), sparse)
        self.attention = weights.network("attention")
        self.mlp = weights.network("mlp")

    def forward(self, ids, histories, lengths):
        x = self.embedding(ids).flatten(1)  # [B, K], which is also the attention's query
        k = self.embedding(histories).flatten(2)  # [B, T, K]
        q = x[:, None].expand_as(k)
        a = self.attention(torch.cat([q, k, q - k, q * k], dim=-1))[:, :, 0]
        a = a * (torch.arange(k.shape[1]) < lengths[:, None])
        interest = torch.bmm(a[:, None], k)[:, 0]
        return self.bias + self.mlp(torch.cat([x, interest], dim=1))[:, 0]

    def learned(self) -> dict[str, Tensor]:
        """Parameters, named alike in any style."""
        tables = {"bias": self.bias, "embedding": self.embedding.values()}
        return tables | after_network("attention", self.attention) | after_network("mlp", self.mlp)


def after_network(name: str, network: nn.Sequential) -> dict[str, Tensor]:
    return {f"{name}.{key}": value for key, value in network.named_parameters()}


MODELS = {"deepfm": DeepFM, "din": DIN}


def batch_of(store: Store, model: nn.Module, rows: Tensor) -> tuple[Tensor, ...]:
    if isinstance(model, DIN):
        return store.ids[rows], store.histories[rows], store.lengths[rows]
    return (store.ids[rows],)


def optimizers_of(model: nn.Module, kind: str, style: str) -> list[torch.optim.Optimizer]:
    """Adam over everything, or lazily over the tables; tuned, its dense steps are fused, as PyTorch can on a CPU."""
    tables = [layer.weight for layer in model.modules() if isinstance(layer, nn.Embedding)]
    others = [p for p in model.parameters() if all(p is not table for table in tables)]
    settings = {"lr": LEARNING_RATE} | ({"fused": True} if style == "tuned" else {})
    if kind == "adam":
        return [torch.optim.Adam(model.parameters(), **settings)]
    return [torch.optim.SparseAdam(tables, lr=LEARNING_RATE), torch.optim.Adam(others, **settings)]


def train(store: Store, model: nn.Module, optimizers, batches) -> list[float]:
    """A step a batch; the losses before each."""
    losses = []
    for rows in batches:
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(*batch_of(store, model, rows)), store.labels[rows])
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
    return losses


def flops(model: nn.Module, lengths: float) -> float:
    """Multiplications and additions of the linear layers for one sample, forward, with histories of this length on average."""

    def of(network: nn.Sequential) -> int:
        return sum(2 * layer.weight.numel() for layer in network if isinstance(layer, nn.Linear))

    return of(model.mlp) + (lengths * of(model.attention) if isinstance(model, DIN) else 0)


def time_(options) -> dict:
    """Seconds of the steps after the first few; loss of all of them."""
    store = Store(options.store, options.model)
    model = MODELS[options.model](
        Weights(options.weights, options.model), options.style, sparse=options.optimizer == "sparse-adam"
    )
    optimizers = optimizers_of(model, options.optimizer, options.style)
    order = torch.randperm(len(store.labels), generator=torch.Generator().manual_seed(options.seed))
    batches = order.split(options.batch)
    if len(batches[-1]) < options.batch:
        batches = batches[:-1]
    steps = min(options.steps or len(batches), len(batches) - WARM_UP_STEPS)
    first = train(store, model, optimizers, batches[:WARM_UP_STEPS])
    start = time.perf_counter()
    losses = train(store, model, optimizers, batches[WARM_UP_STEPS : WARM_UP_STEPS + steps])
    seconds = time.perf_counter() - start
    mean = float(store.lengths.double().mean()) if options.model == "din" else 0.0
    return {
        "seconds": seconds,
        "samples": steps * options.batch,
        "store_samples": len(store.labels),
        "loss": float(np.mean(first + losses)),
        "history_length": mean,
        "flops": flops(model, mean),
        "padded_flops": flops(model, HISTORY),
    }


def check(options) -> dict:
    """As many steps as `--trained` has made, each over all samples at once, lazy in the tables as plumb's are: how far, beside
    the way they went, the weights of both came apart."""
    store = Store(options.store, options.model)
    start, trained = Weights(options.weights, options.model), Weights(options.trained, options.model)
    came_to = MODELS[options.model](trained, "tuned", sparse=False)
    everything = torch.arange(len(store.labels))
    told = {"samples": len(store.labels), "apart": 0.0}
    for style in STYLES:
        model = MODELS[options.model](start, style, sparse=True)
        began = {name: value.detach().clone() for name, value in model.learned().items()}
        told["losses"] = train(store, model, optimizers_of(model, "sparse-adam", style), [everything] * options.steps)
        for name, other in came_to.learned().items():
            step, other_step = model.learned()[name].detach() - began[name], other.detach() - began[name]
            apart = float((step - other_step).norm() / step.norm())
            if apart > told["apart"]:
                told |= {"apart": apart, "apart_most": f"{name}, {style}"}
    with torch.no_grad():
        logits = came_to(*batch_of(store, came_to, everything))
    return told | {"trained_loss": F.binary_cross_entropy_with_logits(logits, store.labels).item()}


def peak(options) -> dict:
    """The most that a large product of single-precision matrices reaches, by PyTorch's BLAS or numpy's."""
    size, best = 2048, {}  # numpy takes its threads from the environment.
    a, b = torch.randn(size, size), torch.randn(size, size)
    na, nb = a.numpy(), b.numpy()
    for name, product in [("torch", lambda: a @ b), ("numpy", lambda: na @ nb)]:
        seconds = []
        for _ in range(12):
            start = time.perf_counter()
            product()
            seconds.append(time.perf_counter() - start)
        best[name] = 2 * size**3 / min(seconds) / 1e9
    return {"gflops": max(best.values()), "by": best}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for command in [peak, time_, check]:
        sub = commands.add_parser(command.__name__.strip("_"))
        sub.set_defaults(command=command)
        sub.add_argument("--threads", type=int, default=1)
        sub.add_argument("-o", "--output", type=pathlib.Path, required=True)
        if command is not peak:
            sub.add_argument("store", type=pathlib.Path)
            sub.add_argument("--model", choices=MODELS, required=True)
            sub.add_argument("--weights", required=True, help="what plumb starts with")
            sub.add_argument("--steps", type=int, default=0, help="0: as many as a pass has")
        if command is time_:
            sub.add_argument("--optimizer", choices=["adam", "sparse-adam"], required=True)
            sub.add_argument("--batch", type=int, required=True)
            sub.add_argument("--style", choices=STYLES, required=True)
            sub.add_argument("--seed", type=int, default=1)
        if command is check:
            sub.add_argument("--trained", required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.output.write_text(json.dumps(options.command(options)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
