"""Build the job of a backend under its content key, and choose the reference images that it may look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from agents import prompt_encoding
from agents.editing.references import picture_file
from agents.editing.selectors import short_name
from agents.executors import Job
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.artifacts import Artifacts
from storage.domain import Box, Made, Transcript
from storage.errors import UserFileDamaged
from storage.keys import code_versions, content_key
from storage.settings import Options
from tools import backends, png
from tools.backends import Backend
from tools.ingest import images as page_images
from tools.learn import DrawsCharacters
from tools.plates import Image

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

PLACEMENT_OPTIONS = frozenset({"offload", "device", "threads"})
"""Options that say where weights are kept and what runs them: they change no image, and so no content key."""
MAX_REFERENCES = 3
"""How many reference images a model gets where nobody chose them."""
HASH_CHARACTERS = 64
"""Characters of an artifact's hash."""
Reference = tuple[str, Box | None]
"""A reference image: the hash of an artifact, and the box of it that counts (None: all of it)."""


def build_job(
    context: RunContext,
    capability: str,
    name: str,
    label: str,
    make: Callable[..., Made],
    arguments: Mapping[str, object],
    characters: Sequence[str] = (),
    /,
    **versions: int,
) -> Job:
    """Build the job of `make(artifacts, backend=name, options=..., **arguments)` under a key of all that shapes it.

    Args:
        context: The run's context.
        capability: The capability, as in `tools/`: "clean", "outpaint", "animate" and so on.
        name: The backend.
        label: The name of the job in messages, such as the shot's id.
        make: A function at the top of a module that does the work.
        arguments: Keyword arguments of `make`; all of them are part of the content key.
        characters: The ids of characters whose LoRAs the backend loads, as far as some were learned for its model.
        versions: Versions of the code beside the backend: the stage's own, and of modules that it shares with other
            stages.
    """
    options = context.settings.options_of(capability, name)
    backend = context.backend(capability, name)
    shaping = shaping_parts(options, backends.weights_identity(backend))
    parts = {**arguments, **shaping, **code_versions(**versions)}
    if learned := learned_loras(context, backend, characters):
        parts["learned"] = learned
        options = {**options, "learned": [str(context.library.artifacts.open(sha)) for sha in learned]}
    key = content_key(capability, name, backend.version, **parts)
    job_arguments = {"backend": name, "options": options, **arguments}
    encode_job = prompt_encoding.encode_job(context, capability, name, label, str(arguments.get("prompt", "")))
    encoder = prompt_encoding.prompt_encoder(backend)
    denoiser_id = encoder.denoiser_id if encoder else ""
    return Job(
        key,
        capability,
        label,
        make,
        job_arguments,
        model=backends.device_model(backend),
        encode_job=encode_job,
        denoiser_id=denoiser_id,
    )


def learned_loras(context: RunContext, backend: Backend, characters: Sequence[str]) -> list[str]:
    """Return the hashes of the LoRAs that were learned of characters for the model of a backend."""
    if not characters or not context.learned_loras or not isinstance(backend, DrawsCharacters):
        return []
    base = backend.lora_base()
    return [sha for one in characters if (sha := context.learned_loras.get((one, base)))]


def backend_parts(context: RunContext, capability: str, name: str) -> dict[str, object]:
    """Return the parts of a content key that say which backend shapes a result, where the key is of another tool.

    Its version is left out while it is 1, as `code_versions` does, and its options are {} where it has none.
    """
    backend = context.backend(capability, name)
    version = {"version": backend.version} if backend.version > 1 else {}
    shaping = shaping_parts(context.settings.options_of(capability, name), backends.weights_identity(backend))
    return {"backend": name, "options": {}, **shaping, **version}


