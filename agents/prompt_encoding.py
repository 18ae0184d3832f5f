"""Encode every prompt of the film before any image is generated, so that each text encoder is loaded once.

A text encoder weighs as much as what draws. The prompt embeddings are kept under their content keys, and the encoders
leave memory. They change no picture: a job's own key speaks of its prompt, not of its embeddings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from agents.executors import Job
from agents.run_context import WORDS, RunContext
from agents.shots import ShotToFilm
from storage.artifacts import Artifacts
from storage.domain import Made
from storage.errors import BackendError
from storage.settings import Options
from tools import backends
from tools.backends import Backend
from tools.prompt_embeds import PromptEncoder, SupportsPromptEmbeds

Drawing = TypeVar("Drawing", bound=Backend)
"""A backend of some capability; with its prompt embeddings it is of the same."""


def encode_prompts(ctx: RunContext, shots: Iterable[ShotToFilm]) -> None:
    """Encode the words of all shots for all that draws, so that each encoder wakes once a film."""
    jobs = []
    for shot in shots:
        chosen = shot.backends
        asked = ("clean", chosen.clean, ""), ("outpaint", chosen.outpaint, shot.outpaint_prompt), (
            "animate", chosen.animate, shot.animate_prompt,
        )  # fmt: skip
        jobs += [encode_job(ctx, capability, name, shot.id, prompt) for capability, name, prompt in asked]
    ctx.make(WORDS, (job for job in jobs if job is not None))


def encode_job(ctx: RunContext, capability: str, name: str, label: str, prompt: str) -> Job | None:
    """The job that encodes what a backend is asked; None where it does not encode apart."""
    encoder = prompt_encoder(ctx.backend(capability, name))
    if encoder is None:
        return None
    options = ctx.settings.options_of(capability, name)
    given = {"capability": capability, "backend": name, "options": options, "prompt": prompt}
    return Job(encoder.key(prompt), WORDS, label, encode_prompt, given, model=encoder.encoder_id)


def prompt_encoder(backend: Backend) -> PromptEncoder | None:
    """What encodes the prompts of a backend by itself; None where they cannot be encoded apart from drawing."""
    # looking for one name first: the whole promise is looked up slowly, and this is asked for each job
    return (
        backend.prompt_encoder
        if hasattr(backend, "prompt_encoder") and isinstance(backend, SupportsPromptEmbeds)
        else None
    )


def encode_prompt(artifacts: Artifacts, *, capability: str, backend: str, options: Options, prompt: str) -> Made:
    """Encode the words of one prompt and keep them."""
    encoder = prompt_encoder(backends.load_backend(capability, backend, **options))
    if encoder is None:
        raise _needs_its_encoder(backend)
    kept = artifacts.keep(encoder.encode(prompt), "application/octet-stream")
    return Made(artifacts={"words": kept})


def with_prompt_embeds(artifacts: Artifacts, backend: Drawing, embeds: str) -> Drawing:
    """Give a backend its prompt embeddings, so that its text encoder is not loaded.

    Args:
        artifacts: Where the embeddings are kept.
        backend: What draws.
        embeds: The name of the embeddings among the artifacts, "" for none.

    Returns:
        A copy that ignores the prompts that it is given; `backend` itself where there are no embeddings.
    """
    if not embeds:
        return backend
    if not isinstance(backend, SupportsPromptEmbeds):
        raise _needs_its_encoder(type(backend).__module__)
    return backend.with_prompt_embeds(artifacts.open(embeds).read_bytes())


def _needs_its_encoder(name: str) -> BackendError:
    return BackendError(
        f"the prompts of {name} cannot be encoded apart", "give it a `prompt_encoder`, as tools/prompt_embeds.py says"
    )
