"""Protocol and loader of animators, which make a plate move by itself; the camera moves later, in composite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from tools import backends
from tools.backends import Backend, KeyFrames
from tools.plates import Image, KeyFrame, Motion, Plate


@runtime_checkable
class Animator(Backend, Protocol):
    """Animate a plate. An animator with `looks = False` receives no references."""

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        """Animate the content of a plate.

        Args:
            plate: The plate whose pixels are the first frame.
            seconds: Length of the shot in seconds, above 0.
            prompt: What moves and how; "; then" separates successive actions. Terms to avoid follow "Never: ".
            references: Reference images, each (h, w, 3) RGB uint8.
            seed: Seed of the initial noise of a generative backend, 0 or more.

        Returns:
            The motion over the box of the plate. The number of frames and their rate are those of the model; a motion
            shorter than the shot holds its last frame, and a single frame is a still.

        Raises:
            BackendError: The weights are not on this machine, or the device runs out of memory.
        """
        ...


@runtime_checkable
class KeyFrameAnimator(Backend, Protocol):
    """Animate a plate so that it comes to given pictures.

    Attributes:
        key_frames: Where pictures besides the first may stand: "last" takes one at the end of each clip, and several
            by a clip for each; "any" takes several in one clip; "none" takes none.
    """

    @property
    def key_frames(self) -> KeyFrames:
        """Where pictures besides the first may stand."""
        ...

    def animate(
        self,
        plate: Plate,
        *,
        seconds: float,
        prompt: str,
        references: Sequence[Image],
        seed: int,
        keys: Sequence[KeyFrame] = (),
    ) -> Motion:
        """Animate the content of a plate as an `Animator` does.

        Args:
            plate: The plate whose pixels are the first frame.
            seconds: Length of the shot in seconds, above 0.
            prompt: What moves and how.
            references: Reference images, each (h, w, 3) RGB uint8.
            seed: Seed of the initial noise, 0 or more.
            keys: The pictures that it comes to, and when; empty if `key_frames` is "none".

        Returns:
            The motion. With `keys` its first frame is the plate, and the frame of each key is that very picture; the
            numbers of these frames are the motion's `keys`.

        Raises:
            BackendError: The weights are not on this machine, or the device runs out of memory.
        """
        ...


def load_animator(name: str, **options: object) -> Animator:
    """Load an animator.

    Args:
        name: A module of `tools/animate/`, such as "still", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The animator; equal options return the same object. Its weights are loaded when it runs.

    Raises:
        BackendError: There is no such backend, it is no animator, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("animate", name, **options)
    if not isinstance(backend, Animator):
        raise backends.protocol_error("animate", name, "Animator")
    return backend
