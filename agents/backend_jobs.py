"""Build the job of a backend under its content key, and choose the reference images that it may look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agents import prompt_encoding
from agents.executors import Job
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.artifacts import Artifacts
from storage.domain import Box, Made, Transcript
from storage.keys import code_versions, content_key
from storage.library import Library
from storage.settings import Options
from tools import backends, png
from tools.backends import Backend
from tools.ingest import images as page_images
from tools.plates import Image

PLACEMENT = frozenset({"offload", "device"})
"""Options that say where weights wait: they change no picture, and so no content key."""
REFERENCES = 3
"""Pictures that a model looks at where nobody chose them."""
SHA = 64
"""Letters of an artifact's name."""
Reference = tuple[str, Box | None]
"""A picture to look at: an artifact, and the part of it that counts."""


def build_job(
    ctx: RunContext,
    capability: str,
    name: str,
    label: str,
    make: Callable[..., Made],
    arguments: Mapping[str, object],
    **versions: int,
) -> Job:
    """Build the job of `make(artifacts, backend=name, options=..., **arguments)` under a key of all that shapes it.

    `versions` are those of the code beside the backend: the stage's own, and of modules it shares with other stages.
    """
    options = ctx.settings.options_of(capability, name)
    backend = ctx.backend(capability, name)
    parts = {**arguments, **_shaping(backend, options), **code_versions(**versions)}
    key = content_key(capability, name, backend.version, **parts)
    given = {"backend": name, "options": options, **arguments}
    words = prompt_encoding.encode_job(ctx, capability, name, label, str(arguments.get("prompt", "")))
    encoder = prompt_encoding.prompt_encoder(backend)
    deaf = encoder.denoiser_id if encoder else ""
    return Job(
        key, capability, label, make, given, model=backends.device_model(backend), encode_job=words, denoiser_id=deaf
    )


def backend_parts(ctx: RunContext, capability: str, name: str) -> dict[str, object]:
    """Return the parts of a content key that say which backend shapes a result, where the key is of another tool.

    Its version is left out while it is 1, as `code_versions` does, and its options are {} where it has none.
    """
    backend = ctx.backend(capability, name)
    version = {"version": backend.version} if backend.version > 1 else {}
    shaping = _shaping(backend, ctx.settings.options_of(capability, name))
    return {"backend": name, "options": {}, **shaping, **version}


def choose_references(ctx: RunContext, shot: ShotToFilm) -> list[Reference]:
    """Who and what a drawing model is to keep alike: what a person chose, as far as it is there; else portraits of the
    shot's characters, then the panels around it.
    """
    transcript = shot.transcript
    cast = {one.id: one for one in transcript.cast} if transcript else {}
    if transcript and shot.plan.render_options.references is not None:
        named = _named(ctx, shot, transcript)
        return [named[name] for name in shot.plan.render_options.references if name in named]
    portraits: list[Reference] = [
        (cast[name].reference, None) for name in shot.plan.characters if name in cast and cast[name].reference
    ]
    place = shot.panels[0].order
    around = sorted(shot.others, key=lambda panel: (abs(panel.order - place), panel.order))
    return [*portraits, *((shot.page.artifact, panel.box) for panel in around)][:REFERENCES]


def _named(ctx: RunContext, shot: ShotToFilm, transcript: Transcript) -> dict[str, Reference]:
    """Everything of the book that a reference may name, and the pictures that the shot names."""
    images, asked = shot.images, shot.plan.render_options.references or ()
    return {
        **{name: (name, None) for name in asked if len(name) == SHA and ctx.library.artifacts.has(name)},
        **{panel.id: (images[page.index].artifact, panel.box) for page in transcript.pages for panel in page.panels},
        **{one.id: (one.reference, None) for one in transcript.cast if one.reference},
    }


def keep_picture(library: Library, data: bytes, name: str, *, key: str, tool: str) -> str:
    """The artifact of a picture from outside the project, which is kept once. SourceError where it is none."""
    made = library.find_made(key)
    if made is None:
        kept = library.artifacts.keep(png.encode_png(page_images.decode_image(data, name)), "image/png")
        made = Made(artifacts={"picture": kept})
        library.add_made(key, tool, made)
    return next(iter(made.artifacts.values())).sha256


def open_references(artifacts: Artifacts, found: list[Reference]) -> list[Image]:
    """The pictures of references, each (h, w, 3) RGB."""
    pictures = {sha: png.read_png(artifacts.open(sha))[..., :3] for sha, _ in found}
    return [_cropped(pictures[sha], box) for sha, box in found]


def _cropped(picture: Image, box: Box | None) -> Image:
    if box is None:
        return picture
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in box)
    return picture[y0:y1, x0:x1]


def _shaping(backend: Backend, options: Options) -> dict[str, object]:
    """What of a backend shapes its pictures; nothing for one without settings, so that its keys stay as they were."""
    chosen = {name: value for name, value in options.items() if name not in PLACEMENT}
    identity = backends.weights_identity(backend)
    return ({"options": chosen} if chosen else {}) | ({"weights": identity} if identity else {})
