"""Match the characters of single pages over the whole book, and choose a portrait of each.

Characters that the transcriber distinguishes on one page stay distinct. Over several pages, groups of sightings are
joined by their looks as far as these are clear (`tools/characters/clustering.py`). Named pictures from the user and
pages corrected by hand join in and give their names. No name is taken from dialogue: whoever shouts "Mika!" may mean
anybody, or nobody who is present.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agents import backend_jobs
from agents.corrections.characters import replace_characters
from agents.executors import Job
from agents.run_context import RunContext
from storage.artifacts import Artifacts
from storage.domain import Appearance, Box, Made, PageTranscript, Transcript
from storage.keys import content_key
from storage.settings import Options
from tools import png
from tools.characters import portraits, reference_images
from tools.characters.clustering import Group, cluster
from tools.ingest import images as page_images
from tools.likeness import LikenessMeasure, Vector, load_likeness_measure

PAGE_CHARACTER_ID = re.compile(r"p\d+-.+")
"""Id of a character within a single page, as the transcribe stage assigns it."""
UNNAMED_CHARACTER_ID = re.compile(r"character-[0-9a-f]{4,}")
"""Id of a character whom nobody has named."""
PORTRAIT_VERSION = 1
"""Version of the way in which portraits are chosen and cropped."""


@dataclass(frozen=True)
class SightingEmbedding:
    """Embedding of one sighting, and its quality as a portrait (0..1)."""

    vector: Vector
    quality: float


@dataclass(frozen=True)
class NamedCharacter:
    """A character of whom the user has pictures: the name, and the artifacts of the pictures."""

    name: str
    images: tuple[str, ...]


def named_characters(context: RunContext) -> dict[str, NamedCharacter]:
    """Return the characters of whom the user has pictures, by id."""
    if not context.settings.cast:
        return {}
    found = reference_images.named_pictures(Path(context.settings.cast))
    return {
        reference_images.character_id(name): NamedCharacter(name, tuple(_keep_picture(context, path) for path in paths))
        for name, paths in found.items()
    }


def identify_characters(context: RunContext, transcript: Transcript, known: dict[str, NamedCharacter]) -> Transcript:
    """Replace the characters of single pages by characters of the whole book.

    Ids stay the same as long as the page of a character's first sighting does. No character is invented: without
    sightings the transcript is returned unchanged.
    """
    if not any(PAGE_CHARACTER_ID.fullmatch(seen.character or "") for _, seen in _sightings(transcript)):
        return transcript
    looks, likeness = _embed_transcript(context, transcript), _load_likeness(context)
    groups = [*_named_groups(context, transcript, looks, known), *_unnamed_groups(transcript, looks)]
    same = cluster(groups, min_likeness=likeness.alike, margin=likeness.margin)
    ids = _assign_ids(context, transcript, same)
    found = {name: ids[root] for name, root in same.items() if PAGE_CHARACTER_ID.fullmatch(name)}
    context.note("cast", f"{len(set(found.values()))} characters, told apart {len(found)} times on single pages")
    return _replace_local_ids(transcript, found)


def apply_names(transcript: Transcript, known: dict[str, NamedCharacter]) -> Transcript:
    """Name characters as the user's pictures do, and number the nameless in order of first mention."""
    nameless = [one.id for one in transcript.cast if UNNAMED_CHARACTER_ID.fullmatch(one.id)]
    names = {one: f"character {n}" for n, one in enumerate(nameless, start=1)}
    names |= {one: friend.name for one, friend in known.items()}
    cast = tuple(
        one.model_copy(update={"name": names.get(one.id, one.name)}) if one.name == one.id else one
        for one in transcript.cast
    )
    return transcript.model_copy(update={"cast": cast})


