"""Typed edits of a storyboard, each one flat pydantic model.

`which` selects the shots that an edit changes (agents/editing/selectors.py). A shot keeps its number for life: s007 is
shot 7, even after shot 3 was dropped. Boxes are in page pixels.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, PlainValidator

from agents import corrections
from agents.editing.selectors import ShotSelector
from storage.domain import Shape, ShotPlan, Unit, UprightBox

Which = Annotated[
    ShotSelector,
    PlainValidator(ShotSelector.validate, json_schema_input_type=str),
    PlainSerializer(str, return_type=str),
]
"""The shots that an edit means: a selector, or its text; kept as its text."""
Number = Annotated[int, Field(ge=1, le=999_999)]
Place = Literal[
    "whole", "center", "left", "right", "top", "bottom", "upper left", "upper right", "lower left", "lower right"
]
Moving = Literal["hold", "push in", "pull out", "pan left", "pan right", "tilt up", "tilt down"]
Part = Literal["frame", "slivers", "lettering"]


class SetSeconds(Shape):
    """Let shots last so long; refused where what they say could not be read."""

    do: Literal["seconds"] = "seconds"
    which: Which
    seconds: Annotated[float, Field(gt=0, le=60)]


class SetPace(Shape):
    """Let shots last so many times as long as they do; no faster than they can be read."""

    do: Literal["pace"] = "pace"
    which: Which
    factor: Annotated[float, Field(ge=0.2, le=5)]


class SetFrame(Shape):
    """Let the camera rest on a place in the panel, a balloon or a panel of the shot, somebody, or a box of the page.

    `box` in pixels, or where `share` is set as shares (0..1) of the page. What the shot says stays in view.
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
    """Let the camera stand so many times as near (2: half as much is seen); the move stays."""

    do: Literal["zoom"] = "zoom"
    which: Which
    by: Annotated[float, Field(gt=0.2, lt=5)]


class SetMove(Shape):
    """Give the camera another move."""

    do: Literal["move"] = "move"
    which: Which
    kind: Moving


class SetTransition(Shape):
    """Say how shots begin."""

    do: Literal["transition"] = "transition"
    which: Which
    kind: Literal["cut", "dissolve"]


class SetClean(Shape):
    """Say what is cleaned off the panels."""

    do: Literal["clean"] = "clean"
    which: Which
    parts: tuple[Part, ...] = ()


class SetGround(Shape):
    """Say how the picture is continued beyond the panel where nothing generates it."""

    do: Literal["ground"] = "ground"
    which: Which
    fill: Literal["auto", "tone", "blur", "paper"]


class SetBackend(Shape):
    """Say which backend extends or animates shots; None for the project's own."""

    do: Literal["backend"] = "backend"
    which: Which
    capability: Literal["outpaint", "animate"]
    name: str | None = None


class SetPrompt(Shape):
    """Say what a backend that generates is asked for."""

    do: Literal["prompt"] = "prompt"
    which: Which
    prompt: Annotated[str, Field(max_length=1000)]


class SetPainted(Shape):
    """Say what a model paints beyond the panel; empty for what the shot's own prompt says."""

    do: Literal["painted"] = "painted"
    which: Which
    prompt: Annotated[str, Field(max_length=1000)]


class SetWithout(Shape):
    """Say what must not be seen in what a model paints beyond the panel, or in what it moves; empty for nothing."""

    do: Literal["without"] = "without"
    which: Which
    capability: Literal["outpaint", "animate"]
    words: Annotated[str, Field(max_length=300)]


class SetSeed(Shape):
    """Film shots with another seed; None for the next one."""

    do: Literal["seed"] = "seed"
    which: Which
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class SetGenerated(Shape):
    """Say what share of the picture a model may draw in shots, 0..1; None for the film's own bound."""

    do: Literal["generated"] = "generated"
    which: Which
    share: Unit | None = None


class SetInk(Shape):
    """Say whether the artist's lines lie over frames that a model drew, as well as balloons and lettering."""

    do: Literal["lines"] = "lines"
    which: Which
    on: bool


class SetReferences(Shape):
    """Say who and what a model that draws keeps alike: characters, the panels of shots, files; None: the film's choice.

    `pictures` are the artifacts of the files by their names, put in before it is done.
    """

    do: Literal["refs"] = "refs"
    which: Which
    who: Annotated[tuple[str, ...], Field(max_length=6)] | None
    pictures: dict[str, str] = Field(default_factory=dict)


class Lock(Shape):
    """Say that nobody changes these shots any more."""

    do: Literal["lock"] = "lock"
    which: Which


class Unlock(Shape):
    """Say that they may be changed again."""

    do: Literal["unlock"] = "unlock"
    which: Which


class Drop(Shape):
    """Leave shots out of the film."""

    do: Literal["drop"] = "drop"
    which: Which


class Restore(Shape):
    """Take shots that were left out into the film again, where they stood."""

    do: Literal["restore"] = "restore"
    which: Which


class DropBalloon(Shape):
    """Wait no longer for a balloon in a shot; it stays drawn."""

    do: Literal["drop line"] = "drop line"
    which: Which
    balloon: Number


class ReadBalloon(Shape):
    """Have a balloon of its panels read in a shot."""

    do: Literal["read line"] = "read line"
    which: Which
    balloon: Number


class Split(Shape):
    """Cut a shot in two, `at` so many seconds; None where it rests, nearest to its middle."""

    do: Literal["split"] = "split"
    which: Which
    at: Annotated[float, Field(gt=0, lt=60)] | None = None


class Merge(Shape):
    """Make neighbouring shots of a page one, under the name of the first."""

    do: Literal["merge shots"] = "merge shots"
    which: Which


class MoveShot(Shape):
    """Show a shot before or after another one of its page."""

    do: Literal["move shot"] = "move shot"
    which: Which
    side: Literal["before", "after"]
    other: Which


class Swap(Shape):
    """Exchange the places of two shots of a page."""

    do: Literal["swap shots"] = "swap shots"
    which: Which


class SetStyle(Shape):
    """Change the taste of the whole film: calm is slower, brisk is faster, still moves no camera."""

    do: Literal["style"] = "style"
    style: Literal["calm", "brisk", "still"]


class SetAspect(Shape):
    """Frame the whole film for another screen: that is another film, also of locked shots, which stay locked in it.

    `held` are locked shots as they stood in that aspect before, put in before it is done.
    """

    do: Literal["aspect"] = "aspect"
    aspect: Annotated[str, Field(pattern=r"^[1-9]\d{0,3}:[1-9]\d{0,3}$")]
    held: tuple[ShotPlan, ...] = ()


class ChooseTake(Shape):
    """Film a shot as it was in an earlier take, whose plan is put in before it is done."""

    do: Literal["take"] = "take"
    which: Which
    take: Number
    plan: ShotPlan | None = None


ShotEdit = (
    SetSeconds | SetPace | SetFrame | Zoom | SetMove | SetTransition | SetClean | SetGround | SetBackend | SetPrompt
    | SetPainted | SetWithout | SetSeed | SetGenerated | SetInk | SetReferences | Lock | Unlock | Drop | Restore
    | DropBalloon | ReadBalloon | Split | Merge | MoveShot | Swap | ChooseTake
)  # fmt: skip
FilmEdit = SetStyle | SetAspect
Reading = corrections.PageCorrection | corrections.CastCorrection
Edit = Annotated[ShotEdit | FilmEdit | Reading, Field(discriminator="do")]
Plan = ShotEdit | FilmEdit
"""What changes the plan; a Reading changes what was read, and is done by agents/corrections/replan.py."""
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
"""What nobody does on a guess, though all of it can be undone."""
