"""Holds the reference models against what does not share their code: PyTorch's own layers, finite differences, and the models'
formulas written out once more, one sample and one position at a time. Raises AssertionError where they differ.

Run by make_fixtures.py before it writes anything.
"""

import copy

import torch
from torch import nn

from reference import Ragged, take
from reference.layers import AUGRU, Dice


def check_layers():
    _check_dice()
    _check_augru()


def _close(first, second, what):
    assert torch.allclose(first, second, rtol=1e-10, atol=1e-12), what


def _check_dice():
    """Dice is p·s + (1 - p)·alpha·s with p the sigmoid of PyTorch's BatchNorm1d without weights."""
    torch.manual_seed(1)
    dice, norm = Dice(5), nn.BatchNorm1d(5, eps=Dice.EPSILON, momentum=Dice.MOMENTUM, affine=False)
    dice.alpha.data.normal_()
    for mode in [True, True, False]:
        dice.train(mode), norm.train(mode)
        s = torch.randn(7, 5).requires_grad_()
        p = torch.sigmoid(norm(s))
        expected, actual = p * s + (1 - p) * dice.alpha * s, dice(s)
        _close(actual, expected, "Dice")
        weight = torch.randn(7, 5)
        gradients = [torch.autograd.grad((out * weight).sum(), [s, dice.alpha]) for out in (actual, expected)]
        for first, second in zip(*gradients):
            _close(first, second, "Dice's gradient")
        _close(dice.running_mean, norm.running_mean, "Dice's running mean")
        _close(dice.running_var, norm.running_var, "Dice's running variance")
    dice.train()
    before = dice.running_var.clone()
    _close(dice(torch.ones(1, 5)), (1 + dice.alpha)[None] / 2, "Dice of one row")
    _close(dice.running_var, 0.9 * before, "running variance after one row")
    assert dice(torch.ones(0, 5)).shape == (0, 5)


def _check_augru():
    """With attention 1 it is PyTorch's GRU, whose update gate is 1 - u: the weights of that gate with the other sign."""
    torch.manual_seed(2)
    width, lengths = 5, torch.tensor([6, 3, 3, 1])
    augru, gru = AUGRU(width), nn.GRU(width, width)
    for parameter in augru.parameters():
        parameter.data.uniform_(-0.5, 0.5)
    sign = torch.ones(3 * width)
    sign[width : 2 * width] = -1
    with torch.no_grad():
        for theirs, ours in [("weight_ih_l0", augru.weight_ih), ("weight_hh_l0", augru.weight_hh)]:
            getattr(gru, theirs).copy_(ours * sign[:, None])
        gru.bias_ih_l0.copy_(augru.bias_ih * sign)
        gru.bias_hh_l0.copy_(augru.bias_hh * sign)
    inputs = torch.randn(6, 4, width)
    packed = nn.utils.rnn.pack_padded_sequence(inputs, lengths)
    active = (torch.arange(6)[:, None] < lengths).sum(1).tolist()
    _close(augru(inputs, torch.ones(6, 4), active), gru(packed)[1][0], "AUGRU")
    _close(augru(inputs, torch.zeros(6, 4), active), torch.zeros(4, width), "AUGRU without attention")


def check_model(model, columns):
    """Logits by the formulas, and every parameter's gradient by finite differences; leaves the model as it was."""
    model = copy.deepcopy(model).eval()
    for field in model.fields.values():
        field.sparse = False  # gradcheck wants dense gradients
    rows = len(next(column for column in columns.values() if not isinstance(column, Ragged)))
    logits = model(columns)
    for row in range(rows):
        assert torch.allclose(logits[row], _logit(model, columns, row), rtol=1e-10), f"row {row}"
    # Each batch alone gives what all rows give together.
    some = torch.tensor([3, rows - 1, 3, 0])
    _close(model(take(columns, some)), logits[some], "some rows")

    names, parameters = zip(*model.named_parameters())
    # Row 0 of a table has no gradient, though a lookup reads it: differences are taken of the other rows.
    table_starts = [1 if name.startswith("fields.") and len(p) > 1 else 0 for name, p in zip(names, parameters)]
    for mode in [False, True]:
        model.train(mode)
        buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}

        def logits_of(*values):
            whole = [torch.cat([p[:start].detach(), value]) for p, start, value in zip(parameters, table_starts, values)]
            state = dict(zip(names, whole)) | {name: buffer.clone() for name, buffer in buffers.items()}
            return torch.func.functional_call(model, state, (columns,))

        values = [p[start:].detach().clone().requires_grad_() for p, start in zip(parameters, table_starts)]
        assert torch.autograd.gradcheck(logits_of, values, fast_mode=True)


