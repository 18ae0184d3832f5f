"""Protocol and loader of LoRA trainers, which teach an image model how one character of a book is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tools import backends
from tools.backends import Backend
from tools.plates import Image


@runtime_checkable
class DrawsCharacters(Protocol):
    """A backend that can load LoRAs of characters, by an option `learned` with the paths of their files."""

    pipeline_class: str

    def lora_base(self) -> str:
        """Return the identity of the model that such a LoRA is trained for.

        Raises:
            BackendError: The weights are not on this machine.
        """
        ...


@runtime_checkable
class LoraTrainer(Backend, Protocol):
    """Train a LoRA for the model that the backend names.

    Attributes:
        steps: How many times the weights of the LoRA are changed.
    """

    steps: int

    def train(self, images: Sequence[Image], *, caption: str, seed: int) -> bytes:
        """Train a LoRA on pictures of one subject.

        Args:
            images: One picture or more of the subject, each (h, w, 3) RGB uint8, of any size.
            caption: What the pictures show, for the text encoder, such as "a girl with short hair".
            seed: Seed of the noise, of the order of the pictures and of the first weights, 0 or more.

        Returns:
            The LoRA as safetensors, in the layout that diffusers reads. Equal arguments give equal bytes on one CPU.

        Raises:
            BackendError: The weights are not on this machine, or the device runs out of memory.
        """
        ...


def trainer_name(drawing: DrawsCharacters) -> str:
    """Return the trainer for the pipeline of a backend; "" where none is made for it."""
    return next(
        (
            name
            for name in backends.backend_names("learn")
            if getattr(backends.backend_class("learn", name), "pipeline_class", "") == drawing.pipeline_class
        ),
        "",
    )


def load_trainer(name: str, **options: object) -> LoraTrainer:
    """Load a LoRA trainer.

    Args:
        name: A module of `tools/learn/`, such as "sdxl", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The trainer; equal options return the same object. The weights of its model are loaded when it trains.

    Raises:
        BackendError: There is no such backend, it is no trainer, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("learn", name, **options)
    if not isinstance(backend, LoraTrainer):
        raise backends.protocol_error("learn", name, "LoraTrainer")
    return backend
