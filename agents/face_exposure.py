"""Expose the drawings of speaking faces: which mouths and eyes lie on each plate of a shot in each frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, cast

from agents.moving_faces import faces_to_move
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.sound.word_times import WordTimes, word_times
from agents.speaking_faces import drawings_of
from storage.artifacts import Artifacts
from storage.domain import Box, Made, VideoFormat
from storage.effects import Cadence
from tools import exposure_sheet, png
from tools.cutouts.face_drawings import ExposedFrames, FacePatch
from tools.motion import Clock
from tools.plates import Image, Motion

VERSION = 1
"""Raised when faces are exposed differently: part of the content keys of shots with faces that move."""
PatchPlace = tuple[str, Sequence[float], int]
"""The hash of a patch, its box in page pixels, and the first plate on which it lies."""
Sheet = tuple[int, ...]
"""Which picture of a plate each frame of a shot shows; () where there is only one."""


class FaceExposure(TypedDict):
    """All that shapes how one face moves."""

    patches: dict[str, tuple[str, list[float]]]
    """The hash of each patch and its box in page pixels, by the name of its drawing."""
    lines: list[WordTimes]
    layer: int
    """The first plate on which the face is seen."""
    start: float
    """The second from which it is seen."""
    seed: int


class FaceArguments(TypedDict):
    """All that shapes how the faces of a shot move."""

    faces: list[FaceExposure]
    cadence: Cadence
    versions: dict[str, int]


def face_arguments(
    context: RunContext, shot: ShotToFilm, made: Sequence[Made], fade_seconds: float
) -> FaceArguments | None:
    """Return what shapes how the faces of a shot move; None where none of them does.

    Args:
        context: The run's context.
        shot: The shot.
        made: What was taken from the drawings of each face, in the order of `faces_to_move`.
        fade_seconds: How long a panel takes to appear.
    """
    if not made:
        return None
    plan, faces = shot.plan, list[FaceExposure]()
    times = word_times(context, shot)
    for number, (face, one) in enumerate(zip(faces_to_move(context, shot), made, strict=True)):
        patches = {
            name: (one.artifacts[name].sha256, cast(list[float], one.facts[f"{name}_box"]))
            for name in drawings_of(face)
            if name in one.artifacts
        }
        layer = plan.panels.index(face.panel) if plan.reveals else 0
        appears = plan.reveals[layer] * plan.seconds if plan.reveals else 0.0
        if patches:
            faces.append(
                {
                    "patches": patches,
                    "lines": [times[line] for line in face.lines if times.get(line)],
                    "layer": layer,
                    "start": appears + (fade_seconds if appears else 0.0),
                    "seed": plan.seed * 64 + number,
                }
            )
    versions = {"faces": VERSION, "sheet": exposure_sheet.VERSION}
    return {"faces": faces, "cadence": context.settings.style.cadence, "versions": versions} if faces else None


def patch_places(arguments: FaceArguments) -> list[PatchPlace]:
    """Return the patches that may be seen in a shot."""
    return [
        (patch, box, face["layer"])
        for face in arguments["faces"]
        for name, (patch, box) in face["patches"].items()
        if name == "blink" or face["lines"]
    ]


def expose_faces(
    artifacts: Artifacts,
    motions: Sequence[Motion],
    arguments: FaceArguments | None,
    seconds: float,
    screen: VideoFormat,
) -> list[tuple[Motion, Sheet]]:
    """Return each plate of a shot with the pictures that its faces need, and its exposure sheet.

    Args:
        artifacts: Where the patches are kept.
        motions: The plates, which are stills.
        arguments: All that shapes how faces move; None where none does.
        seconds: The length of the shot.
        screen: The video format.
    """
    if arguments is None:
        return [(motion, ()) for motion in motions]
    clock = Clock(float(screen.fps), screen.frame_count(seconds), arguments["cadence"])
    faces = [(face["layer"], _open_patches(artifacts, face), _sheet_of(face, clock)) for face in arguments["faces"]]
    return [_expose(motion, [face for face in faces if face[0] <= at]) for at, motion in enumerate(motions)]


def _expose(
    motion: Motion, faces: Sequence[tuple[int, Mapping[str, FacePatch], Sequence[tuple[str, ...]]]]
) -> tuple[Motion, Sheet]:
    """Return one plate with its pictures and its sheet; as it is where no face of it moves."""
    frames = [
        tuple((number, name) for number, names in enumerate(shown) for name in names)
        for shown in zip(*(sheet for _, _, sheet in faces), strict=True)
    ]
    drawings = list(dict.fromkeys([(), *frames]))
    if len(drawings) == 1:
        return motion, ()
    patches = [[faces[number][1][name] for number, name in drawing] for drawing in drawings]
    numbers = {drawing: number for number, drawing in enumerate(drawings)}
    exposed = cast(Image, ExposedFrames(motion.frames[0], motion.box, patches))
    return Motion(exposed, motion.box, motion.rate), tuple(numbers[frame] for frame in frames)


def _sheet_of(face: FaceExposure, clock: Clock) -> list[tuple[str, ...]]:
    """Return the names of the patches on a face in each frame of a shot."""
    mouths = exposure_sheet.mouth_drawings(clock, face["lines"], list(face["patches"]), seed=face["seed"])
    eyes = exposure_sheet.eye_drawings(clock, start=face["start"], seed=face["seed"])
    can_blink = "blink" in face["patches"]
    return [
        tuple(filter(None, (mouth, "blink" if shut and can_blink else "")))
        for mouth, shut in zip(mouths, eyes, strict=True)
    ]


def _open_patches(artifacts: Artifacts, face: FaceExposure) -> dict[str, FacePatch]:
    """Return the patches of a face by the names of their drawings."""
    return {
        name: FacePatch(png.read_png(artifacts.open(patch)), Box(*box), 0.0)
        for name, (patch, box) in face["patches"].items()
    }