def choose_references(context: RunContext, shot: ShotToFilm) -> list[Reference]:
    """Choose the reference images whose likeness a generating model should keep.

    Those that a person chose, as far as the book still has them; else portraits of the shot's characters, then the
    panels around it, at most MAX_REFERENCES in all.

    Raises:
        UserFileDamaged: A picture that a person gave is damaged or missing in the project.
    """
    transcript = shot.transcript
    cast = {character.id: character for character in transcript.cast} if transcript else {}
    if transcript and shot.plan.render_options.references is not None:
        choices = _reference_choices(context, shot, transcript)
        return [choices[name] for name in shot.plan.render_options.references if name in choices]
    portraits: list[Reference] = [
        (cast[name].reference, None) for name in shot.plan.characters if name in cast and cast[name].reference
    ]
    first_order = shot.panels[0].order
    nearest_panels = sorted(shot.others, key=lambda panel: (abs(panel.order - first_order), panel.order))
    return [*portraits, *((shot.page.artifact, panel.box) for panel in nearest_panels)][:MAX_REFERENCES]


def reference_places(shot: ShotToFilm, references: Sequence[Reference]) -> list[list[Box]]:
    """Return where on its page the shot shows the character of each reference; [] for one that shows no character."""
    cast = shot.transcript.cast if shot.transcript else ()
    characters = {character.reference: character.id for character in cast if character.reference}
    shown = {panel.id for panel in shot.panels}
    seen = [one for one in shot.page_transcript.characters if one.character and one.panel in shown] if cast else []
    return [
        sorted(one.box for one in seen if box is None and one.character == characters.get(sha))
        for sha, box in references
    ]


def _reference_choices(context: RunContext, shot: ShotToFilm, transcript: Transcript) -> dict[str, Reference]:
    """Return everything in the book that a reference may name, and the images that the shot names by their hash."""
    images, requested = shot.images, shot.plan.render_options.references or ()
    return {
        **{
            name: (name, None)
            for name in requested
            if len(name) == HASH_CHARACTERS and _has_picture(context, shot, name)
        },
        **{panel.id: (images[page.index].artifact, panel.box) for page in transcript.pages for panel in page.panels},
        **{character.id: (character.reference, None) for character in transcript.cast if character.reference},
    }


def _has_picture(context: RunContext, shot: ShotToFilm, artifact: str) -> bool:
    """Return True for a picture that a person gave as a reference.

    Raises:
        UserFileDamaged: It is damaged or missing.
    """
    if context.library.artifacts.has(artifact):
        return True
    name = picture_file(context.library.revisions(), artifact) or f"picture {artifact[:8]}"
    number = short_name(shot.id)
    raise UserFileDamaged(
        f"the stored copy of {name}, a reference of shot {number}, is damaged or missing",
        f"give it again: main.py chat PROJECT 'shot {number} refs {name}', or do without: 'shot {number} refs none'",
        name=name,
    )


def keep_picture(library: Library, data: bytes, name: str, *, key: str, tool: str) -> str:
    """Return the artifact of an image from outside the project, which is kept only once.

    Args:
        library: The project's library.
        data: The bytes of the image file.
        name: The name of the file, for messages.
        key: The content key under which it is kept.
        tool: The tool that is recorded with it.

    Raises:
        SourceError: `data` is not an image.
    """
    made = library.find_made(key)
    if made is None:
        artifact = library.artifacts.keep(png.encode_png(page_images.decode_image(data, name)), "image/png")
        made = Made(artifacts={"picture": artifact})
        library.add_made(key, tool, made)
    return next(iter(made.artifacts.values())).sha256


def open_references(artifacts: Artifacts, references: list[Reference]) -> list[Image]:
    """Open the images of references, each cropped to its box, (h, w, 3) RGB uint8."""
    pictures = {sha: png.read_png(artifacts.open(sha))[..., :3] for sha, _ in references}
    return [_crop(pictures[sha], box) for sha, box in references]


def _crop(picture: Image, box: Box | None) -> Image:
    """Crop an image to a box in its own pixels."""
    if box is None:
        return picture
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in box)
    return picture[y0:y1, x0:x1]


def shaping_parts(options: Options, identity: str) -> dict[str, object]:
    """Return the options and the weights of a backend that shape its results, as parts of their content keys.

    Nothing for a backend without settings, so that its content keys stay as they were.

    Args:
        options: The options that the film sets for it.
        identity: Its weights; "" for none.
    """
    shaping_options = {name: value for name, value in options.items() if name not in PLACEMENT_OPTIONS}
    return ({"options": shaping_options} if shaping_options else {}) | ({"weights": identity} if identity else {})
