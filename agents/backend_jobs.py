"""Build the job of a backend under its content key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from agents import prompt_encoding
from agents.executors import Job
from agents.run_context import RunContext
from storage.domain import Made
from storage.keys import code_versions, content_key
from storage.settings import Options
from tools import backends, png
from tools.backends import Backend
from tools.ingest import images as page_images
from tools.learn import DrawsCharacters

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

PLACEMENT_OPTIONS = frozenset({"offload", "device", "threads"})
"""Options that say where weights are kept and what runs them: they change no image, and so no content key."""


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


def shaping_parts(options: Options, identity: str) -> dict[str, object]:
    """Return the options and the weights of a backend that shape its results, as parts of their content keys.

    Nothing for a backend without settings, so that its content keys stay as they were.

    Args:
        options: The options that the film sets for it.
        identity: Its weights; "" for none.
    """
    shaping_options = {name: value for name, value in options.items() if name not in PLACEMENT_OPTIONS}
    return ({"options": shaping_options} if shaping_options else {}) | ({"weights": identity} if identity else {})
