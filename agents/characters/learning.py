"""Teach the model that draws a film how its characters look: a LoRA of each, from all places where they are seen.

What was learned last of a character, for the model that draws, holds for all shots with that character. It is a result
like any other: its content key says what it was learned from, and the content keys of the shots hold its hash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from agents import backend_jobs
from agents.comprehension import comprehension_of
from agents.corrections.characters import character_of
from agents.executors import Job
from agents.executors.local import LocalExecutor
from agents.run_context import Progress, RunContext
from storage.artifacts import Artifacts
from storage.domain import Box, Character, Made, Transcript
from storage.errors import BackendError, SettingsError
from storage.learned_characters import LEARN, LearnedCharacter, learned_characters
from storage.library import Library
from storage.settings import Options, Settings
from tools import backends, png
from tools.characters import portraits
from tools.learn import DrawsCharacters, load_trainer, trainer_name

VERSION = 1
"""Raised when the pictures that a LoRA learns from are chosen or cropped differently: part of the content key."""
LEAST_SIGHTINGS, MOST_SIGHTINGS = 3, 60
"""From fewer pictures a LoRA learns a pose rather than a character; more of one book add little."""
SMALLEST_SIDE = 48
"""Page pixels of the shorter side of a sighting: in smaller ones nobody can be recognised."""
CAPTION = "a drawing of one person"
"""What the pictures show where no language model has described the character."""
Sighting = tuple[str, Box, list[Box]]
"""A place where a character is seen: the hash of the page, the box, and the boxes of the lettering of the page."""
_DRAWING = ("redraw", "outpaint")
"""The capabilities whose models draw characters, in the order in which they are asked."""


def learn(
    project: Path,
    names: Sequence[str],
    *,
    options: Options,
    say: Callable[[Progress], None] = lambda progress: None,
) -> tuple[LearnedCharacter, ...]:
    """Train a LoRA of each character, unless it was learned from the same pictures already.

    Args:
        project: The project's folder.
        names: Names or ids of characters.
        options: Options of the trainer, such as `steps` and `rank`.
        say: Called with each step of progress.

    Returns:
        What was learned, in the order of `names`.

    Raises:
        ProjectError: Nothing was read yet.
        SettingsError: The film has no model that can learn, or a character is seen in too few places.
        CorrectionError: There is no such character.
        BackendError: The weights are not on this machine, or training failed.
    """
    with Library.open(project) as library:
        settings, transcript = library.settings() or Settings(), library.require_transcript()
        name, trainer_options, base = _trainer(settings)
        chosen = settings.model_copy(
            update={"options": {**settings.options, f"{LEARN}.{name}": {**trainer_options, **options}}}
        )
        executor = LocalExecutor(library.artifacts.root)
        context = RunContext(library, chosen, executor, on_progress=say)
        try:
            characters = [character_of(transcript, one) for one in names]
            jobs = [_job(context, name, base, transcript, one) for one in characters]
            results = context.make(LEARN, jobs)
        finally:
            executor.close()
        if results.failed:
            raise BackendError(next(iter(results.failed.values())), "main.py doctor says what this machine has")
        by_key = {learned.key: learned for learned in learned_characters(library)}
        return tuple(by_key[job.key] for job in jobs)


def forget(project: Path, names: Sequence[str]) -> None:
    """Forget what was learned of characters, for every model: the film is drawn as it was before.

    Raises:
        ProjectError: Nothing was read yet.
        CorrectionError: There is no such character.
    """
    with Library.open(project) as library:
        ids = {character_of(library.require_transcript(), name).id for name in names}
        for key, made in library.find_by_tool(LEARN):
            if made.facts["character"] in ids:
                library.forget_made(key)


def find_sightings(transcript: Transcript, images: Mapping[int, str], character: Character) -> list[Sighting]:
    """Return where a character is seen largest, in page order; `images` are the hashes of the pages, by index."""
    found = [
        (page, seen.box)
        for page in transcript.pages
        for seen in page.characters
        if seen.character == character.id and min(seen.box.width, seen.box.height) >= SMALLEST_SIDE
    ]
    by_size = sorted(range(len(found)), key=lambda number: -found[number][1].area)
    largest = (found[number] for number in sorted(by_size[:MOST_SIGHTINGS]))
    return [(images[page.index], box, [balloon.box for balloon in page.balloons]) for page, box in largest]


def train(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    sightings: list[Sighting],
    caption: str,
    character: str,
    base: str,
    seed: int,
) -> Made:
    """Train a LoRA and keep it, with what it was learned from."""
    pages = {sha: png.read_png(artifacts.open(sha))[..., :3] for sha, _, _ in sightings}
    pictures = [
        portraits.without_lettering(pages[sha], Box(*box), [Box(*one) for one in text]) for sha, box, text in sightings
    ]
    trainer = load_trainer(backend, **options)
    data = trainer.train(pictures, caption=caption, seed=seed)
    return Made(
        artifacts={"lora": artifacts.keep(data, "application/octet-stream")},
        facts={
            "character": character,
            "base": base,
            "sightings": len(sightings),
            "steps": trainer.steps,
            "caption": caption,
        },
    )


def _trainer(settings: Settings) -> tuple[str, Options, str]:
    """Return the trainer for the model that draws the film, its options, and the identity of that model."""
    for capability in _DRAWING:
        drawing_name = getattr(settings.backends, capability)
        options = settings.options_of(capability, drawing_name)
        drawing = backends.load_backend(capability, drawing_name, **options)
        if isinstance(drawing, DrawsCharacters) and (name := trainer_name(drawing)):
            known = backends.backend_options(LEARN, name) or {}
            shared = ("model", "revision", "dtype", "config", "offload")
            return name, {key: options[key] for key in shared if key in options and key in known}, drawing.lora_base()
    raise SettingsError(
        "no model draws in this film that can learn a character",
        "choose a --profile whose [outpaint] or [redraw] is sdxl_inpaint or klein_inpaint, such as 8gb or 24gb",
    )


def _job(context: RunContext, name: str, base: str, transcript: Transcript, character: Character) -> Job:
    """Return the job that trains the LoRA of one character."""
    images = {page.index: page.artifact for page in context.library.pages()}
    sightings = find_sightings(transcript, images, character)
    if len(sightings) < LEAST_SIGHTINGS:
        raise SettingsError(
            f"{character.name} is seen in {len(sightings)} places, and {LEAST_SIGHTINGS} are the fewest to learn from",
            "name a character who is seen more often, or correct who is who: main.py fix PROJECT",
        )
    understood = comprehension_of(context.library, context.settings, transcript)
    arguments = {
        "sightings": sightings,
        "caption": understood.looks_of(character.id) or CAPTION,
        "character": character.id,
        "base": base,
        "seed": 0,
    }
    return backend_jobs.build_job(context, LEARN, name, character.name, train, arguments, learn=VERSION)
