"""The style sheet of a film: its pace, camera motion, dissolves and mood, by name or from a TOML file.

Both directors and the generative models use it. Only language models and generative models read its free text.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from storage.domain import Shape
from storage.errors import SettingsError

PACES = {"calm": 1.25, "normal": 1.0, "brisk": 0.8}
SLOWEST, QUICKEST = 2.0, 0.7
STILL = "still"
WORDS = (*PACES, STILL)


def _number(said: object) -> object:
    """Of a pace that is said by its name; anything else as it is."""
    return PACES.get(said, said) if isinstance(said, str) else said


def _one_line(text: str) -> str:
    return " ".join(text.split())


Words = Annotated[str, Field(max_length=300), AfterValidator(_one_line)]


class StyleSheet(Shape):
    """The taste of one film; the defaults are the house's.

    `pace` stretches what is left to taste (1.25 is calm, 0.8 brisk): nothing goes faster than it can be read. `motion`
    says how far the camera moves over a still panel, from 0, where it rests wherever it can, to 1. `dissolves` is the
    largest share of shots that begin with a dissolve. `genre`, `mood` and `notes` are for a director who reads, `look`
    for the models that draw.
    """

    pace: Annotated[float, BeforeValidator(_number), Field(ge=QUICKEST, le=SLOWEST)] = 1.0
    motion: Annotated[float, Field(ge=0, le=1)] = 1.0
    dissolves: Annotated[float, Field(ge=0, le=0.15)] = 0.08
    genre: Words = ""
    mood: Words = ""
    look: Words = ""
    notes: Annotated[str, Field(max_length=2000)] = ""

    @property
    def described(self) -> dict[str, str]:
        """What it says in words to whoever directs, by name; only what is said."""
        words = {name: getattr(self, name) for name in ("genre", "mood", "look", "notes")}
        return {name: text.strip() for name, text in words.items() if text.strip()}

    def summary(self) -> str:
        """One line for people; "" for the house's own style."""
        usual = StyleSheet()
        names = {value: name for name, value in PACES.items()}
        numbers = [
            f"{name} {names.get(value, f'{value:g}') if name == 'pace' else f'{value:g}'}"
            for name in ("pace", "motion", "dissolves")
            if (value := getattr(self, name)) != getattr(usual, name)
        ]
        return "; ".join([*numbers, *(f"{name}: {_one_line(text)}" for name, text in self.described.items())])


def load_style(said: str) -> StyleSheet:
    """The style of a name (calm, normal, brisk, still; none for the house's own), or of a TOML file.

    Raises SettingsError with the line for what is wrong in it.
    """
    if said in ("none", "normal"):
        return StyleSheet()
    if said in WORDS:
        return StyleSheet(motion=0) if said == STILL else StyleSheet(pace=PACES[said])
    if not said.endswith(".toml"):
        raise SettingsError(f"there is no style {said}", f"choose {', '.join(WORDS)}, or a .toml file")
    try:
        text = Path(said).expanduser().read_text(encoding="utf-8-sig")
        return _sheet(said, text, tomllib.loads(text))
    except OSError as error:
        raise SettingsError(f"{said} cannot be read: {error.strerror}", "name a style sheet that is there") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{said} is not text in UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{said} is no TOML: {error}", "mend it there") from None


def parse_pace(said: str) -> float:
    """A pace by its name or as a number. SettingsError for any other."""
    try:
        found = PACES[said] if said in PACES else float(said)
    except ValueError:
        found = 0.0
    if not QUICKEST <= found <= SLOWEST:
        choice = f"choose {', '.join(PACES)}, or a number from {QUICKEST:g} to {SLOWEST:g}"
        raise SettingsError(f"{said!r} is no pace", choice)
    return found


def _sheet(name: str, text: str, found: dict[str, object]) -> StyleSheet:
    try:
        return StyleSheet.model_validate(found)
    except ValidationError as error:
        fault = error.errors()[0]
        key = str(fault["loc"][0])
        known = ", ".join(StyleSheet.model_fields)
        told = f"nothing is known of this; there is {known}" if fault["type"] == "extra_forbidden" else fault["msg"]
        raise SettingsError(f"{name}: line {_line_of(text, key)}: {key}: {told}", "mend it there") from None


def _line_of(text: str, key: str) -> int:
    """The line, from 1, on which a key or a table begins; 1 where it is not found."""
    start = re.compile(rf"""\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*[=.\]]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if start.match(line)), 1)
