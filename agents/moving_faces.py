"""Decide which faces of a shot move while they speak, and why others do not: no model, no place, useless drawings."""

from __future__ import annotations

from collections.abc import Sequence

from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.speaking_faces import SpeakingFace, drawings_of, speaking_faces
from storage.domain import Made

_REFUSALS = {
    "too_little": "the editor changed nothing of it",
    "too_much": "the editor changed more than that",
    "misplaced": "the editor changed another place",
}
"""Why a drawing is not used (`tools.cutouts.face_drawings.RefusalOfDrawing`), in words."""


def faces_to_move(context: RunContext, shot: ShotToFilm) -> tuple[SpeakingFace, ...]:
    """Return the faces of a shot that an image editor draws with other mouths and eyes.

    A model that animates a shot moves its faces itself: none of them is drawn then.
    """
    if not context.generates("redraw", shot.backends.redraw) or context.generates("animate", shot.backends.animate):
        return ()
    return speaking_faces(shot.page_transcript, shot.plan, context.settings.style)


def face_prompts(context: RunContext, shot: ShotToFilm) -> list[str]:
    """Return what an image editor is asked to draw of the faces of a shot."""
    return list(dict.fromkeys(prompt for face in faces_to_move(context, shot) for prompt in drawings_of(face).values()))


def describe_still_faces(context: RunContext, shot: ShotToFilm, made: Sequence[Made]) -> str:
    """Say which faces of a shot do not move though its plan names them, and which drawings are not used; "" if none.

    Args:
        context: The run's context.
        shot: The shot.
        made: What was taken from the drawings of each face, in the order of `faces_to_move`.
    """
    if not shot.plan.render_options.mouths and not made:
        return ""
    names = {one.id: one.name for one in shot.transcript.cast} if shot.transcript else {}
    faces = faces_to_move(context, shot)
    said = [_describe_refused(names, face, one) for face, one in zip(faces, made, strict=False)]
    moving = {face.character for face in faces}
    still = [names.get(one, one) for one in shot.plan.render_options.mouths or () if one not in moving]
    if still:
        said.append(f"the mouth of {', '.join(still)} does not move: {_lack(context, shot)}")
    return "; ".join(filter(None, said))


def _lack(context: RunContext, shot: ShotToFilm) -> str:
    """Say why nothing of a shot is drawn for its faces."""
    if not context.generates("redraw", shot.backends.redraw):
        return "no image editor draws it"
    if context.generates("animate", shot.backends.animate):
        return f"{shot.backends.animate} moves the whole picture"
    return "nobody knows where it is"


def _describe_refused(names: dict[str, str], face: SpeakingFace, made: Made) -> str:
    """Say which drawings of a face are not used; "" where its mouth moves, and its eyes as well or for a good reason.

    A drawing in which nothing changed shows what the artist has drawn: a mouth that was open, or eyes that were shut.
    """
    refused = {
        name: str(made.facts[f"{name}_refused"]) for name in drawings_of(face) if f"{name}_refused" in made.facts
    }
    mouths = {name: kind for name, kind in refused.items() if name != "blink"}
    unused = {name: kind for name, kind in refused.items() if kind != "too_little"}
    if face.lines and len(mouths) == len(drawings_of(face)) - 1:
        unused = refused
    who = names.get(face.character, face.character)
    return "; ".join(
        f"{who}'s {'closed eyes' if name == 'blink' else name + ' mouth'}: the drawing is not used, {_REFUSALS[kind]} "
        f"({float(str(made.facts[f'{name}_share'])):.1%} of the head)"
        for name, kind in unused.items()
    )
