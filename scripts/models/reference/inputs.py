"""Samples as the models read them: a column a field, lists of ids without padding."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True)
class Ragged:
    """A list of ids a row, one after another: `ids` [M], `lengths` [N], whose sum is M; both int64."""

    ids: Tensor
    lengths: Tensor

    @cached_property
    def offsets(self) -> Tensor:
        """Where each row's list begins [N]."""
        return self.lengths.cumsum(0) - self.lengths

    @cached_property
    def owners(self) -> Tensor:
        """The row of each id [M]."""
        return torch.arange(len(self.lengths)).repeat_interleave(self.lengths)

    @cached_property
    def places(self) -> Tensor:
        """The place of each id in its row's list [M]."""
        return torch.arange(len(self.ids)) - self.offsets[self.owners]

    def take(self, rows: Tensor) -> "Ragged":
        """The lists of some rows, in their order; a row may come twice."""
        lengths = self.lengths[rows]
        owners = torch.arange(len(rows)).repeat_interleave(lengths)
        places = torch.arange(len(owners)) - (lengths.cumsum(0) - lengths)[owners]
        return Ragged(self.ids[self.offsets[rows][owners] + places], lengths)


Columns = dict[str, "Tensor | Ragged"]


def take(columns: Columns, rows: Tensor) -> Columns:
    """Some rows of every column."""
    return {name: column.take(rows) if isinstance(column, Ragged) else column[rows] for name, column in columns.items()}