def choose_portraits(context: RunContext, transcript: Transcript, known: dict[str, NamedCharacter]) -> Transcript:
    """Give every character that is seen a reference: the user's own picture, or the best sighting."""
    if not any(_sightings(transcript)):
        return transcript
    looks = _embed_transcript(context, transcript)
    images = {page.index: page.artifact for page in context.library.pages()}
    best: dict[str, tuple[PageTranscript, Appearance]] = {}
    for page, seen in _sightings(transcript):
        one = str(seen.character)
        if one not in known and seen.id in looks:
            first = one not in best or looks[seen.id].quality > looks[best[one][1].id].quality
            best |= {one: (page, seen)} if first else {}
    jobs = {one: _portrait_job(images[page.index], seen.box, one) for one, (page, seen) in best.items()}
    made = context.make("portrait", jobs.values()).made
    references = {one: made[job.key].artifacts["image"].sha256 for one, job in jobs.items() if job.key in made}
    references |= {one: friend.images[0] for one, friend in known.items()}
    cast = tuple(one.model_copy(update={"reference": references.get(one.id, "")}) for one in transcript.cast)
    return transcript.model_copy(update={"cast": cast})


def embed_sightings(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    page: str,
    boxes: list[Box],
    lettering: list[Box],
    portrait: int,
) -> Made:
    """Embed the sightings of one page, cropped as in version `portrait`."""
    pixels = png.read_png(artifacts.open(page))
    likeness = load_likeness_measure(backend, **options)
    found = []
    for box in boxes:
        vector = likeness.embed(portraits.without_lettering(pixels, box, lettering))
        others = [other for other in boxes if other != box]
        found.append({"vector": [round(float(x), 5) for x in vector],
                      "worth": portraits.portrait_quality(pixels, box, lettering, others)})  # fmt: skip
    return Made(artifacts={"looks": artifacts.keep(json.dumps(found).encode(), "application/json")})


def crop_portrait(artifacts: Artifacts, *, page: str, box: Box) -> Made:
    """Crop one sighting out of its page."""
    crop = portraits.crop_box(png.read_cached(artifacts.open(page)), box)
    return Made(artifacts={"image": artifacts.keep(png.encode_png(crop), "image/png")})


def _sightings(transcript: Transcript) -> Iterator[tuple[PageTranscript, Appearance]]:
    """Return all sightings of characters with their pages, in page order."""
    return ((page, seen) for page in transcript.pages for seen in page.characters if seen.character)


def _load_likeness(context: RunContext) -> LikenessMeasure:
    """Load the likeness backend of the film's settings."""
    name = context.settings.backends.likeness
    return load_likeness_measure(name, **context.settings.options_of("likeness", name))


def _embed_transcript(context: RunContext, transcript: Transcript) -> dict[str, SightingEmbedding]:
    """Return the embedding of every sighting by its id, without those whose page could not be processed."""
    images = {page.index: page.artifact for page in context.library.pages()}
    jobs: dict[str, tuple[Job, list[str]]] = {}
    for page in transcript.pages:
        seen = [one for one in page.characters if one.character]
        if seen:
            lettering = [text.box for text in page.balloons]
            job = _embedding_job(context, images[page.index], [one.box for one in seen], lettering, page.image)
            jobs[page.image] = job, [one.id for one in seen]
    made = context.make("cast", (job for job, _ in jobs.values())).made
    found: dict[str, SightingEmbedding] = {}
    for job, names in jobs.values():
        if job.key in made:
            found |= dict(zip(names, _read_embeddings(context, made[job.key]), strict=True))
    return found


def _embedding_job(context: RunContext, image: str, boxes: list[Box], lettering: list[Box], label: str) -> Job:
    """Build the job that embeds the sightings of one image."""
    arguments = {"page": image, "boxes": boxes, "lettering": lettering, "portrait": PORTRAIT_VERSION}
    return backend_jobs.build_job(
        context, "likeness", context.settings.backends.likeness, label, embed_sightings, arguments
    )


def _read_embeddings(context: RunContext, made: Made) -> list[SightingEmbedding]:
    """Read the embeddings that a job has kept."""
    said = json.loads(context.library.artifacts.open(made.artifacts["looks"]).read_text(encoding="utf-8"))
    return [SightingEmbedding(np.array(one["vector"], np.float32), float(one["worth"])) for one in said]


