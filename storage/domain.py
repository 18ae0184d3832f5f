"""The domain model: frozen values for pages, transcripts, shots and video formats, used by every layer."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Order = Literal["rtl", "ltr", "vertical"]
Kind = Literal["speech", "thought", "caption", "sound", "other"]
Ease = Literal["in-out", "in", "out", "linear"]
Transition = Literal["cut", "dissolve"]
Decision = Literal["approve", "retake", "ask"]
NOT_UPRIGHT = "box_not_upright"
"""The type of pydantic's error for a box whose right or bottom edge is not the larger one."""


class Box(NamedTuple):
    """A rectangle in page pixels, x0 < x1 and y0 < y1; it may reach outside the page."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """In pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """In pixels."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """In square pixels; 0 for a box turned inside out."""
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    @property
    def center(self) -> tuple[float, float]:
        """The point in its middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


def _upright(box: Box) -> Box:
    if not (box.x0 < box.x1 and box.y0 < box.y1):
        raise PydanticCustomError(NOT_UPRIGHT, "a box needs x0 < x1 and y0 < y1, got {box}", {"box": list(box)})
    return box


UprightBox = Annotated[Box, AfterValidator(_upright)]
Point = tuple[float, float]
Polygon = tuple[Point, ...]
Unit = Annotated[float, Field(ge=0, le=1)]


class Shape(BaseModel):
    """A frozen value that refuses fields it does not know, and numbers that are none or have no end."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_by_name=True, serialize_by_alias=True
    )

    def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields changed; TypeError for a field that does not exist (pydantic would add it)."""
        if update and (unknown := set(update) - type(self).model_fields.keys()):
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        return super().model_copy(update=update, deep=deep)


class Panel(Shape):
    """One picture of a page; `order` counts from 0 in reading order, the polygon runs inside the frame line."""

    id: str
    order: int
    box: UprightBox
    polygon: Polygon = ()


class Balloon(Shape):
    """One lettered region; `outline` is the white shape around the lettering, `tail` where its tail ends, if found.

    `speaker` is a character's id, None where it is not known, "" where a person said that it is nobody known: that is
    not guessed at again.
    """

    id: str
    order: int
    box: UprightBox
    panel: str | None = None
    kind: Kind = "speech"
    text: str = ""
    language: str = ""
    vertical: bool = False
    confidence: Unit = 1.0
    speaker: str | None = None
    outline: Polygon = ()
    tail: Point | None = None


class Appearance(Shape):
    """One sighting of a character in one panel."""

    id: str
    box: UprightBox
    character: str | None = None
    panel: str | None = None


class Character(Shape):
    """One identity of the book; `reference` is the artifact of the picture that shows it best, "" for none."""

    id: str
    name: str
    appearances: tuple[str, ...] = ()
    reference: str = ""


class PageTranscript(Shape):
    """What one page shows and says; `doubts` tells a person where to look twice."""

    index: int
    image: str
    width: int
    height: int
    panels: tuple[Panel, ...] = ()
    balloons: tuple[Balloon, ...] = Field(
        default=(), validation_alias=AliasChoices("balloons", "texts"), serialization_alias="texts"
    )
    characters: tuple[Appearance, ...] = ()
    doubts: tuple[str, ...] = ()


class Transcript(Shape):
    """What a book shows and says (`read --json`, version 1)."""

    version: Literal[1] = 1
    order: Order
    backend: str
    pages: tuple[PageTranscript, ...]
    cast: tuple[Character, ...] = ()


class CameraKey(Shape):
    """Where the camera stands at `t` (0..1 of the shot): a box in page pixels of the film's aspect."""

    t: Unit
    box: UprightBox


class OutpaintPlan(Shape):
    """How the picture is continued to the film's aspect; backend None takes the profile's.

    `prompt` is what a model paints there, "" what the shot's own prompt says; `without` what must not be seen.
    """

    backend: str | None = None
    fill: Literal["auto", "tone", "blur", "paper"] = "auto"
    prompt: str = ""
    negative_prompt: str = Field(
        default="", validation_alias=AliasChoices("negative_prompt", "without"), serialization_alias="without"
    )


