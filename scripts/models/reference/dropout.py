"""Which units training leaves out, by the hash that plumb documents (Sources/CTRModels/Layers/Dropout.swift)."""

import numpy as np
import torch
from torch import Tensor

_INCREMENT = np.uint64(0x9E3779B97F4A7C15)


def _mix(z: np.ndarray) -> np.ndarray:
    """The last three lines of SplitMix64's next (Steele, Lea and Flood 2014), modulo 2^64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


class Dropout:
    """Inverted dropout of the outputs [rows, width] of hidden layers 0, 1, …; a row's number is its place in the batch."""

    def __init__(self, share: float, seed: int, step: int = 0):
        self.share, self.seed, self.step = share, seed, step

    def __call__(self, layer: int, outputs: Tensor) -> Tensor:
        return outputs * self.kept(layer, *outputs.shape) / (1 - self.share)

    def kept(self, layer: int, rows: int, width: int) -> Tensor:
        with np.errstate(over="ignore"):
            key = _mix(np.array([self.seed], np.uint64) + np.uint64(self.step + 1) * _INCREMENT)
            key = _mix(key + np.uint64(layer + 1) * _INCREMENT)
            bits = _mix(key + np.arange(rows * width, dtype=np.uint64) * _INCREMENT) >> np.uint64(32)
        return torch.from_numpy(bits >= np.uint64(int(self.share * 2**32))).reshape(rows, width)
