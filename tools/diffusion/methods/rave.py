"""Shuffle the cells of an image grid at every denoising step, so that all cells get the same style (RAVE).

RAVE (Kara et al. 2024). A model's output depends on the place in the image: at an edge, or far from another cell, the
result differs. Cells that visit every place in turn come out in one style. RAVE shuffles the frames of a video over
several grids; here the cells of one grid are shuffled, and latents, mask and known image move together. Between the
steps all cells are in their original places.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools.diffusion.pipelines import generator

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from torch import Generator, Tensor
    from torch.nn import Module

COLUMNS = 2


@contextmanager
def shuffle_cells(pipe: DiffusionPipeline, cells: int, width: int, *, seed: int) -> Iterator[None]:
    """Shuffle the `cells` of a grid, `width` pixels wide and of two columns, before each call of the model.

    This ends with the block. For pipelines that call their model once a step, with the grid as its only image: a UNet
    with (n, c, h, w) latents, or a transformer with (n, tokens, c), row by row, one token for two latents in each
    direction.
    """
    model = pipe.unet if hasattr(pipe, "unet") else pipe.transformer
    shuffler = _CellShuffler(cells // COLUMNS, width // (2 * pipe.vae_scale_factor), generator(seed))
    hooks = [
        model.register_forward_pre_hook(shuffler.before, with_kwargs=True),
        model.register_forward_hook(shuffler.after),
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def permute_cells(grid: Tensor, order: Tensor) -> Tensor:
    """Permute the cells of a grid (n, c, h, w): place i gets the cell order[i]; two columns, counted row by row."""
    from torch import unflatten

    rows = len(order) // COLUMNS
    cells = unflatten(unflatten(grid, 3, (COLUMNS, -1)), 2, (rows, -1)).movedim(4, 3).flatten(2, 3)
    return unflatten(cells[:, :, order], 2, (rows, COLUMNS)).movedim(3, 4).flatten(4, 5).flatten(2, 3)


class _CellShuffler:
    """Hooks that shuffle the cells before the model runs, and restore the order of its output."""

    def __init__(self, rows: int, tokens: int, random: Generator) -> None:
        self.cells, self.tokens, self.random = rows * COLUMNS, tokens, random
        self.order: Tensor

    def before(
        self, _: Module, args: tuple[Tensor, ...], kwargs: dict[str, Tensor]
    ) -> tuple[tuple[Tensor, ...], dict[str, Tensor]]:
        """Shuffle the cells of the model's input."""
        import torch

        self.order = torch.randperm(self.cells, generator=self.random)
        if args:
            return (self._permute(args[0], self.order), *args[1:]), kwargs
        return args, {**kwargs, "hidden_states": self._permute(kwargs["hidden_states"], self.order)}

    def after(self, _: Module, __: object, answer: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Restore the order of the cells in the model's output."""
        inverse = self.order.argsort()
        return self._permute(answer[0], inverse), *answer[1:]

    def _permute(self, sheet: Tensor, order: Tensor) -> Tensor:
        """Permute the cells of latents, whether (n, c, h, w) or (n, tokens, c)."""
        from torch import unflatten

        order = order.to(sheet.device)
        if sheet.dim() == 4:
            return permute_cells(sheet, order)
        grid = unflatten(sheet, 1, (-1, self.tokens)).movedim(3, 1)
        return permute_cells(grid, order).movedim(1, 3).flatten(1, 2)
