"""The domain model: frozen values for pages, transcripts, shots and video formats, used by every layer."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, Field, PlainSerializer, PlainValidator, model_validator

from storage.effects import MotionEffect
from storage.frame_rate import FrameRate, dump_frame_rate, frame_rate_name, parse_frame_rate
from storage.shapes import NOT_UPRIGHT, Box, Point, Polygon, Shape, Unit, UprightBox
from storage.sound import CharacterVoice, ShotSound

__all__ = [
    "NOT_UPRIGHT", "AnimatePlan", "Appearance", "Artifact", "Balloon", "Box", "CameraKey", "Character", "Decision",
    "Ease", "ExactRate", "Facts", "Fill", "JsonVersion", "Kind", "LetteringMode", "Made", "MotionEffect", "Order",
    "OutpaintPlan", "PageImage", "PageTranscript", "Panel", "Point", "Polygon", "RenderOptions", "Shape", "ShotPlan",
    "ShotSound", "Side", "Transcript", "Transition", "Unit", "UprightBox", "VideoFormat",
]  # fmt: skip

Order = Literal["rtl", "ltr", "vertical", "rtl-columns", "ltr-columns"]
Kind = Literal["speech", "thought", "caption", "sound", "other"]
Ease = Literal["in-out", "in", "out", "linear"]
Transition = Literal["cut", "dissolve"]
Decision = Literal["approve", "retake", "ask"]
LetteringMode = Literal["drawn", "timed", "pop"]
Fill = Literal["auto", "tone", "blur", "paper", "page"]
ColorMode = Literal["bw", "reference"]
"""Whether grey panels stay as they are, or an image editor colours them with coloured references."""
JsonVersion = Literal[1, 2]
"""The version of exported JSON (docs/json.md): 1 has the serialized names of fields, 2 the names used here."""


class Panel(Shape):
    """A panel of a page; its `order` counts from 0 in reading order."""

    id: str
    order: int
    box: UprightBox
    polygon: Polygon = ()
    """The corners inside the frame line, in page pixels; empty if only the box is known."""


class Balloon(Shape):
    """A region of lettering on a page: speech, a thought, a caption or a sound."""

    id: str
    order: int
    box: UprightBox
    """The box around the lettering, in page pixels."""
    panel: str | None = None
    """The id of its panel."""
    kind: Kind = "speech"
    text: str = ""
    language: str = ""
    """The language of the text; "" if it is not known."""
    vertical: bool = False
    """Whether the text runs from top to bottom."""
    confidence: Unit = 1.0
    """How sure the reader is of the text, 0..1."""
    speaker: str | None = None
    """The id of a character; None if it is not known; "" if a person said that it is nobody known, which ends all
    guessing.
    """
    outline: Polygon = ()
    """The white shape around the lettering, in page pixels; empty if it was not found."""
    tail: Point | None = None
    """The point at which the tail ends, in page pixels, if it was found."""
    spoken_seconds: float = Field(default=0.0, ge=0, exclude_if=lambda seconds: not seconds)
    """How long a voice takes to say the line; 0 where nobody speaks it."""


class Appearance(Shape):
    """One sighting of a character in one panel."""

    id: str
    box: UprightBox
    character: str | None = None
    """The id of the character; None if it is not known."""
    panel: str | None = None
    """The id of the panel; None if it is not known."""


class Character(Shape):
    """A character of the book, with all its appearances."""

    id: str
    name: str
    appearances: tuple[str, ...] = ()
    """The ids of the appearances."""
    reference: str = ""
    """The artifact of the image that shows the character best; "" for none."""
    voice: CharacterVoice | None = Field(default=None, exclude_if=lambda voice: voice is None)
    """What a person said of its voice; None if nobody did."""


class PageTranscript(Shape):
    """The panels, balloons and characters of one page."""

    index: int
    """The place of the page in the book, from 0."""
    image: str
    """The name of the page's image."""
    width: int
    height: int
    panels: tuple[Panel, ...] = ()
    balloons: tuple[Balloon, ...] = Field(
        default=(), validation_alias=AliasChoices("balloons", "texts"), serialization_alias="texts"
    )
    characters: tuple[Appearance, ...] = ()
    doubts: tuple[str, ...] = ()
    """Messages about places that a person should check."""

    def without_voices(self) -> PageTranscript:
        """Return the page as it was read, without how long its lines are spoken."""
        if not any(balloon.spoken_seconds for balloon in self.balloons):
            return self
        silent = tuple(balloon.model_copy(update={"spoken_seconds": 0.0}) for balloon in self.balloons)
        return self.model_copy(update={"balloons": silent})


