"""Load LoRAs into the denoisers of a pipeline, each with its strength, and refuse those that change nothing.

Hu et al., LoRA (2021). Wan 2.2 A14B has two denoisers, an expert for high noise and one for low noise. A LoRA goes to
both of them, or to the one that it was trained for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from storage.errors import BackendError
from storage.profiles.names import split_strength
from tools.diffusion.weights import Weights

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

Expert = Literal["all", "high_noise", "low_noise"]
"""Which denoisers a LoRA changes: all, or one of the two experts of Wan 2.2 A14B."""
_SECOND_DENOISER = "transformer_2"
"""The component that denoises low noise in pipelines with two experts."""
LEARNED = "learned"
"""The adapter of a LoRA that is being trained, and the beginning of the names of those that a film has learned."""


@dataclass(frozen=True)
class Lora:
    """A LoRA, with its strength and the denoisers that it changes."""

    weights: Weights
    strength: float = 1.0
    expert: Expert = "all"

    @cached_property
    def identity(self) -> str:
        """Return its identity for content keys.

        Raises BackendError if its file is not on this machine, or the folder does not say which file is meant.
        """
        _ = self.weights.file
        prefix = "lora" if self.expert == "all" else f"lora {self.expert}"
        suffix = "" if self.strength == 1.0 else f"*{self.strength:g}"
        return f"{prefix}={self.weights.identity}{suffix}"


@dataclass(frozen=True)
class LearnedLora:
    """A LoRA that was trained on a character of the film: a file of safetensors, whatever its name."""

    path: Path

    @property
    def adapter(self) -> str:
        """The name of its adapter: files in the store are named after the hash of what they hold."""
        return f"{LEARNED}_{self.path.stem}"


def parse_loras(names: str | Sequence[str], expert: Expert = "all") -> tuple[Lora, ...]:
    """Return the LoRAs that an option names: one text or several, "" for none."""
    texts = [names] if isinstance(names, str) else names
    split = [split_strength(text) for text in texts if text]
    return tuple(Lora(Weights(model), strength, expert) for model, strength in split)


def load_loras(pipe: DiffusionPipeline, loras: Sequence[Lora]) -> None:
    """Load LoRAs into a pipeline.

    Raises BackendError if the pipeline takes none, or one of them fits none of the layers of a denoiser it is meant
    for.
    """
    if not hasattr(pipe, "load_lora_weights"):
        raise BackendError(f"{type(pipe).__name__} takes no LoRA", "leave out lora")
    for number, lora in enumerate(loras):
        for component in _denoisers(pipe, lora):
            path = lora.weights.file
            options = {"load_into_transformer_2": True} if component == _SECOND_DENOISER else {}
            pipe.load_lora_weights(
                str(path.parent), weight_name=path.name, adapter_name=_adapter_name(number), use_safetensors=True,
                local_files_only=True, **options,
            )  # fmt: skip
            if not _has_adapter(pipe, component, _adapter_name(number)):
                raise BackendError(
                    f"{path.name} changes no layer of {type(pipe).__name__}'s {component}",
                    "name a LoRA that was made for this model",
                )
    pipe.set_adapters([_adapter_name(number) for number in range(len(loras))], [lora.strength for lora in loras])


def activate_loras(pipe: DiffusionPipeline, loras: Sequence[Lora], learned: Sequence[LearnedLora]) -> None:
    """Let the LoRAs of a loaded pipeline and these learned ones change what it draws, and no others.

    Those that it does not have yet are loaded into it, so that another character needs no other copy of the model.
    """
    from safetensors.torch import load_file

    present = {name for names in pipe.get_list_adapters().values() for name in names}
    for lora in learned:
        if lora.adapter not in present:
            pipe.load_lora_weights(load_file(lora.path), adapter_name=lora.adapter)
    active = [_adapter_name(number) for number in range(len(loras))] + [lora.adapter for lora in learned]
    if active:
        pipe.enable_lora()
        pipe.set_adapters(active, [*(lora.strength for lora in loras), *[1.0] * len(learned)])
    elif present:
        pipe.disable_lora()


def denoiser_name(pipe: DiffusionPipeline) -> str:
    """Return the name of the component that denoises, the first where there are two."""
    return "unet" if "unet" in pipe.components else "transformer"


def _denoisers(pipe: DiffusionPipeline, lora: Lora) -> list[str]:
    """Return the components of the pipeline that a LoRA is loaded into."""
    first = denoiser_name(pipe)
    has_two = pipe.components.get(_SECOND_DENOISER) is not None
    if lora.expert == "all":
        return [first, _SECOND_DENOISER] if has_two else [first]
    if not has_two:
        raise BackendError(
            "this model has one denoiser, and no experts for high and low noise", "name the LoRA in the option lora"
        )
    return [first] if lora.expert == "high_noise" else [_SECOND_DENOISER]


def _has_adapter(pipe: DiffusionPipeline, component: str, adapter: str) -> bool:
    """Return whether a LoRA changes at least one layer of a component, or of a text encoder beside it."""
    found = pipe.get_list_adapters()
    beside = [name for name in found if name.startswith("text_encoder")]
    return any(adapter in found.get(name, ()) for name in (component, *beside))


def _adapter_name(number: int) -> str:
    return f"lora_{number}"
