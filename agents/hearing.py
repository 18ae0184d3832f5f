"""A backend and a shot's prompt in, the job that encodes the words out; and jobs that draw, with their words encoded.

A text encoder weighs as much as what draws. All words of a film are encoded first, kept under their content keys, and
the encoders leave memory. The words change no picture: a job's own key speaks of its prompt, not of them.
"""

from __future__ import annotations

from typing import Any

from agents.executors import Job
from agents.shots import in_force
from agents.state import State
from agents.workshop import WORDS, Workshop
from storage.artifacts import Artifacts
from storage.settings import Options
from storage.shapes import Made
from tools import backends
from tools.worded import Worded


def first(shop: Workshop, state: State) -> None:
    """Encode the words of all shots for all that draws, so that each encoder wakes once a film."""
    jobs = []
    for shot in in_force(shop, state):
        chosen = shot.backends
        asked = ("clean", chosen.clean, ""), ("outpaint", chosen.outpaint, shot.painted), (
            "animate", chosen.animate, shot.moved,
        )  # fmt: skip
        jobs += [words(shop, capability, name, shot.id, prompt) for capability, name, prompt in asked]
    shop.make(WORDS, (job for job in jobs if job is not None))


def words(shop: Workshop, capability: str, name: str, label: str, prompt: str) -> Job | None:
    """The job that encodes what a backend is asked; None where it does not encode apart."""
    backend = shop.backend(capability, name)
    ear = backend.ear if isinstance(backend, Worded) else None
    if ear is None:
        return None
    options = shop.settings.options_of(capability, name)
    given = {"capability": capability, "backend": name, "options": options, "prompt": prompt}
    return Job(ear.key(prompt), WORDS, label, encode, given, model=ear.hearing)


def encode(artifacts: Artifacts, *, capability: str, backend: str, options: Options, prompt: str) -> Made:
    """Encode the words of one prompt and keep them."""
    said: bytes = backends.load(capability, backend, **options).ear.encode(prompt)
    return Made(artifacts={"words": artifacts.keep(said, "application/octet-stream")})


def opened(artifacts: Artifacts, capability: str, backend: str, options: Options, said: str) -> Any:
    """The backend, told the words that are kept as `said`, where there are any."""
    found = backends.load(capability, backend, **options)
    return found.told(artifacts.open(said).read_bytes()) if said else found
