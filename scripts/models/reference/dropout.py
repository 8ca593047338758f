"""Which units training leaves out, by the hash that plumb documents (Sources/CTRModels/Layers/Dropout.swift)."""

import numpy as np
import torch
from torch import Tensor

from .splitmix import INCREMENT, mix


class Dropout:
    """Inverted dropout of the outputs [rows, width] of hidden layers 0, 1, …; a row's number is its place in the batch."""

    def __init__(self, share: float, seed: int, step: int = 0):
        self.share, self.seed, self.step = share, seed, step

    def __call__(self, layer: int, outputs: Tensor) -> Tensor:
        return outputs * self.kept(layer, *outputs.shape) / (1 - self.share)

    def kept(self, layer: int, rows: int, width: int) -> Tensor:
        with np.errstate(over="ignore"):
            key = mix(np.array([self.seed], np.uint64) + np.uint64(self.step + 1) * np.uint64(INCREMENT))
            key = mix(key + np.uint64(layer + 1) * np.uint64(INCREMENT))
            bits = mix(key + np.arange(rows * width, dtype=np.uint64) * np.uint64(INCREMENT)) >> np.uint64(32)
        return torch.from_numpy(bits >= np.uint64(int(self.share * 2**32))).reshape(rows, width)