def _logit(model, columns, row):
    """The contract's formulas for one sample, in loops."""
    architecture, state = model.architecture, model.state_dict()
    kind, activation = architecture["kind"], architecture.get("activation", "relu")

    def row_of(table, i):
        return table[i] if 0 < i < len(table) else torch.zeros(table.shape[1])

    def looked_up(field, which):
        table, column = state[f"fields.{field['name']}.{which}"], columns[field["name"]]
        if field["kind"] == "dense":
            return column[row] * table[0]
        if field["kind"] == "categorical":
            return row_of(table, int(column[row]))
        known = [i for i in ids_of(column) if 0 < i < len(table)]
        total = sum((table[i] for i in known), torch.zeros(table.shape[1]))
        return total if field.get("pooling") == "sum" else total / max(len(known), 1)

    def ids_of(column):
        first = int(column.lengths[:row].sum())
        return column.ids[first : first + int(column.lengths[row])].tolist()

    def activated(name, s):
        if activation == "relu":
            return s.clamp(min=0)
        if activation == "prelu":
            return torch.where(s > 0, s, state[f"{name}.weight"] * s)
        p = 1 / (1 + torch.exp(-(s - state[f"{name}.running_mean"]) / (state[f"{name}.running_var"] + 1e-8) ** 0.5))
        return p * s + (1 - p) * state[f"{name}.alpha"] * s

    def network(name, x, layers):
        for layer in range(layers):
            linear = f"{name}.{2 * layer}"
            x = activated(f"{name}.{2 * layer + 1}", state[f"{linear}.weight"] @ x + state[f"{linear}.bias"])
        return (state[f"{name}.{2 * layers}.weight"] @ x)[0]

    def gated(prefix, suffix, x, s, update):
        k = len(x)
        i = state[f"{prefix}.weight_ih{suffix}"] @ x + state[f"{prefix}.bias_ih{suffix}"]
        h = state[f"{prefix}.weight_hh{suffix}"] @ s + state[f"{prefix}.bias_hh{suffix}"]
        r, u = torch.sigmoid(i[:k] + h[:k]), torch.sigmoid(i[k : 2 * k] + h[k : 2 * k])
        return update(u, torch.tanh(i[2 * k :] + r * h[2 * k :]))

    plain = [field for field in architecture["fields"] if field["kind"] != "history"]
    logit = state["bias"][0]
    if kind in ("lr", "fm", "wide-deep", "deepfm"):
        logit = logit + sum(looked_up(field, "weight")[0] for field in plain)
    if kind == "lr":
        return logit
    e = {field["name"]: looked_up(field, "embedding") for field in plain}
    products = [e[f["name"]] @ e[g["name"]] for i, f in enumerate(plain) for g in plain[i + 1 :]]
    if kind in ("fm", "deepfm"):
        logit = logit + sum(products)
    if kind == "fm":
        return logit
    x = torch.cat(list(e.values()))
    if kind == "pnn":
        x = torch.cat([x, torch.stack(products)])
    if kind == "dcn-v2":
        crossed = x
        for layer in range(architecture["cross_layers"]):
            weight, bias = state[f"cross.{layer}.weight"], state[f"cross.{layer}.bias"]
            crossed = x * (weight @ crossed + bias) + crossed
        logit = logit + state["cross.output.weight"][0] @ crossed
    if kind in ("din", "dien"):
        histories = [field for field in architecture["fields"] if field["kind"] == "history"]
        q = torch.cat([e[field["of"]] for field in histories])
        lists = [ids_of(columns[field["name"]]) for field in histories]
        tables = [state[f"fields.{field['of']}.embedding"] for field in histories]
        keys = [torch.cat([row_of(table, i) for table, i in zip(tables, ids)]) for ids in zip(*lists)]
        interest = torch.zeros_like(q)
        if kind == "din":
            layers = len(architecture["attention_sizes"])
            for k in keys:
                score = network("attention", torch.cat([q, k, q - k, q * k]), layers)
                interest = interest + (score + state[f"attention.{2 * layers}.bias"][0]) * k
        elif keys:
            states = []
            for k in keys:
                h = states[-1] if states else torch.zeros_like(q)
                states.append(gated("gru", "_l0", k, h, lambda z, n: (1 - z) * n + z * h))
            weights = torch.stack([h @ (state["attention.weight"] @ q) for h in states]).exp()
            for h, a in zip(states, weights / weights.sum()):
                s = interest
                interest = gated("augru", "", h, s, lambda u, n: (1 - a * u) * s + a * u * n)
        x = torch.cat([x, interest])
    return logit + network("mlp", x, len(architecture["hidden_sizes"]))