def _portrait_job(image: str, box: Box, label: str) -> Job:
    """Build the job that crops a portrait."""
    key = content_key("portrait", "crop", PORTRAIT_VERSION, page=image, box=box)
    return Job(key, "portrait", label, crop_portrait, {"page": image, "box": box}, group=image)


def _keep_picture(context: RunContext, path: Path) -> str:
    """Keep a picture from outside the project, and return its artifact."""
    data = path.read_bytes()
    key = content_key("picture", "named", page_images.VERSION, bytes=hashlib.sha256(data).hexdigest())
    return backend_jobs.keep_picture(context.library, data, path.name, key=key, tool="cast")


def _named_groups(
    context: RunContext, transcript: Transcript, looks: dict[str, SightingEmbedding], friends: dict[str, NamedCharacter]
) -> list[Group]:
    """Group the sightings of named characters: on the user's pictures, and on pages corrected by hand."""
    vectors: dict[str, list[Vector]] = {}
    places: dict[str, set[int]] = {}
    jobs = {}
    for one, friend in friends.items():
        for image in friend.images:
            height, width = png.read_png(context.library.artifacts.open(image)).shape[:2]
            jobs[image] = (
                one,
                _embedding_job(context, image, [Box(0.0, 0.0, float(width), float(height))], [], friend.name),
            )
    made = context.make("cast", (job for _, job in jobs.values())).made
    for one, job in jobs.values():
        vectors.setdefault(one, []).extend(
            told.vector for told in (_read_embeddings(context, made[job.key]) if job.key in made else [])
        )
    for page, seen in _sightings(transcript):
        one = str(seen.character)
        if not PAGE_CHARACTER_ID.fullmatch(one):
            places.setdefault(one, set()).add(page.index)
            vectors.setdefault(one, []).extend([looks[seen.id].vector] if seen.id in looks else [])
    return [_make_group(one, found, places.get(one, set()), known=True) for one, found in vectors.items()]


def _unnamed_groups(transcript: Transcript, looks: dict[str, SightingEmbedding]) -> list[Group]:
    """Group the sightings of characters that are distinguished on single pages, in order of first sighting."""
    vectors: dict[str, list[Vector]] = {}
    places: dict[str, int] = {}
    for page, seen in _sightings(transcript):
        one = str(seen.character)
        if PAGE_CHARACTER_ID.fullmatch(one):
            places[one] = page.index
            vectors.setdefault(one, []).extend([looks[seen.id].vector] if seen.id in looks else [])
    return [_make_group(one, found, {places[one]}, known=False) for one, found in vectors.items()]


def _make_group(name: str, vectors: list[Vector], places: set[int], *, known: bool) -> Group:
    found = np.stack(vectors) if vectors else np.zeros((0, 1), np.float32)
    return Group(name, found, frozenset(places), known)


def _assign_ids(context: RunContext, transcript: Transcript, same: dict[str, str]) -> dict[str, str]:
    """Return the id of each group by the name of its root: a given one, or one made from its first sighting."""
    images = {page.index: page.artifact for page in context.library.pages()}
    ids = {root: root for root in same.values() if not PAGE_CHARACTER_ID.fullmatch(root)}
    for page, seen in _sightings(transcript):
        root = same[str(seen.character)]
        if root not in ids:
            mark = content_key("character", "sighting", 1, page=images[page.index], box=seen.box)
            length = next(n for n in range(4, 65) if f"character-{mark[:n]}" not in ids.values())
            ids[root] = f"character-{mark[:length]}"
    return ids


def _replace_local_ids(transcript: Transcript, names: dict[str, str]) -> Transcript:
    """Replace every id of a single page; a speaker who was never seen stays unknown."""

    def now(name: str | None) -> str | None:
        return names.get(name) if name and PAGE_CHARACTER_ID.fullmatch(name) else name

    kept = tuple(one for one in transcript.cast if not PAGE_CHARACTER_ID.fullmatch(one.id))
    pages = tuple(replace_characters(page, now) for page in transcript.pages)
    return transcript.model_copy(update={"pages": pages, "cast": kept})
