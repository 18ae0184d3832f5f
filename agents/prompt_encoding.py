"""Encode every prompt of the film before any image is generated, so that each text encoder is loaded once.

A text encoder can be as large as the denoiser. The prompt embeddings are kept under their content keys, and the
encoders leave memory. Embeddings change no image: the key of a job contains its prompt, not its embeddings.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from agents.executors import Job
from agents.moving_faces import face_prompts
from agents.run_context import PROMPT_ENCODING, RunContext
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


def encode_prompts(context: RunContext, shots: Iterable[ShotToFilm]) -> None:
    """Encode the prompts of all shots for all generating backends, so that each text encoder is loaded once a film."""
    jobs = []
    for shot in shots:
        chosen, options = shot.backends, shot.plan.render_options
        edits = [options.redraw.prompt if options.redraw else "", *(pose.prompt for pose in options.key_poses)]
        edits += face_prompts(context, shot)
        prompts = (
            ("clean", chosen.clean, ""), *(("redraw", chosen.redraw, edit) for edit in dict.fromkeys(edits)),
            ("outpaint", chosen.outpaint, shot.outpaint_prompt), ("animate", chosen.animate, shot.animate_prompt),
        )  # fmt: skip
        jobs += [encode_job(context, capability, name, shot.id, prompt) for capability, name, prompt in prompts]
    context.make(PROMPT_ENCODING, (job for job in jobs if job is not None))


def encode_job(context: RunContext, capability: str, name: str, label: str, prompt: str) -> Job | None:
    """Return the job that encodes a prompt for a backend; None where the backend has no separate text encoder."""
    encoder = prompt_encoder(context.backend(capability, name))
    if encoder is None:
        return None
    options = context.settings.options_of(capability, name)
    arguments = {"capability": capability, "backend": name, "options": options, "prompt": prompt}
    return Job(encoder.key(prompt), PROMPT_ENCODING, label, encode_prompt, arguments, model=encoder.encoder_id)


def prompt_encoder(backend: Backend) -> PromptEncoder | None:
    """Return the text encoder of a backend; None where it cannot run separately."""
    # look for one attribute first: the check against the whole protocol is slow, and runs for each job
    return (
        backend.prompt_encoder
        if hasattr(backend, "prompt_encoder") and isinstance(backend, SupportsPromptEmbeds)
        else None
    )


def encode_prompt(artifacts: Artifacts, *, capability: str, backend: str, options: Options, prompt: str) -> Made:
    """Encode one prompt and keep its embeddings."""
    encoder = prompt_encoder(backends.load_backend(capability, backend, **options))
    if encoder is None:
        raise _encoder_missing_error(backend)
    artifact = artifacts.keep(encoder.encode(prompt), "application/octet-stream")
    return Made(artifacts={"words": artifact})


def with_prompt_embeds(artifacts: Artifacts, backend: Drawing, embeds: str) -> Drawing:
    """Return a backend that uses prompt embeddings, so that its text encoder is not loaded.

    Args:
        artifacts: The store that holds the embeddings.
        backend: The backend that generates.
        embeds: The hash of the embeddings among the artifacts, "" for none.

    Returns:
        A copy that ignores the prompts that it is given; `backend` itself where there are no embeddings.

    Raises:
        BackendError: The backend takes no prompt embeddings.
    """
    if not embeds:
        return backend
    if not isinstance(backend, SupportsPromptEmbeds):
        raise _encoder_missing_error(type(backend).__module__)
    return backend.with_prompt_embeds(artifacts.open(embeds).read_bytes())


def _encoder_missing_error(name: str) -> BackendError:
    """Return the error for a backend without a separate text encoder."""
    return BackendError(
        f"the prompts of {name} cannot be encoded apart", "give it a `prompt_encoder`, as tools/prompt_embeds.py says"
    )
