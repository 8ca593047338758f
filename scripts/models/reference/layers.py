"""What the models are built of. Rows are samples, or positions of histories: never padding."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .inputs import Ragged


class Field(nn.Module):
    """A field's tables: `embedding` [rows, d] and, for some models, the first-order `weight` [rows, 1].

    Row 0 is zeros and is never trained: it stands for what is missing, unseen, or beyond the table. A dense field has one
    row, which its number scales.
    """

    def __init__(self, field: dict, dimension: int, has_weight: bool, sparse: bool):
        super().__init__()
        self.kind = field["kind"]
        self.mode = field.get("pooling", "mean")
        self.sparse = sparse
        rows = 1 if self.kind == "dense" else field["rows"]
        if dimension:
            self.embedding = nn.Parameter(torch.zeros(rows, dimension))
        if has_weight:
            self.weight = nn.Parameter(torch.zeros(rows, 1))

    def forward(self, column: "Tensor | Ragged", table: Tensor) -> Tensor:
        """What each row contributes [N, width of the table]; a list the mean or sum of its known ids, or zeros."""
        if self.kind == "dense":
            return column[:, None] * table
        if self.kind == "categorical":
            return self.rows(column, table)
        return F.embedding_bag(
            _known(column.ids, table), table, column.offsets, mode=self.mode, padding_idx=0, sparse=self.sparse
        )

    def rows(self, ids: Tensor, table: Tensor) -> Tensor:
        """The table's row of each id [M, width]."""
        return F.embedding(_known(ids, table), table, padding_idx=0, sparse=self.sparse)


def _known(ids: Tensor, table: Tensor) -> Tensor:
    return torch.where(ids < len(table), ids, 0)


class Dice(nn.Module):
    """p·s + (1 - p)·alpha·s with p = σ((s - mean) / √(var + 1e-8)): Zhou et al. 2018, "Deep Interest Network for
    Click-Through Rate Prediction" (arXiv 1706.06978), section 5.3.

    Mean and biased variance are the batch's while training, and gradients flow through them; else the running ones.
    """

    EPSILON = 1e-8
    MOMENTUM = 0.1

    def __init__(self, width: int):
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(width))
        self.register_buffer("running_mean", torch.zeros(width))
        self.register_buffer("running_var", torch.ones(width))

    def forward(self, s: Tensor) -> Tensor:
        if not self.training:
            mean, variance = self.running_mean, self.running_var
        elif len(s) == 0:  # No position in the whole batch: nothing to do, nothing to learn.
            return s
        else:
            mean = s.mean(0)
            variance = (s - mean).square().mean(0)
            unbiased = variance * (len(s) / (len(s) - 1)) if len(s) > 1 else variance
            with torch.no_grad():
                self.running_mean += self.MOMENTUM * (mean - self.running_mean)
                self.running_var += self.MOMENTUM * (unbiased - self.running_var)
        p = torch.sigmoid((s - mean) / (variance + self.EPSILON).sqrt())
        return p * s + (1 - p) * self.alpha * s


ACTIVATIONS = {
    "relu": lambda width: nn.ReLU(),
    "prelu": lambda width: nn.PReLU(width),  # a slope a channel, 0.25 at the start
    "dice": Dice,
}


class MLP(nn.Sequential):
    """Hidden layers, each linear and an activation, and a linear layer to one number: [N, inputs] → [N, 1].

    Linear layers are 0, 2, …, activations 1, 3, …. `dropout`, if there is one, is called with a hidden layer's number and
    its outputs.
    """

    def __init__(self, inputs: int, hidden: list[int], activation: str, output_bias: bool = False):
        layers: list[nn.Module] = []
        for width in hidden:
            layers += [nn.Linear(inputs, width), ACTIVATIONS[activation](width)]
            inputs = width
        super().__init__(*layers, nn.Linear(inputs, 1, bias=output_bias))
        self.dropout = None

    def forward(self, x: Tensor) -> Tensor:
        for number, layer in enumerate(self):
            x = layer(x)
            if self.dropout is not None and self.training and number % 2 == 1:
                x = self.dropout(number // 2, x)
        return x


class CrossNetwork(nn.ModuleDict):
    """x' = x0 ⊙ (W x + b) + x, some times, then one number of the last x: Wang et al. 2021, "DCN V2" (arXiv 2008.13535),
    equation 1. `cross.0`, `cross.1`, … and `cross.output`."""

    def __init__(self, width: int, layers: int):
        crosses = {str(layer): nn.Linear(width, width) for layer in range(layers)}
        super().__init__(crosses | {"output": nn.Linear(width, 1, bias=False)})

    def forward(self, x0: Tensor) -> Tensor:
        x = x0
        for layer in range(len(self) - 1):
            x = x0 * self[str(layer)](x) + x
        return self["output"](x)


class AUGRU(nn.Module):
    """A GRU whose update gate is scaled by attention: Zhou et al. 2019, "Deep Interest Evolution Network for Click-Through
    Rate Prediction" (arXiv 1809.03672), equations 6, 7 and 16. Gates are stacked r, u, n; biases are as in torch.nn.GRU."""

    def __init__(self, width: int):
        super().__init__()
        self.weight_ih = nn.Parameter(torch.zeros(3 * width, width))
        self.weight_hh = nn.Parameter(torch.zeros(3 * width, width))
        self.bias_ih = nn.Parameter(torch.zeros(3 * width))
        self.bias_hh = nn.Parameter(torch.zeros(3 * width))

    def forward(self, inputs: Tensor, attention: Tensor, active: list[int]) -> Tensor:
        """The last state of each row [B, width], from inputs [T, B, width] and attention [T, B]; rows by falling length, of
        which the first `active[t]` have a position t."""
        projected = F.linear(inputs, self.weight_ih, self.bias_ih)
        state = inputs.new_zeros(inputs.shape[1:])
        for t, rows in enumerate(active):
            s = state[:rows]
            r, u, n = projected[t, :rows].chunk(3, dim=1)
            s_r, s_u, s_n = F.linear(s, self.weight_hh, self.bias_hh).chunk(3, dim=1)
            u = attention[t, :rows, None] * torch.sigmoid(u + s_u)
            n = torch.tanh(n + torch.sigmoid(r + s_r) * s_n)
            state = torch.cat([(1 - u) * s + u * n, state[rows:]])
        return state
