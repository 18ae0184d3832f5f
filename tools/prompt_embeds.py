"""Protocols for backends whose text encoder can run separately and be freed before denoising."""

from __future__ import annotations

from typing import Protocol, Self, runtime_checkable


class PromptEncoder(Protocol):
    """Encodes what a backend is asked in words."""

    @property
    def encoder_id(self) -> str:
        """What must be awake on the device to encode."""
        ...

    @property
    def denoiser_id(self) -> str:
        """What must be awake for the backend that was told."""
        ...

    def key(self, prompt: str) -> str:
        """The content key of the words of a shot's prompt: of the encoder and the text alone."""
        ...

    def encode(self, prompt: str) -> bytes:
        """The words, for `told`."""
        ...


@runtime_checkable
class SupportsPromptEmbeds(Protocol):
    """Keeps its capability's promise, and this one."""

    @property
    def prompt_encoder(self) -> PromptEncoder | None:
        """What encodes its words; None where, as it is set, it needs its encoder beside the picture."""
        ...

    def with_prompt_embeds(self, words: bytes) -> Self:
        """The same backend with its words encoded: whatever prompt it is given, it draws what these say."""
        ...
