"""Per-user fine-tuning in PyTorch, in three ways, on the samples of plumb's store and from plumb's cloud model.

    python Benchmarks/finetune_peers.py time STORE --weights model.safetensors --way bmm --block 64 --users 0 --threads 2 -o out.json
    python Benchmarks/finetune_peers.py check STORE --weights model.safetensors --predictions predictions.arrows --users 200 -o out.json

| way | what it does |
| --- | --- |
| `loop` | for each user a deep copy of the whole model, autograd, torch.optim.SGD, sparse gradients of tables |
| `vmap` | blocks of users: torch.func's gradient, vmapped over stacked dense weights and gathered embeddings |
| `bmm` | blocks of users: forward and backward by hand in batched products, which add straight into the weights |

`vmap` and `bmm` hold of the tables only the rows that their block's users touch, a copy a user. All users have as many samples, which
both use: there is no padding and no mask. The clock sees copying or gathering, tuning and scoring; samples lie in memory as tensors,
their order in each step, which is plumb's, was made before. Wide & Deep only, SGD only.
"""

import argparse
import concurrent.futures
import copy
import json
import pathlib
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional as F

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scripts/models"))
from reference import SplitMix64  # noqa: E402

FIELDS = ["item", "category"]
LAYERS = ["mlp.0", "mlp.2", "mlp.4"]
TRAIN, TEST, BATCH, LEARNING_RATE, SEED = 100, 10, 32, 0.1, 1
WIDTH = 16
"""Numbers an embedding."""


class Users:
    """The store's samples, users and times in its order: `ids` [U, 110, 2], `labels` [U, 110], and `orders` [U, 100], in which a
    user's train samples come; of the first `count` users, if that is not 0. An id that no train sample holds is 0, as plumb scores
    it."""

    def __init__(self, folder: pathlib.Path, count: int):
        paths = sorted(folder.glob("bucket-*.arrows"))
        table = pa.concat_tables(pa.ipc.open_stream(path).read_all().unify_dictionaries() for path in paths)
        parts = np.array(table["part"].cast(pa.string())).reshape(-1, TRAIN + TEST)
        self.keys = table["user"].to_numpy().reshape(parts.shape)
        if (parts[:, :TRAIN] != "train").any() or (parts[:, TRAIN:] != "test").any() or (self.keys != self.keys[:, :1]).any():
            raise SystemExit(f"{folder}: not {TRAIN} train and {TEST} test samples a user")
        self.times = table["time"].cast(pa.int64()).to_numpy().reshape(parts.shape)
        known = pa.ipc.open_stream(folder / "train-counts.arrows").read_all()
        features = np.array(known["feature"].cast(pa.string()))
        columns = []
        for name in FIELDS:
            ids = table[name].to_numpy()
            columns.append(np.where(np.isin(ids, known["id"].to_numpy()[features == name]), ids, 0).reshape(parts.shape))
        self.ids = torch.from_numpy(np.stack(columns, axis=2).astype(np.int64))
        self.labels = torch.from_numpy(table["label"].to_numpy().astype(np.float32).reshape(parts.shape))
        self.count = min(count or len(parts), len(parts))
        self.orders = torch.from_numpy(orders([str(key) for key in self.keys[: self.count, 0]]))


def orders(keys: list[str]) -> np.ndarray:
    """Each user's train samples as plumb shuffles them: Sources/LocalStages/UserScorer.swift, Sources/FineTuning/LocalTuner.swift."""
    made = np.empty((len(keys), TRAIN), dtype=np.int64)
    for user, key in enumerate(keys):
        order = list(range(TRAIN))
        SplitMix64(SplitMix64(SEED, key).next()).shuffle(order)
        made[user] = order
    return made


class WideDeep(nn.Module):
    """Cheng et al. 2016 (arXiv 1606.07792), with plumb's weights: ids [N, 2] → logits [N]."""

    def __init__(self, path: str):
        super().__init__()
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}

        def table(name: str) -> nn.Embedding:
            return nn.Embedding.from_pretrained(tensors[name], freeze=False, sparse=True)

        self.bias = nn.Parameter(tensors["bias"])
        self.embeddings = nn.ModuleList(table(f"fields.{name}.embedding") for name in FIELDS)
        self.weights = nn.ModuleList(table(f"fields.{name}.weight") for name in FIELDS)
        layers: list[nn.Module] = []
        for name in LAYERS:
            weight, bias = tensors[f"{name}.weight"], tensors.get(f"{name}.bias")
            linear = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
            linear.load_state_dict({"weight": weight} | ({} if bias is None else {"bias": bias}))
            layers += [linear, nn.ReLU()]
        self.mlp = nn.Sequential(*layers[:-1])

    def forward(self, ids: Tensor) -> Tensor:
        wide = sum(table(ids[:, field]) for field, table in enumerate(self.weights))
        deep = self.mlp(torch.cat([table(ids[:, field]) for field, table in enumerate(self.embeddings)], dim=1))
        return self.bias + (wide + deep)[:, 0]