class AnimatePlan(Shape):
    """How the picture moves by itself; backend None takes the profile's. What moves is the shot's own prompt, what must
    not be seen `without`.
    """

    backend: str | None = None
    negative_prompt: str = Field(
        default="", validation_alias=AliasChoices("negative_prompt", "without"), serialization_alias="without"
    )
    seed_offset: int = Field(
        default=0, validation_alias=AliasChoices("seed_offset", "again"), serialization_alias="again"
    )
    """Added to the shot's seed for its motion alone: another try leaves what is painted."""


class RenderOptions(Shape):
    """What the tools are asked for one shot."""

    clean: tuple[Literal["frame", "slivers", "lettering", "balloons"], ...] = ("frame", "slivers")
    outpaint: OutpaintPlan = OutpaintPlan()
    animate: AnimatePlan = AnimatePlan()
    max_generated: Unit | None = None
    """The share of what the camera shows that may be drawn by a model; None takes the film's."""
    keep_line_art: bool = Field(
        default=False, validation_alias=AliasChoices("keep_line_art", "lines"), serialization_alias="lines"
    )
    """Whether the artist's ink lies over frames that a model drew, as well as balloons and lettering."""
    references: tuple[str, ...] | None = None
    """What a model that draws is to keep alike: characters, panels, artifacts; None takes the film's own choice."""


class ShotPlan(Shape):
    """A planned piece of film.

    `transition` says how the shot begins. `reveals` gives, for a shot that shares the screen among
    several panels, the t at which each of them appears; empty when all stand from the start.
    The camera eases between every two keys (`ease`); two keys with one box are a hold. `locked` is a person's word
    that nobody changes it, the director included.
    """

    id: str
    ordinal: int
    page: int
    panels: tuple[str, ...]
    seconds: Annotated[float, Field(gt=0, le=60)]
    camera: Annotated[tuple[CameraKey, ...], Field(min_length=1)]
    ease: Ease = "in-out"
    balloons: tuple[str, ...] = Field(
        default=(), validation_alias=AliasChoices("balloons", "lines"), serialization_alias="lines"
    )
    transition: Transition = "cut"
    reveals: tuple[Unit, ...] = ()
    render_options: RenderOptions = Field(
        default=RenderOptions(),
        validation_alias=AliasChoices("render_options", "treatment"),
        serialization_alias="treatment",
    )
    prompt: str = ""
    characters: tuple[str, ...] = ()
    seed: int = 0
    director: str = "rules"
    reason: str = ""
    locked: bool = False

    @model_validator(mode="after")
    def _times_rise(self) -> ShotPlan:
        times = [key.t for key in self.camera]
        if times != sorted(times):
            raise ValueError(f"the camera of shot {self.id} runs backwards: t = {times}")
        if self.reveals and len(self.reveals) != len(self.panels):
            raise ValueError(f"shot {self.id} reveals {len(self.reveals)} of {len(self.panels)} panels")
        return self


class VideoFormat(Shape):
    """The film's picture: size in pixels (even numbers) and frames a second."""

    width: int = 1920
    height: int = 1080
    fps: int = 24

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    def has_aspect(self, aspect: float) -> bool:
        """Whether its aspect is this one: sides are rounded to even pixels, so half a percent makes no other."""
        return abs(aspect / self.aspect - 1) <= 0.005

    @property
    def aspect_name(self) -> str:
        """Its aspect in small whole numbers, such as "16:9", which is the same whatever its height is rounded to."""
        short, long = sorted((self.width, self.height))
        sides = Fraction(long, short).limit_denominator(9).as_integer_ratio()
        return "{}:{}".format(*(sides if self.width == long else reversed(sides)))


class PageImage(Shape):
    """A page of the book as kept: its place, its name below SOURCE, its artifact and its size in pixels."""

    index: int
    name: str
    artifact: str
    width: int
    height: int


class Artifact(Shape):
    """Bytes under their hash."""

    sha256: str
    media_type: str
    size: int


Facts = dict[str, float | int | str | bool | list[float] | None]


class Made(Shape, allow_inf_nan=True):
    """What a job made: artifacts by role ("image", "segment", ...) and small facts, kept as they were measured."""

    artifacts: dict[str, Artifact] = {}
    facts: Facts = {}


class BookInfo(Shape):
    """What the source says of itself (ComicInfo.xml, EPUB, PDF); empty where it says nothing."""

    title: str = ""
    language: str = ""
    order: Order | None = None
    order_reason: str = ""
