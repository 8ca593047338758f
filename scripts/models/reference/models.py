"""The models, each a few lines from its paper. All give logits [N]; x = [e_1; …; e_F] are the fields' embeddings.

Tensors are named as in plumb's model files: `bias`, `fields.NAME.embedding`, `fields.NAME.weight`, `mlp.0.weight`, ….
"""

import math

import torch
from torch import Tensor, nn

from .inputs import Columns, Ragged
from .layers import AUGRU, MLP, CrossNetwork, Dice, Field


class CTRModel(nn.Module):
    """The fields' tables and the bias. `sparse` makes the tables' gradients sparse, for torch.optim.SparseAdam and such."""

    has_first_order = True

    def __init__(self, architecture: dict, sparse: bool = False):
        super().__init__()
        self.architecture = architecture
        self.dimension = architecture["embedding_dimension"]
        self.histories = [field for field in architecture["fields"] if field["kind"] == "history"]
        plain = [field for field in architecture["fields"] if field["kind"] != "history"]
        self.bias = nn.Parameter(torch.zeros(1))
        self.fields = nn.ModuleDict(
            {field["name"]: Field(field, self.dimension, self.has_first_order, sparse) for field in plain}
        )
        self.width = len(plain) * self.dimension  # of x

    def forward(self, columns: Columns) -> Tensor:
        raise NotImplementedError

    def first_order(self, columns: Columns) -> Tensor:
        """Σ w_f [N]."""
        return sum(field(columns[name], field.weight) for name, field in self.fields.items())[:, 0]

    def embeddings(self, columns: Columns) -> Tensor:
        """e_1, …, e_F [N, F, d]."""
        return torch.stack([field(columns[name], field.embedding) for name, field in self.fields.items()], dim=1)

    def mlp_over(self, width: int) -> MLP:
        architecture = self.architecture
        return MLP(width, architecture["hidden_sizes"], architecture.get("activation", "relu"))

    def history(self, columns: Columns) -> tuple[Ragged, Tensor]:
        """The histories' lists and their embeddings side by side: k [M, K], a row a position."""
        fields = [(self.fields[history["of"]], columns[history["name"]]) for history in self.histories]
        keys = torch.cat([field.rows(column.ids, field.embedding) for field, column in fields], dim=1)
        return fields[0][1], keys

    def target(self, embeddings: Tensor) -> Tensor:
        """q [N, K]: the embeddings of what the histories are lists of."""
        names = list(self.fields)
        return torch.cat([embeddings[:, names.index(history["of"])] for history in self.histories], dim=1)


class LogisticRegression(CTRModel):
    """bias + Σ w_f."""

    def forward(self, columns):
        return self.bias + self.first_order(columns)


def pairs(embeddings: Tensor) -> Tensor:
    """Σ_{f<g} <e_f, e_g> [N], in the linear time of Rendle 2010, lemma 3.1."""
    return (embeddings.sum(1).square() - embeddings.square().sum(1)).sum(1) / 2


class FM(CTRModel):
    """Rendle 2010, "Factorization Machines" (ICDM), equation 1, over fields."""

    def forward(self, columns):
        return self.bias + self.first_order(columns) + pairs(self.embeddings(columns))


class WideDeep(CTRModel):
    """Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems" (arXiv 1606.07792), equation 3."""

    def __init__(self, architecture, sparse=False):
        super().__init__(architecture, sparse)
        self.mlp = self.mlp_over(self.width)

    def forward(self, columns):
        return self.bias + self.first_order(columns) + self.mlp(self.embeddings(columns).flatten(1))[:, 0]


class DeepFM(CTRModel):
    """Guo et al. 2017, "DeepFM" (arXiv 1703.04247), equations 1, 2 and 4."""

    def __init__(self, architecture, sparse=False):
        super().__init__(architecture, sparse)
        self.mlp = self.mlp_over(self.width)

    def forward(self, columns):
        embeddings = self.embeddings(columns)
        deep = self.mlp(embeddings.flatten(1))[:, 0]
        return self.bias + self.first_order(columns) + pairs(embeddings) + deep


