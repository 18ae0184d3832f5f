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
"""How the images of a batch attend to each other.

`story`: every image also attends to half of all tokens, sampled at random (StoryDiffusion, Zhou et al. 2024).
`masa`: from the second step on, in the decoder, it attends to the first image only, so that its layout comes from its
own first steps and its content from the reference (MasaCtrl, Cao et al. 2023).
`first`: it always attends to the first image only (cross-frame attention of Text2Video-Zero, Khachatryan et al. 2023).
"""
SAMPLED_SHARE = 0.5
"""Share of all tokens that `story` samples."""


@contextmanager
def share_attention(unet: UNet2DConditionModel, mode: str, count: int, *, seed: int) -> Iterator[None]:
    """Share keys and values between the `count` images of a batch until the end of the block.

    Classifier-free guidance may double the batch.
    """
    layers = [(name, layer) for name, layer in unet.named_modules() if name.endswith("attn1")]
    state = _SharedState(mode, count, seed)
    processors = [layer.processor for _, layer in layers]
    for number, (name, layer) in enumerate(layers):
        layer.set_processor(_SharedAttention(state, leads=number == 0, late=name.startswith("up_blocks")))
    try:
        yield
    finally:
        for (_, layer), processor in zip(layers, processors, strict=True):
            layer.set_processor(processor)


class _SharedState:
    """State shared by all layers: the current step and the random generator."""

    def __init__(self, mode: str, count: int, seed: int) -> None:
        import torch

        self.mode, self.count, self.step = mode, count, 0
        self.random = torch.Generator("cpu").manual_seed(seed)


@dataclass
class _SharedAttention:
    """Attention processor of diffusers; batches are [unguided x count, guided x count], or one of the two."""

    run: _SharedState
    leads: bool
    late: bool

    def __call__(self, attn: Attention, hidden_states: Tensor, *_: object, **__: object) -> Tensor:
        import torch
        from torch.nn import functional

        self.run.step += self.leads
        tokens = hidden_states
        if attn.group_norm is not None:
            tokens = attn.group_norm(tokens.transpose(1, 2)).transpose(1, 2)
        context = self._attended_tokens(tokens)

        def split_heads(flat: Tensor) -> Tensor:
            return torch.unflatten(flat, -1, (attn.heads, -1)).transpose(1, 2)

        queries, keys, values = attn.to_q(tokens), attn.to_k(context), attn.to_v(context)
        output = functional.scaled_dot_product_attention(split_heads(queries), split_heads(keys), split_heads(values))
        output = attn.to_out[1](attn.to_out[0](output.transpose(1, 2).flatten(2).to(queries.dtype)))
        if attn.residual_connection:
            output = output + hidden_states
        scaled: Tensor = output / attn.rescale_output_factor
        return scaled

    def _attended_tokens(self, seen: Tensor) -> Tensor:
        """Return the tokens that each image attends to, (batch, tokens, channels)."""
        import torch

        state = self.run
        if seen.shape[0] % state.count or (state.mode == "masa" and not (self.late and state.step > 1)):
            return seen
        grouped = torch.unflatten(seen, 0, (-1, state.count))
        if state.mode != "story":
            return grouped[:, :1].expand_as(grouped).flatten(0, 1)
        everything = grouped.flatten(1, 2)
        sampled = torch.rand(everything.shape[1], generator=state.random) < SAMPLED_SHARE
        others = everything[:, sampled.to(seen.device)]
        return torch.cat([seen, others.repeat_interleave(state.count, dim=0)], dim=1)