class Transcript(Shape):
    """The panels, balloons and characters of a book; `read --json` writes one (docs/json.md)."""

    version: Annotated[JsonVersion, AfterValidator(lambda _: 1)] = 1
    """The version of its JSON. A file of any version becomes the same value, so that it has the same content key."""
    order: Order
    """The reading direction."""
    backend: str
    """The name of the backend that read the book."""
    pages: tuple[PageTranscript, ...]
    cast: tuple[Character, ...] = ()
    narrator: CharacterVoice | None = Field(default=None, exclude_if=lambda voice: voice is None)
    """What a person said of the voice of captions and unknown speakers; None if nobody did."""

    def without_voices(self) -> Transcript:
        """Return the transcript as it was read, without who speaks its lines and how long."""
        pages = tuple(page.without_voices() for page in self.pages)
        cast = tuple(one.model_copy(update={"voice": None}) for one in self.cast)
        return self.model_copy(update={"pages": pages, "cast": cast, "narrator": None})

    def to_json(self, version: JsonVersion = 1) -> str:
        """Return the transcript as JSON text in one of its versions."""
        if version == 1:
            return self.model_dump_json(indent=1) + "\n"
        data = {**self.model_dump(mode="json", by_alias=False), "version": version}
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


class CameraKey(Shape):
    """The box that the camera shows at one moment of a shot."""

    t: Unit
    """The moment, as a share of the shot from 0 to 1."""
    box: UprightBox
    """The box in page pixels; it has the aspect of the film."""


class OutpaintPlan(Shape):
    """How a picture is extended to the aspect of the film."""

    backend: str | None = None
    """The name of the backend; None takes the profile's."""
    fill: Fill = "auto"
    """What surrounds the panels where no model paints it: their tone, a blurred enlargement of them, the colour of the
    paper, or the page itself, on which panels that come later are dimmed. "auto" takes the tone where the borders are
    even, else blur.
    """
    prompt: str = ""
    """What a model paints beyond the picture; "" takes the prompt of the shot."""
    negative_prompt: str = Field(
        default="", validation_alias=AliasChoices("negative_prompt", "without"), serialization_alias="without"
    )
    """What a model must not paint."""


class AnimatePlan(Shape):
    """How a picture is animated; the prompt of the shot says what moves."""

    backend: str | None = None
    """The name of the backend; None takes the profile's."""
    negative_prompt: str = Field(
        default="", validation_alias=AliasChoices("negative_prompt", "without"), serialization_alias="without"
    )
    """What must not be seen."""
    seed_offset: int = Field(
        default=0, validation_alias=AliasChoices("seed_offset", "again"), serialization_alias="again"
    )
    """Added to the seed of the shot for its animation only: another attempt does not change what is painted."""


class Redraw(Shape):
    """What an image editor changes in the panels of a shot; balloons and lettering stay."""

    prompt: str
    """What is to be drawn, as an instruction: "close her eyes"."""
    box: UprightBox | None = None
    """The part of the page that may change, in page pixels; None for all of the shot's panels."""
    thing: str = Field(default="", exclude_if=lambda thing: not thing)
    """What may change, in words that a model finds in the panels ("the eyes"); "" where `box` says it."""


