"""Protocols for backends whose text encoder can run separately and be freed before denoising."""

from __future__ import annotations

from typing import Protocol, Self, runtime_checkable


class PromptEncoder(Protocol):
    """Encode prompts with a backend's text encoder alone."""

    @property
    def encoder_id(self) -> str:
        """Return the name of the model that is on the device while prompts are encoded."""
        ...

    @property
    def denoiser_id(self) -> str:
        """Return the name of the model that is on the device while the backend runs with prompt embeddings."""
        ...

    def key(self, prompt: str) -> str:
        """Return the content key of the embeddings of a prompt.

        Args:
            prompt: The prompt of a shot.

        Returns:
            A key of the text encoder and the whole text that it encodes, and of nothing else.

        Raises:
            BackendError: The weights are not on this machine.
        """
        ...

    def encode(self, prompt: str) -> bytes:
        """Encode a prompt.

        Args:
            prompt: The prompt of a shot.

        Returns:
            The prompt embeddings as safetensors, for `SupportsPromptEmbeds.with_prompt_embeds`.

        Raises:
            BackendError: The weights are not on this machine.
        """
        ...


@runtime_checkable
class SupportsPromptEmbeds(Protocol):
    """A backend that can run without its text encoder, in addition to the protocol of its capability."""

    @property
    def prompt_encoder(self) -> PromptEncoder | None:
        """Return the encoder of its prompts; None if its current options need the text encoder during denoising."""
        ...

    def with_prompt_embeds(self, embeds: bytes) -> Self:
        """Return a copy that uses precomputed prompt embeddings and ignores the `prompt` argument.

        Args:
            embeds: Prompt embeddings from `PromptEncoder.encode`, as safetensors.

        Returns:
            A copy of the backend that does not load its text encoder.
        """
        ...
