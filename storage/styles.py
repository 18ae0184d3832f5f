"""The style sheet of a film: its pace, camera motion, dissolves and mood, by name or from a TOML file.

Both directors and the generative models use it. Only language models and generative models read its free text.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from storage.domain import LetteringMode, Shape
from storage.effects import Cadence
from storage.errors import SettingsError

PACES = {"calm": 1.25, "normal": 1.0, "brisk": 0.8}
SLOWEST, QUICKEST = 2.0, 0.7
STILL = "still"
WORDS = (*PACES, STILL)


def _pace_number(value: object) -> object:
    """Return the number of a named pace; any other value as it is."""
    return PACES.get(value, value) if isinstance(value, str) else value


def _one_line(text: str) -> str:
    return " ".join(text.split())


Words = Annotated[str, Field(max_length=300), AfterValidator(_one_line)]


class StyleSheet(Shape):
    """The style of one film; the defaults are the usual style."""

    pace: Annotated[float, BeforeValidator(_pace_number), Field(ge=QUICKEST, le=SLOWEST)] = 1.0
    """Factor on the length of shots, from 0.7 to 2: 1.25 is calm, 0.8 brisk. No shot becomes too short to be read."""
    motion: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How far the camera moves over a still panel: from 0, where it rests wherever it can, to 1."""
    dissolves: Annotated[float, Field(ge=0, le=0.15)] = 0.08
    """The largest share of shots that begin with a dissolve, 0..0.15."""
    lettering: LetteringMode = Field(default="timed", exclude_if=lambda mode: mode == "timed")
    """Whether the letters of a balloon come up when it is read ("timed"), the balloon also swells by a few per cent for
    a moment then ("pop"), or all is there from the start ("drawn")."""
    cadence: Cadence = Field(default=2, exclude_if=lambda cadence: cadence == 2)
    """For how many frames of 24 in a second each drawing of an effect is held: ones, twos or threes."""
    mouths: bool = Field(default=False, exclude_if=lambda mouths: not mouths)
    """Whether the mouths of all who speak move, and their eyes blink, in drawings that an image editor makes."""
    genre: Words = ""
    """For a director that is a language model."""
    mood: Words = ""
    """For a director that is a language model."""
    look: Words = ""
    """For generative models, and for a director that is a language model."""
    notes: Annotated[str, Field(max_length=2000)] = ""
    """For a director that is a language model."""

    @property
    def texts(self) -> dict[str, str]:
        """Return the free text of the style by field name, without empty fields."""
        texts = {name: getattr(self, name) for name in ("genre", "mood", "look", "notes")}
        return {name: text.strip() for name, text in texts.items() if text.strip()}

    def summary(self) -> str:
        """Return one line for people with all that differs from the usual style; "" if nothing does."""
        defaults = StyleSheet()
        names = {value: name for name, value in PACES.items()}
        numbers = [
            f"{name} {names.get(value, f'{value:g}') if name == 'pace' else f'{value:g}'}"
            for name in ("pace", "motion", "dissolves")
            if (value := getattr(self, name)) != getattr(defaults, name)
        ]
        lettering = ["lettering drawn"] if self.lettering == "drawn" else []
        cadence = [f"cadence {self.cadence}"] if self.cadence != defaults.cadence else []
        cadence += ["mouths move"] if self.mouths else []
        return "; ".join(
            [*numbers, *lettering, *cadence, *(f"{name}: {_one_line(text)}" for name, text in self.texts.items())]
        )


def load_style(name_or_path: str) -> StyleSheet:
    """Load a style by name (calm, normal, brisk, still; none for the usual style), or from a TOML file.

    Raises:
        SettingsError: There is no such style, or the file is not valid; the message names the line.
    """
    if name_or_path in ("none", "normal"):
        return StyleSheet()
    if name_or_path in WORDS:
        return StyleSheet(motion=0) if name_or_path == STILL else StyleSheet(pace=PACES[name_or_path])
    if not name_or_path.endswith(".toml"):
        raise SettingsError(f"there is no style {name_or_path}", f"choose {', '.join(WORDS)}, or a .toml file")
    try:
        text = Path(name_or_path).expanduser().read_text(encoding="utf-8-sig")
        return _parse_sheet(name_or_path, text, tomllib.loads(text))
    except OSError as error:
        raise SettingsError(
            f"{name_or_path} cannot be read: {error.strerror}", "name a style sheet that is there"
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{name_or_path} is not text in UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name_or_path} is no TOML: {error}", "correct it there") from None


def parse_pace(text: str) -> float:
    """Return a pace given by its name or as a number.

    Raises:
        SettingsError: It is neither, or outside 0.7..2.
    """
    try:
        pace = PACES[text] if text in PACES else float(text)
    except ValueError:
        pace = 0.0
    if not QUICKEST <= pace <= SLOWEST:
        choice = f"choose {', '.join(PACES)}, or a number from {QUICKEST:g} to {SLOWEST:g}"
        raise SettingsError(f"{text!r} is no pace", choice)
    return pace


def _parse_sheet(name: str, text: str, table: dict[str, object]) -> StyleSheet:
    try:
        return StyleSheet.model_validate(table)
    except ValidationError as error:
        fault = error.errors()[0]
        key = str(fault["loc"][0])
        known = ", ".join(StyleSheet.model_fields)
        message = f"nothing is known of this; there is {known}" if fault["type"] == "extra_forbidden" else fault["msg"]
        raise SettingsError(f"{name}: line {_line_of_key(text, key)}: {key}: {message}", "correct it there") from None


def _line_of_key(text: str, key: str) -> int:
    """Return the line, from 1, on which a key or a table begins; 1 if it is not found."""
    pattern = re.compile(rf"""\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*[=.\]]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)
