"""Protocol and loader of animators, which make a plate move by itself; the camera moves later, in composite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tools import backends
from tools.backends import Backend
from tools.plates import Image, Motion, Plate


@runtime_checkable
class Animator(Backend, Protocol):
    """Gives a plate its own life. One that has `looks = False` is handed no references."""

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        """Move what a plate shows.

        Args:
            plate: The picture to begin with.
            seconds: How long the shot is, above 0.
            prompt: What moves and how; "; then" parts what follows one after the other.
            references: Pictures of what is to look alike, each (h, w, 3) RGB uint8.
            seed: Of the noise that a generating backend begins with, 0 or more.

        Returns:
            The motion over the box of the plate. The number of frames and their rate are what the model gives; a
            motion shorter than the shot holds its last frame, one frame is a still.

        Raises:
            BackendError: The weights are not on this machine, or the device's memory does not suffice.
        """
        ...


def load_animator(name: str, **options: object) -> Animator:
    """Load an animator.

    Args:
        name: A file of `tools/animate/`, such as "still", or the dotted path of a class from outside.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The animator, one and the same for equal options; its weights are loaded when it is at work.

    Raises:
        BackendError: There is no such backend, it is no animator, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("animate", name, **options)
    if not isinstance(backend, Animator):
        raise backends.protocol_error("animate", name, "Animator")
    return backend
