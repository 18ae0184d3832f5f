"""Let the images of one batch attend to each other in a UNet's self-attention, so that they show the same subject.

Three papers, three modes of one idea. The first image of the batch is the reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from diffusers import UNet2DConditionModel
    from diffusers.models.attention_processor import Attention
    from torch import Tensor

Mode = Literal["", "story", "masa", "first"]
"""`story`: every picture also looks at half of all tokens, drawn by chance (StoryDiffusion, Zhou et al. 2024).
`masa`: from the second step on, while the picture is built up, it looks at the first alone, so that its own lay-out
comes from its beginning and its matter from the given one (MasaCtrl, Cao et al. 2023).
`first`: it looks at the first alone, always (cross-frame attention of Text2Video-Zero, Khachatryan et al. 2023)."""
SHARE = 0.5


@contextmanager
def looking(unet: UNet2DConditionModel, mode: str, count: int, *, seed: int) -> Iterator[None]:
    """Until the end of the block the `count` pictures of a batch share keys and values; guidance may double it."""
    layers = [(name, layer) for name, layer in unet.named_modules() if name.endswith("attn1")]
    run = _Run(mode, count, seed)
    before = [layer.processor for _, layer in layers]
    for number, (name, layer) in enumerate(layers):
        layer.set_processor(_Shared(run, leads=number == 0, late=name.startswith("up_blocks")))
    try:
        yield
    finally:
        for (_, layer), processor in zip(layers, before, strict=True):
            layer.set_processor(processor)


class _Run:
    """What the layers know in common: how far the painting is, and the chance they draw from."""

    def __init__(self, mode: str, count: int, seed: int) -> None:
        import torch

        self.mode, self.count, self.step = mode, count, 0
        self.chance = torch.Generator("cpu").manual_seed(seed)


@dataclass
class _Shared:
    """An attention processor of diffusers: batches are [unguided x count, guided x count], or one of them."""

    run: _Run
    leads: bool
    late: bool

    def __call__(self, attn: Attention, hidden_states: Tensor, *_: object, **__: object) -> Tensor:
        import torch
        from torch.nn import functional

        self.run.step += self.leads
        seen = hidden_states
        if attn.group_norm is not None:
            seen = attn.group_norm(seen.transpose(1, 2)).transpose(1, 2)
        around = self._around(seen)

        def headed(numbers: Tensor) -> Tensor:
            return torch.unflatten(numbers, -1, (attn.heads, -1)).transpose(1, 2)

        asked, keys, values = attn.to_q(seen), attn.to_k(around), attn.to_v(around)
        found = functional.scaled_dot_product_attention(headed(asked), headed(keys), headed(values))
        found = attn.to_out[1](attn.to_out[0](found.transpose(1, 2).flatten(2).to(asked.dtype)))
        if attn.residual_connection:
            found = found + hidden_states
        scaled: Tensor = found / attn.rescale_output_factor
        return scaled

    def _around(self, seen: Tensor) -> Tensor:
        """What each picture looks at, (batch, tokens, channels)."""
        import torch

        run = self.run
        if seen.shape[0] % run.count or (run.mode == "masa" and not (self.late and run.step > 1)):
            return seen
        grouped = torch.unflatten(seen, 0, (-1, run.count))
        if run.mode != "story":
            return grouped[:, :1].expand_as(grouped).flatten(0, 1)
        everything = grouped.flatten(1, 2)
        taken = torch.rand(everything.shape[1], generator=run.chance) < SHARE
        others = everything[:, taken.to(seen.device)]
        return torch.cat([seen, others.repeat_interleave(run.count, dim=0)], dim=1)
