"""Typed edits of a storyboard, each one flat pydantic model.

`which` selects the shots that an edit changes (agents/editing/selectors.py). A shot keeps its number for life: s007 is
shot 7, even after shot 3 was dropped. Boxes are in page pixels.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from agents import corrections
from agents.editing.mouth_edit import SetMouths
from agents.editing.selectors import Which
from agents.editing.sound_edits import SoundEdit
from storage.domain import ColorMode, Fill, LetteringMode, Shape, ShotPlan, Unit, UprightBox
from storage.effects import EffectKind

Number = Annotated[int, Field(ge=1, le=999_999)]
Place = Literal[
    "whole", "center", "left", "right", "top", "bottom", "upper left", "upper right", "lower left", "lower right"
]
Moving = Literal["hold", "push in", "pull out", "pan left", "pan right", "tilt up", "tilt down"]
Part = Literal["frame", "slivers", "lettering"]


class SetSeconds(Shape):
    """Set the length of shots in seconds; refused if their balloons could not be read in that time."""

    do: Literal["seconds"] = "seconds"
    which: Which
    seconds: Annotated[float, Field(gt=0, le=60)]


class SetPace(Shape):
    """Multiply the length of shots by a factor, but keep them long enough to be read."""

    do: Literal["pace"] = "pace"
    which: Which
    factor: Annotated[float, Field(ge=0.2, le=5)]


class Lengthen(Shape):
    """Make shots longer or shorter by some seconds; refused if their balloons could not be read in that time."""

    do: Literal["longer"] = "longer"
    which: Which
    by: Annotated[float, Field(ge=-60, le=60)]


class SetFrame(Shape):
    """Rest the camera on a place in the panel, on a balloon, panel or character of the shot, or on a box of the page.

    `box` is in page pixels or, if `share` is set, in shares (0..1) of the page. Balloons of the shot stay in view.
    """

    do: Literal["frame"] = "frame"
    which: Which
    place: Place | None = None
    balloon: Number | None = None
    panel: Number | None = None
    character: str | None = None
    box: UprightBox | None = None
    share: bool = False


class Zoom(Shape):
    """Zoom the camera by a factor and keep its move; 2 shows half the width and height."""

    do: Literal["zoom"] = "zoom"
    which: Which
    by: Annotated[float, Field(gt=0.2, lt=5)]


class SetMove(Shape):
    """Set the camera move of shots."""

    do: Literal["move"] = "move"
    which: Which
    kind: Moving


class SetTransition(Shape):
    """Set how shots begin."""

    do: Literal["transition"] = "transition"
    which: Which
    kind: Literal["cut", "dissolve"]


class SetClean(Shape):
    """Set which parts are cleaned off the panels."""

    do: Literal["clean"] = "clean"
    which: Which
    parts: tuple[Part, ...] = ()


class SetGround(Shape):
    """Set how the picture is continued beyond the panel where no model generates it."""

    do: Literal["ground"] = "ground"
    which: Which
    fill: Fill


class SetBackend(Shape):
    """Set the backend that outpaints or animates shots; None for the project's own."""

    do: Literal["backend"] = "backend"
    which: Which
    capability: Literal["outpaint", "animate"]
    name: str | None = None


class SetPrompt(Shape):
    """Set the prompt for generative backends."""

    do: Literal["prompt"] = "prompt"
    which: Which
    prompt: Annotated[str, Field(max_length=1000)]


class SetPainted(Shape):
    """Set the prompt for outpainting beyond the panel; if empty, the shot's own prompt is used."""

    do: Literal["painted"] = "painted"
    which: Which
    prompt: Annotated[str, Field(max_length=1000)]


class SetWithout(Shape):
    """Set the negative prompt for outpainting or animation; empty for none."""

    do: Literal["without"] = "without"
    which: Which
    capability: Literal["outpaint", "animate"]
    words: Annotated[str, Field(max_length=300)]


class SetSeed(Shape):
    """Set the seed of shots; None for the next one."""

    do: Literal["seed"] = "seed"
    which: Which
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class SetGenerated(Shape):
    """Set the largest share (0..1) of the picture that a model may draw; None for the film's own limit."""

    do: Literal["generated"] = "generated"
    which: Which
    share: Unit | None = None


class SetInk(Shape):
    """Set whether the artist's line art is laid over frames that a model drew, as balloons and lettering always are."""

    do: Literal["lines"] = "lines"
    which: Which
    on: bool


class SetLettering(Shape):
    """Set whether the letters of balloons come up when they are read, or are there from the start."""

    do: Literal["lettering"] = "lettering"
    which: Which
    mode: LetteringMode


class AddEffect(Shape):
    """Add an effect that moves the picture without a model, on the panel or on a place as in `SetFrame`.

    It takes the place of one of its kind at the same place. `at` is the second of the shot in which an impact falls.
    """

    do: Literal["effect"] = "effect"
    which: Which
    kind: EffectKind
    strength: Unit = 0.5
    place: Place | None = None
    character: str | None = None
    box: UprightBox | None = None
    share: bool = False
    at: Annotated[float, Field(ge=0, lt=60)] | None = None


class ClearEffects(Shape):
    """Remove all effects of shots."""

    do: Literal["no effects"] = "no effects"
    which: Which


class SetColor(Shape):
    """Colour what is grey in shots with an image editor, in the colours of references and words, or leave it grey.

    A `mode` of None does as the film.
    """

    do: Literal["color"] = "color"
    which: Which
    mode: ColorMode | None = "reference"
    prompt: Annotated[str, Field(max_length=500)] = ""