class Loop:
    """One user after another, each with a copy of the model."""

    def __init__(self, model: WideDeep):
        self.model = model

    def scores(self, users: Users, chosen: range) -> Tensor:
        return torch.stack([self.of_user(users.ids[user], users.labels[user], users.orders[user]) for user in chosen])

    def of_user(self, ids: Tensor, labels: Tensor, order: Tensor) -> Tensor:
        model = copy.deepcopy(self.model)
        optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
        for rows in order.split(BATCH):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(model(ids[rows]), labels[rows]).backward()
            optimizer.step()
        with torch.no_grad():
            return model(ids[TRAIN:])


class Blocks:
    """Many users at once. Both fields' tables stand in one, embedding and first-order weight side by side [R, 17]."""

    def __init__(self, model: WideDeep, block: int, workers: int = 1):
        tables = [torch.cat([e.weight, w.weight], dim=1).detach() for e, w in zip(model.embeddings, model.weights)]
        self.offsets = torch.tensor([0, len(tables[0])])
        self.table = torch.cat(tables)
        self.dense = [parameter.detach() for parameter in [model.bias, *model.mlp.parameters()]]
        self.block, self.workers = block, workers

    @torch.no_grad()
    def scores(self, users: Users, chosen: range) -> Tensor:
        """`workers` threads of Python's take a block each, if there are more than one."""
        ids = users.ids + self.offsets
        blocks = [slice(first, min(first + self.block, chosen.stop)) for first in range(chosen.start, chosen.stop, self.block)]

        def scored(block: slice) -> Tensor:
            return self.of_block(ids[block], users.labels[block], users.orders[block])

        if self.workers == 1:
            return torch.cat([scored(block) for block in blocks])
        with concurrent.futures.ThreadPoolExecutor(self.workers) as pool:
            return torch.cat(list(pool.map(scored, blocks)))

    def of_block(self, ids: Tensor, labels: Tensor, orders: Tensor) -> Tensor:
        """Test logits [B, 10] of users with ids [B, 110, 2]."""
        slots = self.slots(ids)
        rows = self.table.index_select(0, ids.flatten())
        dense = [parameter.expand(len(ids), *parameter.shape).clone() for parameter in self.dense]
        for order in orders.split(BATCH, dim=1):
            self.step(rows, dense, slots.gather(1, order[:, :, None].expand(-1, -1, 2)), labels.gather(1, order))
        x = rows.index_select(0, slots[:, TRAIN:].flatten()).view(len(ids), TEST, 2, WIDTH + 1)
        bias, w1, b1, w2, b2, w3 = dense
        h1 = torch.baddbmm(b1[:, None], x[..., :WIDTH].flatten(2), w1.mT).relu_()
        h2 = torch.baddbmm(b2[:, None], h1, w2.mT).relu_()
        return bias + x[..., WIDTH].sum(2) + torch.bmm(h2, w3.mT)[:, :, 0]

    @staticmethod
    def slots(ids: Tensor) -> Tensor:
        """Of each id in [B, 110, 2] one and the same of the places, counted through all users, where its user has it."""
        flat = ids.flatten(1)
        ordered, places = flat.sort(dim=1, stable=True)
        counted = torch.arange(flat.shape[1])
        first = torch.where(F.pad(ordered[:, 1:] != ordered[:, :-1], (1, 0), value=True), counted, 0).cummax(1).values
        owner = places.gather(1, first) + torch.arange(len(flat))[:, None] * flat.shape[1]
        return torch.empty_like(flat).scatter_(1, places, owner).view(ids.shape)

    def step(self, rows: Tensor, dense: list[Tensor], slots: Tensor, labels: Tensor) -> None:
        """Moves the rows [110·2·B, 17] and stacked dense weights by one batch: slots [B, n, 2], labels [B, n]."""
        raise NotImplementedError


class VMap(Blocks):
    """torch.func: the gradient of one user's loss, over users. Tables stay outside: their gathered rows are an argument."""

    def __init__(self, model: WideDeep, block: int, workers: int = 1):
        super().__init__(model, block, workers)
        self.gradient = torch.func.vmap(torch.func.grad(self.loss, argnums=(0, 1)))

    @staticmethod
    def loss(x: Tensor, dense: list[Tensor], labels: Tensor) -> Tensor:
        bias, w1, b1, w2, b2, w3 = dense
        h1 = F.linear(x[..., :WIDTH].flatten(1), w1, b1).relu()
        logits = bias + x[..., WIDTH].sum(1) + F.linear(F.linear(h1, w2, b2).relu(), w3)[:, 0]
        return F.binary_cross_entropy_with_logits(logits, labels)

    def step(self, rows, dense, slots, labels):
        flat = slots.flatten()
        x = rows.index_select(0, flat).view(*slots.shape, WIDTH + 1)
        to_x, to_dense = self.gradient(x, dense, labels)
        rows.index_add_(0, flat, to_x.flatten(0, 2).mul_(-LEARNING_RATE))  # with `alpha` it takes twice as long
        torch._foreach_add_(dense, list(to_dense), alpha=-LEARNING_RATE)