class PNN(CTRModel):
    """Qu et al. 2016, "Product-based Neural Networks for User Response Prediction" (arXiv 1611.00144), with inner products:
    the products themselves are inputs of the first layer, as in the authors' later form (arXiv 1807.00311)."""

    has_first_order = False

    def __init__(self, architecture, sparse=False):
        super().__init__(architecture, sparse)
        count = len(self.fields)
        self.mlp = self.mlp_over(self.width + count * (count - 1) // 2)

    def forward(self, columns):
        embeddings = self.embeddings(columns)
        f, g = torch.triu_indices(embeddings.shape[1], embeddings.shape[1], offset=1)
        products = (embeddings[:, f] * embeddings[:, g]).sum(2)
        return self.bias + self.mlp(torch.cat([embeddings.flatten(1), products], dim=1))[:, 0]


class DCNv2(CTRModel):
    """Wang et al. 2021, "DCN V2" (arXiv 2008.13535), figure 1b: the cross network beside the deep one."""

    has_first_order = False

    def __init__(self, architecture, sparse=False):
        super().__init__(architecture, sparse)
        self.cross = CrossNetwork(self.width, architecture["cross_layers"])
        self.mlp = self.mlp_over(self.width)

    def forward(self, columns):
        x = self.embeddings(columns).flatten(1)
        return self.bias + (self.cross(x) + self.mlp(x))[:, 0]


class DIN(CTRModel):
    """Zhou et al. 2018, "Deep Interest Network" (arXiv 1706.06978), equation 3: weights by attention, not normalised."""

    has_first_order = False

    def __init__(self, architecture, sparse=False):
        super().__init__(architecture, sparse)
        keys = len(self.histories) * self.dimension
        activation = architecture.get("activation", "relu")
        self.attention = MLP(4 * keys, architecture["attention_sizes"], activation, output_bias=True)
        self.mlp = self.mlp_over(self.width + keys)

    def forward(self, columns):
        embeddings = self.embeddings(columns)
        lists, k = self.history(columns)
        target = self.target(embeddings)
        q = target[lists.owners]
        a = self.attention(torch.cat([q, k, q - k, q * k], dim=1))
        interest = torch.zeros_like(target).index_add(0, lists.owners, a * k)
        return self.bias + self.mlp(torch.cat([embeddings.flatten(1), interest], dim=1))[:, 0]


class DIEN(CTRModel):
    """Zhou et al. 2019, "Deep Interest Evolution Network" (arXiv 1809.03672), without its auxiliary loss: a GRU over the
    history, attention by the target over its states (equation 15 of the paper), and an AUGRU over the states."""

    has_first_order = False

    def __init__(self, architecture, sparse=False):
        super().__init__(architecture, sparse)
        keys = len(self.histories) * self.dimension
        self.gru = nn.GRU(keys, keys)
        self.attention = nn.Linear(keys, keys, bias=False)
        self.augru = AUGRU(keys)
        self.mlp = self.mlp_over(self.width + keys)

    def forward(self, columns):
        embeddings = self.embeddings(columns)
        interest = self.interest(*self.history(columns), self.target(embeddings))
        return self.bias + self.mlp(torch.cat([embeddings.flatten(1), interest], dim=1))[:, 0]

    def interest(self, lists: Ragged, k: Tensor, target: Tensor) -> Tensor:
        """h'_T [N, K]; zeros where the history is empty."""
        if len(k) == 0:
            return torch.zeros_like(target)
        # Rows by falling length, so that those which have a position t are the first ones.
        lengths, order = lists.lengths.sort(descending=True, stable=True)
        count = int((lengths > 0).sum())
        lengths, order = lengths[:count], order[:count]
        place_of = torch.full((len(lists.lengths),), -1)
        place_of[order] = torch.arange(count)
        padded = k.new_zeros(int(lengths[0]), count, k.shape[1])
        padded = padded.index_put((lists.places, place_of[lists.owners]), k)

        packed = nn.utils.rnn.pack_padded_sequence(padded, lengths)
        states, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0])  # [T, B, K]
        scores = (states * self.attention(target[order])).sum(2)  # [T, B]
        is_real = torch.arange(len(states))[:, None] < lengths
        attention = scores.masked_fill(~is_real, -math.inf).softmax(0)
        last = self.augru(states, attention, is_real.sum(1).tolist())
        return torch.zeros_like(target).index_copy(0, order, last)


MODELS: dict[str, type[CTRModel]] = {
    "lr": LogisticRegression,
    "fm": FM,
    "wide-deep": WideDeep,
    "deepfm": DeepFM,
    "pnn": PNN,
    "dcn-v2": DCNv2,
    "din": DIN,
    "dien": DIEN,
}


def build(architecture: dict, sparse: bool = False) -> CTRModel:
    """The model of an architecture; tables are zeros, other layers as PyTorch starts them. See `start`."""
    return MODELS[architecture["kind"]](architecture, sparse)


def is_table(model: CTRModel, name: str) -> bool:
    """Whether the parameter of this name has a row an id."""
    parts = name.split(".")
    return parts[0] == "fields" and model.fields[parts[1]].kind != "dense"


@torch.no_grad()
def start(model: CTRModel) -> None:
    """Gives every parameter what plumb starts with, in distribution: embeddings N(0, 0.01²), first-order weights and the bias
    0, linear layers ±1/√inputs, recurrent ones ±1/√K, PReLU's slopes 0.25, Dice's alpha 0. Draws from torch's generator."""
    nn.init.zeros_(model.bias)
    for field in model.fields.values():
        for name, table in field.named_parameters():
            if name == "embedding":
                table.normal_(0, 0.01)
            else:
                table.zero_()
            if field.kind != "dense":
                table[0] = 0
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            _uniform(layer, layer.in_features)
        elif isinstance(layer, nn.GRU | AUGRU):
            _uniform(layer, model.dimension * len(model.histories))
        elif isinstance(layer, nn.PReLU):
            nn.init.constant_(layer.weight, 0.25)
        elif isinstance(layer, Dice):
            nn.init.zeros_(layer.alpha)


def _uniform(layer: nn.Module, inputs: int) -> None:
    for parameter in layer.parameters():
        parameter.uniform_(-1 / math.sqrt(inputs), 1 / math.sqrt(inputs))
