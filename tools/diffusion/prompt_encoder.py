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
from tools.diffusion.pipelines import DEAF, EAR, PipelineSpec

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from torch import Tensor

PromptedT = TypeVar("PromptedT", bound="_AsksPipeline")
Tensors = Mapping[str, "Tensor"]
Encoded = Mapping[str, "Tensor | None"]
"""Output of a text encoder by the names of the arguments of a pipeline's call; None for outputs that do not exist."""
VERSION = 1
_TURN_SEPARATOR = " "


class _AsksPipeline(Protocol):
    """A dataclass that calls a pipeline."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    @property
    def pipe(self) -> PipelineSpec: ...


@dataclass(frozen=True)
class PipelinePromptEncoder:
    """Encode prompts with the text encoder of a pipeline."""

    pipe: PipelineSpec
    say: Callable[[DiffusionPipeline, str], Encoded]
    """Encodes a text with the loaded pipeline: tensors by the names of its call's arguments; a None is left out."""
    text: Callable[[str], str]
    """Returns the whole text to encode for a shot's own prompt."""
    asked: tuple[str | bool, ...] = ()
    """Everything else that shapes the tensors: the negative prompt, whether the model is guided."""
    turns: Callable[[str], tuple[str, ...]] = lambda prompt: (prompt,)
    """Splits a shot's prompt into the prompts of successive clips, each of which is encoded by itself."""

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
            "asked": list(self.asked),
        }
        arguments |= {"later": later} if later else {}
        return content_key("words", self.pipe.classname, VERSION, **arguments)

    def encode(self, prompt: str) -> bytes:
        """Encode a prompt as safetensors. Raises BackendError if the weights are missing."""
        import torch
        from safetensors.torch import save

        with self._encoder_pipe.load() as pipe, torch.inference_mode():
            tensors = {
                f"{turn}{_TURN_SEPARATOR}{name}" if turn else name: value.contiguous().cpu()
                for turn, text in enumerate(self._texts(prompt))
                for name, value in self.say(pipe, text).items() if value is not None
            }  # fmt: skip
            data: bytes = save(tensors)
            return data

    def _texts(self, prompt: str) -> list[str]:
        """Return the whole text of each clip's prompt."""
        return [self.text(clip_prompt) for clip_prompt in self.turns(prompt)]

    @cached_property
    def _encoder_pipe(self) -> PipelineSpec:
        """Return the spec of the text encoder alone."""
        # a LoRA and adapters concern the denoiser; with a LoRA that may have trained the text encoder there is none
        return replace(self.pipe, part=EAR, lora=None, adapters=())


def with_prompt_embeds(asking: PromptedT, data: bytes) -> PromptedT:
    """Return a copy of a painter or sampler that uses prompt embeddings and loads no text encoder.

    Args:
        asking: A dataclass with the fields `pipe` and `words`: a painter, or a video sampler.
        data: Prompt embeddings from `PipelinePromptEncoder.encode`, safetensors of one prompt.

    Returns:
        A copy that uses these embeddings and ignores its prompt.
    """
    from safetensors.torch import load

    return replace(asking, pipe=without_text_encoder(asking.pipe), words=load(data))


@cache
def without_text_encoder(pipe: PipelineSpec) -> PipelineSpec:
    """Return the spec without its text encoders; the same object for equal specs, with its identity computed once."""
    return replace(pipe, part=DEAF)


def split_embeds(words: Tensors) -> list[Tensors]:
    """Split the embeddings of a prompt into those of each clip, in order."""
    by_turn: dict[int, dict[str, Tensor]] = {}
    for name, value in words.items():
        turn, _, argument = name.rpartition(_TURN_SEPARATOR)
        by_turn.setdefault(int(turn or 0), {})[argument] = value
    return [by_turn[turn] for turn in sorted(by_turn)]


def embed_arguments(pipe: DiffusionPipeline, words: Tensors, count: int = 1) -> dict[str, Tensor]:
    """Return embeddings as arguments of a call for `count` images, on the device of the loaded pipeline."""
    device = pipe._execution_device
    return {name: value.to(device).repeat(count, *[1] * (value.ndim - 1)) for name, value in words.items()}


def name_embeds(names: Sequence[str], values: Sequence[Tensor | None]) -> Encoded:
    """Pair the outputs of `encode_prompt` with the names of the call's arguments."""
    return dict(zip(names, values, strict=False))
