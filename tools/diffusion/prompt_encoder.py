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
"""What a text encoder gave, by the names of the arguments of a pipeline's call; None for what it gives not."""
VERSION = 1
_TURN = " "


class _AsksPipeline(Protocol):
    """A dataclass that asks a pipeline."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    @property
    def pipe(self) -> PipelineSpec: ...


@dataclass(frozen=True)
class PipelinePromptEncoder:
    """Encodes the words of a pipeline.

    `say(awake, text)` has the pipeline encode a text, and gives tensors by the names of the arguments of its call, of
    which a None is left out. `text(prompt)` is the whole text for a shot's own prompt; `asked` is all else that shapes
    the tensors: the negative prompt, whether the model is guided.
    """

    pipe: PipelineSpec
    say: Callable[[DiffusionPipeline, str], Encoded]
    text: Callable[[str], str]
    asked: tuple[str | bool, ...] = ()
    turns: Callable[[str], tuple[str, ...]] = lambda prompt: (prompt,)
    """What a shot's prompt asks one after the other, each of which is encoded by itself."""

    @property
    def encoder_id(self) -> str:
        """What stands on the device while words are encoded."""
        return self._own.name

    @property
    def denoiser_id(self) -> str:
        """What stands on the device while a picture is made of words that were encoded before."""
        return without_text_encoder(self.pipe).name

    def key(self, prompt: str) -> str:
        """The content key of the words: the encoder, the whole text, and no more."""
        first, *later = self._texts(prompt)
        said: dict[str, object] = {"identity": self._own.identity, "text": first, "asked": list(self.asked)}
        said |= {"later": later} if later else {}
        return content_key("words", self.pipe.classname, VERSION, **said)

    def encode(self, prompt: str) -> bytes:
        """The words as safetensors. Raises BackendError when the weights are missing."""
        import torch
        from safetensors.torch import save

        with self._own.load() as awake, torch.inference_mode():
            kept = {
                f"{turn}{_TURN}{name}" if turn else name: value.contiguous().cpu()
                for turn, text in enumerate(self._texts(prompt))
                for name, value in self.say(awake, text).items() if value is not None
            }  # fmt: skip
            data: bytes = save(kept)
            return data

    def _texts(self, prompt: str) -> list[str]:
        return [self.text(one) for one in self.turns(prompt)]

    @cached_property
    def _own(self) -> PipelineSpec:
        # a LoRA and adapters belong to the picture; who has a LoRA that may teach the encoder too offers no Ear
        return replace(self.pipe, part=EAR, lora=None, adapters=())


def with_prompt_embeds(asking: PromptedT, data: bytes) -> PromptedT:
    """Give what asks a pipeline its prompt embeddings, so that no text encoder is loaded.

    Args:
        asking: A dataclass with a `pipe` and `words`: a painter, or a reel.
        data: Prompt embeddings as `Ear.encode` gives them, safetensors of one prompt.

    Returns:
        A copy that draws by these embeddings, whatever prompt it is given.
    """
    from safetensors.torch import load

    return replace(asking, pipe=without_text_encoder(asking.pipe), words=load(data))


@cache
def without_text_encoder(pipe: PipelineSpec) -> PipelineSpec:
    """The pipeline without what encodes words; one and the same for equal pipelines, which knows its identity then."""
    return replace(pipe, part=DEAF)


def split_embeds(words: Tensors) -> list[Tensors]:
    """The words of each turn, in order, out of those of all."""
    found: dict[int, dict[str, Tensor]] = {}
    for name, value in words.items():
        turn, _, plain = name.rpartition(_TURN)
        found.setdefault(int(turn or 0), {})[plain] = value
    return [found[turn] for turn in sorted(found)]


def embed_arguments(pipe: DiffusionPipeline, words: Tensors, count: int = 1) -> dict[str, Tensor]:
    """The arguments of a call that speak of `count` pictures alike, on the device of the awake pipeline."""
    device = pipe._execution_device
    return {name: value.to(device).repeat(count, *[1] * (value.ndim - 1)) for name, value in words.items()}


def name_embeds(names: Sequence[str], values: Sequence[Tensor | None]) -> Encoded:
    """What `encode_prompt` gave, by the names of the call's arguments."""
    return dict(zip(names, values, strict=False))