class SetRedraw(Shape):
    """Change the drawing of shots by words, with an image editor, all over their panels or on a place as in `SetFrame`.

    It takes the place of an earlier change. Without a prompt the panels are shown as they were drawn. A `thing` is a
    character of the book by its name, or else what a model finds in the panels: "the eyes".
    """

    do: Literal["redraw"] = "redraw"
    which: Which
    prompt: Annotated[str, Field(max_length=500)] = ""
    place: Place | None = None
    character: str | None = None
    box: UprightBox | None = None
    share: bool = False
    thing: Annotated[str, Field(max_length=100)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_with_spaces_is_a_thing(cls, fields: Any) -> Any:
        # a line quotes both, so that only the book tells them apart
        name = fields.get("character") if isinstance(fields, dict) else None
        if not isinstance(name, str) or re.fullmatch(r"[\w.-]+", name):
            return fields
        return {**fields, "character": None, "thing": name}


class SetPose(Shape):
    """Set a picture that the drawing of shots comes to: another panel of their page, or their own changed by words.

    `at` is its second in the shot; None for the end. It takes the place of one at the same moment.
    """

    do: Literal["pose"] = "pose"
    which: Which
    panel: Number | None = None
    prompt: Annotated[str, Field(max_length=500)] = ""
    at: Annotated[float, Field(gt=0, le=60)] | None = None

    @model_validator(mode="after")
    def _is_one_picture(self) -> SetPose:
        if (self.panel is None) == (not self.prompt):
            raise ValueError("a pose is a panel, or what changes in the drawing")
        return self


class ClearPoses(Shape):
    """Remove all pictures that the drawing of shots comes to."""

    do: Literal["no poses"] = "no poses"
    which: Which


class SetReferences(Shape):
    """Set the references whose look a model keeps: characters, panels of shots or picture files; None for the default.

    `pictures` maps file names to the artifacts of their contents. It is filled in before the edit is applied.
    """

    do: Literal["refs"] = "refs"
    which: Which
    who: Annotated[tuple[str, ...], Field(max_length=6)] | None
    pictures: dict[str, str] = Field(default_factory=dict)


class Lock(Shape):
    """Lock shots, so that nobody can change them."""

    do: Literal["lock"] = "lock"
    which: Which


class Unlock(Shape):
    """Unlock shots, so that they can be changed again."""

    do: Literal["unlock"] = "unlock"
    which: Which


class Drop(Shape):
    """Leave shots out of the film."""

    do: Literal["drop"] = "drop"
    which: Which


class Restore(Shape):
    """Put dropped shots back where they stood in the film."""

    do: Literal["restore"] = "restore"
    which: Which


class DropBalloon(Shape):
    """Remove a balloon from those that a shot gives time to read; it is still drawn."""

    do: Literal["drop line"] = "drop line"
    which: Which
    balloon: Number


class ReadBalloon(Shape):
    """Add a balloon of the shot's panels to those that the shot gives time to read."""

    do: Literal["read line"] = "read line"
    which: Which
    balloon: Number


class Split(Shape):
    """Cut a shot in two after `at` seconds; if None, at the rest nearest to its middle."""

    do: Literal["split"] = "split"
    which: Which
    at: Annotated[float, Field(gt=0, lt=60)] | None = None


class Merge(Shape):
    """Merge neighbouring shots of one page into the first of them, which keeps its name."""

    do: Literal["merge shots"] = "merge shots"
    which: Which


class MoveShot(Shape):
    """Move a shot before or after another shot of its page."""

    do: Literal["move shot"] = "move shot"
    which: Which
    side: Literal["before", "after"]
    other: Which


class Swap(Shape):
    """Swap two shots of one page."""

    do: Literal["swap shots"] = "swap shots"
    which: Which


class SetStyle(Shape):
    """Change the pacing of the whole film: calm is slower, brisk is faster, and still moves no camera."""

    do: Literal["style"] = "style"
    style: Literal["calm", "brisk", "still"]


class SetAspect(Shape):
    """Frame the whole film for another aspect ratio; locked shots are framed too and stay locked.

    A film in another aspect ratio is another film. `held` are locked shots as they stood in that aspect ratio before.
    It is filled in before the edit is applied.
    """

    do: Literal["aspect"] = "aspect"
    aspect: Annotated[str, Field(pattern=r"^[1-9]\d{0,3}:[1-9]\d{0,3}$")]
    held: tuple[ShotPlan, ...] = ()


class ChooseTake(Shape):
    """Film a shot as in an earlier take; `plan` of that take is filled in before the edit is applied."""

    do: Literal["take"] = "take"
    which: Which
    take: Number
    plan: ShotPlan | None = None


ShotEdit = (
    SetSeconds | SetPace | Lengthen | SetFrame | Zoom | SetMove | SetTransition | SetClean | SetGround | SetBackend
    | SetPrompt | SetPainted | SetWithout | SetSeed | SetGenerated | SetInk | SetLettering | SetColor | AddEffect
    | ClearEffects | SetRedraw | SetPose | ClearPoses | SetMouths | SetReferences | Lock | Unlock | Drop | Restore
    | DropBalloon | ReadBalloon | Split | Merge | MoveShot | Swap | ChooseTake | SoundEdit
)  # fmt: skip
FilmEdit = SetStyle | SetAspect
Reading = corrections.PageCorrection | corrections.CastCorrection
Edit = Annotated[ShotEdit | FilmEdit | Reading, Field(discriminator="do")]
Plan = ShotEdit | FilmEdit
"""An edit of the storyboard. A `Reading` corrects what was read, and is applied by agents/corrections/replan.py."""
DESTRUCTIVE = (
    Drop,
    Merge,
    Unlock,
    SetAspect,
    corrections.DeletePanel,
    corrections.DeleteBalloon,
    corrections.MergePanels,
    corrections.MergeCharacters,
)
"""Edits that are never applied on a guess, although all of them can be undone."""
