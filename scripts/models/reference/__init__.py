"""The eight CTR models in plain PyTorch, with the tensor names, shapes and formulas of plumb's: what plumb is held against.

    from reference import build
    model = build(architecture)          # a dictionary, as in a model file's metadata `plumb.architecture`
    logits = model(columns)              # {field: ids [N] | numbers [N] | Ragged}; see inputs.py

`model.train()` and `model.eval()` choose which statistics Dice uses, and whether units are dropped.
"""

from .dropout import Dropout
from .inputs import Ragged, take
from .models import MODELS, build, is_table, start
from .splitmix import SplitMix64

__all__ = ["MODELS", "Dropout", "Ragged", "SplitMix64", "build", "is_table", "start", "take"]