class ColorPlan(Shape):
    """Whether an image editor colours the grey panels of a shot, and in which colours."""

    mode: ColorMode | None = None
    """None takes the film's."""
    prompt: str = ""
    """The colours in words: "her scarf is red"; "" leaves them to the references and the model."""


class KeyPose(Shape):
    """A picture that the drawing of a shot comes to: another panel, or its own panels changed by an image editor."""

    at: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The moment, as a share of the shot; 1 is its end."""
    panel: str = ""
    """The id of the panel of its page that is drawn then; "" where its own panels are changed."""
    prompt: str = ""
    """What is changed in its own panels, as an instruction: "lower her arm"; "" where another panel is drawn."""


class RenderOptions(Shape):
    """Which tools make one shot, and with which options."""

    clean: tuple[Literal["frame", "slivers", "lettering", "balloons"], ...] = ("frame", "slivers")
    """What is removed from a panel: its frame line, slivers of neighbouring panels, lettering, or whole balloons."""
    redraw: Redraw | None = Field(default=None, exclude_if=lambda redraw: redraw is None)
    """What is changed in the drawing; None where it stays as it was drawn."""
    key_poses: tuple[KeyPose, ...] = Field(default=(), exclude_if=lambda poses: not poses)
    """Pictures that its drawing comes to, in order, where a model that takes them animates it."""
    color: ColorPlan = Field(default=ColorPlan(), exclude_if=lambda color: color == ColorPlan())
    """Whether and how its grey panels are coloured."""
    mouths: tuple[str, ...] | None = Field(default=None, exclude_if=lambda mouths: mouths is None)
    """The ids of the characters whose mouths move while they speak; None for those that the style of the film wants."""
    outpaint: OutpaintPlan = OutpaintPlan()
    animate: AnimatePlan = AnimatePlan()
    max_generated: Unit | None = None
    """The largest share of the camera's view that models may generate, 0..1; None takes the film's."""
    keep_line_art: bool = Field(
        default=False, validation_alias=AliasChoices("keep_line_art", "lines"), serialization_alias="lines"
    )
    """Whether the artist's line art is laid over generated frames, in addition to balloons and lettering."""
    lettering: LetteringMode = Field(default="drawn", exclude_if=lambda mode: mode == "drawn")
    """Whether the letters of balloons are there from the start, or each balloon's come up when it is read."""
    effects: tuple[MotionEffect, ...] = Field(default=(), exclude_if=lambda effects: not effects)
    """What moves in the picture without a model, such as rain or line boil."""
    references: tuple[str, ...] | None = None
    """Reference images for generative models: ids of characters or panels, or artifacts; None lets the film choose."""


