"""Encode prompts with a pipeline's text encoder alone, and run the pipeline without it afterwards.

A text encoder may be larger than the rest of the pipeline (UMT5: 11 GB). All prompts of a film are encoded first and
stored under their content keys, and the text encoder leaves memory before any image is generated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from storage.keys import content_key
from tools.diffusion.pipelines import TEXT_ENCODERS, WITHOUT_TEXT_ENCODERS, Assemble, PipelineSpec

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from torch import Tensor

PromptedT = TypeVar("PromptedT", bound="_HasPipeline")
Tensors = Mapping[str, "Tensor"]
Encoded = Mapping[str, "Tensor | None"]
"""Output of a text encoder by the names of the arguments of a pipeline's call; None for outputs that do not exist."""
VERSION = 1
_TURN_SEPARATOR = " "


class _HasPipeline(Protocol):
    """A dataclass that calls a pipeline."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    @property
    def pipe(self) -> PipelineSpec: ...


@dataclass(frozen=True)
class PipelinePromptEncoder:
    """Encode prompts with the text encoder of a pipeline."""

    pipe: PipelineSpec
    encode_text: Callable[[DiffusionPipeline, str], Encoded]
    """Encodes a text with the loaded pipeline: tensors by the names of its call's arguments; a None is left out."""
    full_text: Callable[[str], str]
    """Returns the whole text to encode for a shot's own prompt."""
    further_parts: tuple[str | bool, ...] = ()
    """Everything else that shapes the tensors: the negative prompt, whether the model is guided."""
    split_clips: Callable[[str], tuple[str, ...]] = lambda prompt: (prompt,)
    """Splits a shot's prompt into the prompts of successive clips, each of which is encoded by itself."""
    assemble: Assemble | None = None
    """Creates the pipeline with its text encoders alone, where that cannot be done by leaving out components."""

    @property
    def encoder_id(self) -> str:
        """Return the name of the model on the device while prompts are encoded."""
        return self._encoder_pipe.name

    @property
    def denoiser_id(self) -> str:
        """Return the name of the model on the device while images are generated from prompt embeddings."""
        return without_text_encoder(self.pipe).name

    def key(self, prompt: str) -> str:
        """Return the content key of the embeddings: the text encoder and the whole text, and nothing else."""
        first, *later = self._texts(prompt)
        arguments: dict[str, object] = {
            "identity": self._encoder_pipe.identity,
            "text": first,
            "asked": list(self.further_parts),
        }
        arguments |= {"later": later} if later else {}
        return content_key("words", self.pipe.classname, VERSION, **arguments)

    def encode(self, prompt: str) -> bytes:
        """Encode a prompt as safetensors. Raises BackendError if the weights are missing."""
        import torch
        from safetensors.torch import save

        with self._encoder_pipe.load(self.assemble) as pipe, torch.inference_mode():
            tensors = {
                f"{turn}{_TURN_SEPARATOR}{name}" if turn else name: value.contiguous().cpu()
                for turn, text in enumerate(self._texts(prompt))
                for name, value in self.encode_text(pipe, text).items() if value is not None
            }  # fmt: skip
            data: bytes = save(tensors)
            return data

    def _texts(self, prompt: str) -> list[str]:
        """Return the whole text of each clip's prompt."""
        return [self.full_text(clip_prompt) for clip_prompt in self.split_clips(prompt)]

    @cached_property
    def _encoder_pipe(self) -> PipelineSpec:
        """Return the spec of the text encoder alone."""
        # a LoRA and adapters concern the denoiser; with a LoRA that may have trained the text encoder there is none
        return replace(self.pipe, part=TEXT_ENCODERS, loras=(), denoisers=(), adapters=())


def with_prompt_embeds(user: PromptedT, data: bytes) -> PromptedT:
    """Return a copy of a painter or sampler that uses prompt embeddings and loads no text encoder.

    Args:
        user: A dataclass with the fields `pipe` and `prompt_embeds`: a painter, or a video sampler.
        data: Prompt embeddings from `PipelinePromptEncoder.encode`, safetensors of one prompt.

    Returns:
        A copy that uses these embeddings and ignores its prompt.
    """
    from safetensors.torch import load

    return replace(user, pipe=without_text_encoder(user.pipe), prompt_embeds=load(data))


@cache
def without_text_encoder(pipe: PipelineSpec) -> PipelineSpec:
    """Return the spec without its text encoders; the same object for equal specs, with its identity computed once."""
    return replace(pipe, part=WITHOUT_TEXT_ENCODERS)


def split_embeds(embeds: Tensors) -> list[Tensors]:
    """Split the embeddings of a prompt into those of each clip, in order."""
    by_turn: dict[int, dict[str, Tensor]] = {}
    for name, value in embeds.items():
        turn, _, argument = name.rpartition(_TURN_SEPARATOR)
        by_turn.setdefault(int(turn or 0), {})[argument] = value
    return [by_turn[turn] for turn in sorted(by_turn)]


def embed_arguments(pipe: DiffusionPipeline, embeds: Tensors, count: int = 1) -> dict[str, Tensor]:
    """Return embeddings as arguments of a call for `count` images, on the device of the loaded pipeline."""
    device = pipe._execution_device
    return {name: value.to(device).repeat(count, *[1] * (value.ndim - 1)) for name, value in embeds.items()}


def name_embeds(names: Sequence[str], values: Sequence[Tensor | None]) -> Encoded:
    """Pair the outputs of `encode_prompt` with the names of the call's arguments."""
    return dict(zip(names, values, strict=False))
