"""Choose the reference images whose look a generating model should keep: portraits, then panels, then open them."""

from __future__ import annotations

from collections.abc import Sequence

from agents.alike_panels import alike_panels
from agents.editing.references import picture_file
from agents.editing.selectors import short_name
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.artifacts import Artifacts
from storage.domain import Box, Transcript
from storage.errors import UserFileDamaged
from tools import png
from tools.plates import Image

MAX_REFERENCES = 3
"""How many reference images a model gets where nobody chose them."""
HASH_CHARACTERS = 64
"""Characters of an artifact's hash."""
Reference = tuple[str, Box | None]
"""A reference image: the hash of an artifact, and the box of it that counts (None: all of it)."""


def choose_references(context: RunContext, shot: ShotToFilm) -> list[Reference]:
    """Choose the reference images whose likeness a generating model should keep.

    Those that a person chose, as far as the book still has them; else portraits of the shot's characters, then panels:
    the most alike so far where a model measures likeness (ADIR, Abu-Hussein et al. 2022), and otherwise those around
    it. At most MAX_REFERENCES in all.

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
    if (alike := alike_panels(context, shot, MAX_REFERENCES)) is not None:
        return [*portraits, *alike][:MAX_REFERENCES]
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


def open_references(artifacts: Artifacts, references: list[Reference]) -> list[Image]:
    """Open the images of references, each cropped to its box, (h, w, 3) RGB uint8."""
    pictures = {sha: png.read_png(artifacts.open(sha))[..., :3] for sha, _ in references}
    return [crop_reference(pictures[sha], box) for sha, box in references]


def crop_reference(picture: Image, box: Box | None) -> Image:
    """Crop an image to a box in its own pixels."""
    if box is None:
        return picture
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in box)
    return picture[y0:y1, x0:x1]