class ShotPlan(Shape):
    """One planned shot: its panels, length, camera, balloons and options.

    The camera eases between every two keys; two keys with the same box are a hold.
    """

    id: str
    ordinal: int
    """The place of the shot in the film."""
    page: int
    """The index of the page."""
    panels: tuple[str, ...]
    """The ids of the panels that it shows."""
    seconds: Annotated[float, Field(gt=0, le=60)]
    """The length, above 0 and at most 60 seconds."""
    camera: Annotated[tuple[CameraKey, ...], Field(min_length=1)]
    ease: Ease = "in-out"
    """How the camera moves between two keys."""
    balloons: tuple[str, ...] = Field(
        default=(), validation_alias=AliasChoices("balloons", "lines"), serialization_alias="lines"
    )
    """The ids of the balloons that are read in this shot."""
    transition: Transition = "cut"
    """How the shot begins."""
    reveals: tuple[Unit, ...] = ()
    """For a split screen: the moment t (0..1) at which each panel appears; empty if all are shown from the start."""
    render_options: RenderOptions = Field(
        default=RenderOptions(),
        validation_alias=AliasChoices("render_options", "treatment"),
        serialization_alias="treatment",
    )
    """Which tools make the shot, and with which options."""
    prompt: str = ""
    """What generative models are to draw."""
    sound: ShotSound = Field(default=ShotSound(), exclude_if=lambda sound: sound == ShotSound())
    """What the shot sounds like, beside the voices of its lines."""
    characters: tuple[str, ...] = ()
    """The ids of the characters in the shot."""
    seed: int = 0
    director: str = "rules"
    """The name of the director that planned the shot."""
    reason: str = ""
    """Why the director planned the shot so, in words."""
    locked: bool = False
    """Whether a person forbade all changes, also by the director."""
    line_starts: tuple[float, ...] = Field(default=(), exclude_if=lambda starts: not starts)
    """For a locked shot: the seconds at which its balloons begin to be read, whatever is corrected in them later."""

    @model_validator(mode="after")
    def _times_rise(self) -> ShotPlan:
        times = [key.t for key in self.camera]
        if times != sorted(times):
            raise ValueError(f"the camera of shot {self.id} runs backwards: t = {times}")
        if self.reveals and len(self.reveals) != len(self.panels):
            raise ValueError(f"shot {self.id} reveals {len(self.reveals)} of {len(self.panels)} panels")
        return self


Side = Annotated[int, Field(ge=2, le=16384)]
"""The width or height of a video in pixels."""
ExactRate = Annotated[
    FrameRate, PlainValidator(parse_frame_rate, json_schema_input_type=float | str), PlainSerializer(dump_frame_rate)
]
"""A frame rate; as JSON a number where it is whole, else a text such as "24000/1001"."""


class VideoFormat(Shape):
    """The size of the film in pixels (even numbers) and its frame rate."""

    width: Side = 1920
    height: Side = 1080
    fps: ExactRate = 24
    """Frames per second; a Fraction where the rate is not whole."""

    @property
    def aspect(self) -> float:
        """Return the width divided by the height."""
        return self.width / self.height

    def has_aspect(self, aspect: float) -> bool:
        """Return whether the format has this aspect (width divided by height).

        Sides are rounded to even pixels, so a difference of up to 0.5 % is ignored.
        """
        return abs(aspect / self.aspect - 1) <= 0.005

    def frame_count(self, seconds: float) -> int:
        """Return the length of a shot of so many seconds in whole frames, at least 1."""
        return max(1, round(seconds * self.fps))

    @property
    def fps_name(self) -> str:
        """Return the frame rate as people write it, such as "24" or "23.976"."""
        return frame_rate_name(self.fps)

    @property
    def aspect_name(self) -> str:
        """Return the aspect in small whole numbers, such as "16:9", whatever the sides were rounded to."""
        short, long = sorted((self.width, self.height))
        sides = Fraction(long, short).limit_denominator(9).as_integer_ratio()
        return "{}:{}".format(*(sides if self.width == long else reversed(sides)))


class PageImage(Shape):
    """The stored image of one page of the book."""

    index: int
    """The place of the page in the book, from 0."""
    name: str
    """The path of the image within the source."""
    artifact: str
    """The SHA-256 of the image."""
    layers: str = Field(default="", exclude_if=lambda key: not key)
    """The content key of the planes that the artist kept apart in a layered file; "" where there are none."""
    width: int
    """The width in pixels."""
    height: int
    """The height in pixels."""


class Artifact(Shape):
    """A stored file, identified by the SHA-256 of its content."""

    sha256: str
    media_type: str
    size: int
    """The number of bytes."""


Facts = dict[str, float | int | str | bool | list[float] | None]
"""Small measured values by name, stored as JSON."""


class Made(Shape, allow_inf_nan=True):
    """The result of a job."""

    artifacts: dict[str, Artifact] = Field(default_factory=dict)
    """Files by role: "image", "segment", ..."""
    facts: Facts = Field(default_factory=dict)
    """Small values, stored as they were measured."""