class BMM(Blocks):
    """By hand. A weight's gradient is never formed: its product is added to the weight at once."""

    def step(self, rows, dense, slots, labels):
        bias, w1, b1, w2, b2, w3 = dense
        flat = slots.flatten()
        x = rows.index_select(0, flat).view(*slots.shape, WIDTH + 1)
        e = x[..., :WIDTH].flatten(2)  # [B, n, 32]
        h1 = torch.baddbmm(b1[:, None], e, w1.mT).relu_()
        h2 = torch.baddbmm(b2[:, None], h1, w2.mT).relu_()
        logits = bias + x[..., WIDTH].sum(2) + torch.bmm(h2, w3.mT)[:, :, 0]
        d = logits.sigmoid_().sub_(labels).mul_(-LEARNING_RATE / labels.shape[1])  # the step, not the gradient
        d2 = torch.ops.aten.threshold_backward(d[:, :, None] * w3, h2, 0)
        d1 = torch.ops.aten.threshold_backward(torch.bmm(d2, w2), h1, 0)
        de = torch.bmm(d1, w1)
        bias += d.sum(1, keepdim=True)
        w3.baddbmm_(d[:, None], h2)
        b2 += d2.sum(1)
        w2.baddbmm_(d2.mT, h1)
        b1 += d1.sum(1)
        w1.baddbmm_(d1.mT, e)
        to_x = torch.cat([de.view(*slots.shape, WIDTH), d[:, :, None, None].expand(*slots.shape, 1)], dim=3)
        rows.index_add_(0, flat, to_x.flatten(0, 2))


def way_of(options, name: str, model: WideDeep) -> Loop | Blocks:
    return Loop(model) if name == "loop" else {"vmap": VMap, "bmm": BMM}[name](model, options.block, options.workers)


def time_(options) -> dict:
    """Seconds that tuning and scoring take, after a small part of it to warm up."""
    users = Users(options.store, options.users)
    count = users.count
    way = way_of(options, options.way, WideDeep(options.weights))
    way.scores(users, range(min(count, 2 * options.block * options.workers) if options.way != "loop" else 2))
    start = time.perf_counter()
    way.scores(users, range(count))
    return {"seconds": time.perf_counter() - start, "users": count}


def check(options) -> dict:
    """How far the test logits of each way, and of plumb's `--predictions`, are from the loop's, beside these' standard deviation;
    and how far tuning moved them."""
    users = Users(options.store, options.users)
    model, count = WideDeep(options.weights), users.count
    expected = Loop(model).scores(users, range(count))
    made = {name: way_of(options, name, model).scores(users, range(count)) for name in ["vmap", "bmm"]}
    predictions = pa.ipc.open_stream(options.predictions).read_all()
    same = (predictions["user"].to_numpy() == users.keys[:, TRAIN:].flatten()).all()
    if not same or (predictions["time"].cast(pa.int64()).to_numpy() != users.times[:, TRAIN:].flatten()).any():
        raise SystemExit(f"{options.predictions}: not the store's test samples in its order")
    made["plumb"] = torch.from_numpy(predictions["logit_finetuned"].to_numpy().reshape(-1, TEST)[:count])
    with torch.no_grad():
        made["cloud"] = model(users.ids[:count, TRAIN:].flatten(0, 1)).view(count, TEST)
    spread = float(expected.double().std())
    apart = {name: float((scores.double() - expected.double()).abs().max()) / spread for name, scores in made.items()}
    return {"users": count, "spread": spread, "moved": apart.pop("cloud"), "apart": apart}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for command in [time_, check]:
        sub = commands.add_parser(command.__name__.strip("_"))
        sub.set_defaults(command=command)
        sub.add_argument("store", type=pathlib.Path)
        sub.add_argument("--weights", required=True, help="the cloud model, as plumb wrote it")
        sub.add_argument("--users", type=int, default=0, help="the first so many; 0: all")
        sub.add_argument("--block", type=int, default=64, help="users at once")
        sub.add_argument("--threads", type=int, default=1, help="PyTorch's own")
        sub.add_argument("--workers", type=int, default=1, help="threads of Python's, each with a block")
        sub.add_argument("-o", "--output", type=pathlib.Path, required=True)
        if command is time_:
            sub.add_argument("--way", choices=["loop", "vmap", "bmm"], required=True)
        else:
            sub.add_argument("--predictions", required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.output.write_text(json.dumps(options.command(options)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
