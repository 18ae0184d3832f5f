"""A SCRIPT.toml in, a whole project as one value out, or what is wrong with it and on which line. Makes nothing.

A script may include others, whose words it overrules and whose edits come before its own; $name in any of its texts is
a variable, given under [vars] or on the command line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from agents.edits import Plan, Reading, words
from storage.errors import SettingsError
from storage.settings import Settings
from storage.shapes import Order, Shape

Aspect = Annotated[str, Field(pattern=r"^[1-9]\d{0,3}:[1-9]\d{0,3}$")]
_PATHS = ("source", "project", "transcript", "output", "style")
_KEY = re.compile(r"\s*([\w-]+|\"[^\"]*\")\s*=")
_TABLE = re.compile(r"\s*\[\[?\s*([\w.\"-]+)\s*\]\]?")


class Export(Shape):
    """What is taken away beside the films, and to which folder; {aspect} stands for 16x9 and the like."""

    what: tuple[Literal["film", "segments", "stills", "srt", "json"], ...]
    to: str


class Script(Shape):
    """A project from its source to its exports.

    `output` is where films go: {aspect} stands for 16x9 and the like, {name} for the project's name. `budget` is in
    dollars; `style` a name or a style sheet. Paths are relative to the script that says them.
    """

    source: str = ""
    project: str = ""
    transcript: str = ""
    output: str = ""
    aspects: Annotated[tuple[Aspect, ...], Field(min_length=1)] = ("16:9",)
    height: Annotated[int, Field(ge=120, le=7680)] | None = None
    fps: Annotated[int, Field(ge=12, le=60)] | None = None
    pages: str | None = None
    order: Literal["auto"] | Order | None = None
    director: Literal["auto", "rules", "llm"] | None = None
    model: str | None = None
    profile: str | None = None
    budget: Annotated[float, Field(ge=0)] | None = None
    style: Annotated[str, Field(pattern=r"^(calm|normal|brisk|still|none|.+\.toml)$")] | None = None
    cast: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    """Any other setting of a project, as storage/settings.py names it."""
    edits: tuple[str, ...] = ()
    export: tuple[Export, ...] = ()

    def lines(self) -> list[Plan | Reading]:
        """Its edits."""
        return [edit for line in self.edits for edit in words.several(line)]


@dataclass(frozen=True)
class Loaded:
    """A script, the files that it was read from, its variables, and the settings that it is laid over."""

    script: Script
    files: tuple[Path, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    base: Settings = field(default_factory=Settings)


def load(path: Path, given: Mapping[str, str] | None = None) -> Loaded:
    """Read a script and what it includes. SettingsError that names file and line of the first fault."""
    files: list[Path] = []
    merged, places = _merged(path, files, ())
    own = {name: str(value) for name, value in merged.pop("vars", {}).items()}
    said = {**own, **(given or {})}
    if unknown := sorted(set(given or {}) - _used(merged) - set(own)):
        raise SettingsError(f"{path} has no variable {unknown[0]}", "write it as $name where it is used")
    filled = _filled(merged, said, places, ())
    try:
        script = Script.model_validate(filled)
    except ValidationError as error:
        fault = error.errors()[0]
        way = tuple(step for step in fault["loc"] if isinstance(step, str | int))
        message = "this is not known here" if fault["type"] == "extra_forbidden" else fault["msg"]
        raise _fault(places, way, f"{'.'.join(map(str, way))}: {message}", "mend it there") from None
    for at, line in enumerate(script.edits):
        try:
            words.several(line)
        except SettingsError as told:
            raise _fault(places, ("edits", at), told.what, told.hint) from None
    return Loaded(script, tuple(files), said)


def line_of(text: str, way: Sequence[str | int]) -> int:
    """The line, from 1, of the value that keys and places lead to; 1 where it is not found.

    `text` is sound TOML. Values of a list count from 0; a table of tables is a list.
    """
    table: list[str | int] = []
    counts: dict[str, int] = {}
    lines = text.splitlines()
    best = 1
    for number, line in enumerate(lines, start=1):
        if head := _TABLE.fullmatch(line.partition("#")[0].rstrip()):
            name = head[1].strip('"')
            table = [*name.split(".")]
            if line.lstrip().startswith("[["):
                counts[name] = counts.get(name, -1) + 1
                table.append(counts[name])
            if table == list(way[: len(table)]):
                best = number
        elif found := _KEY.match(line):
            here = [*table, found[1].strip('"')]
            if here == list(way[: len(here)]):
                rest = way[len(here) :]
                return _element(lines, number, rest[0]) if rest and isinstance(rest[0], int) else number
    return best


def _element(lines: Sequence[str], start: int, place: int) -> int:
    """The line of the so-manieth text of a list of texts that begins on line `start`."""
    seen = -1
    for number, line in enumerate(lines[start - 1 :], start=start):
        rest = line.partition("=")[2] if number == start else line
        seen += len(re.findall(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|^[^"\']*[\w-]+(?=\s*[,\]])', rest.partition(" #")[0]))
        if seen >= place:
            return number
    return start


@dataclass(frozen=True)
class _Place:
    file: Path
    text: str
    way: tuple[str | int, ...]


def _merged(path: Path, files: list[Path], within: tuple[Path, ...]) -> tuple[dict[str, Any], dict[Any, _Place]]:
    """A script laid over what it includes, and where each of its first keys, and each edit, comes from."""
    if path.resolve() in within:
        raise SettingsError(f"{path} includes itself", "take one of the includes out")
    text, said = _read(path)
    files.append(path)
    merged: dict[str, Any] = {}
    places: dict[Any, _Place] = {}
    for name in said.pop("include", []):
        below, theirs = _merged(path.parent / str(name), files, (*within, path.resolve()))
        _lay(merged, places, below, theirs)
    for key in _PATHS:
        if isinstance(said.get(key), str) and said[key] and (key != "style" or said[key].endswith(".toml")):
            said[key] = _beside(path, said[key])
    for export in said.get("export", []) if isinstance(said.get("export"), list) else []:
        if isinstance(export, dict) and isinstance(export.get("to"), str):
            export["to"] = _beside(path, export["to"])
    edits = said.get("edits")
    mine: dict[Any, _Place] = {key: _Place(path, text, (key,)) for key in said}
    if isinstance(edits, list):
        mine |= {("edits", at): _Place(path, text, ("edits", at)) for at in range(len(edits))}
    _lay(merged, places, said, mine)
    return merged, places


def _lay(merged: dict[str, Any], places: dict[Any, _Place], over: dict[str, Any], theirs: dict[Any, _Place]) -> None:
    """Lay one script over another: tables are joined, edits come after, anything else is overruled."""
    count = len(merged.get("edits", []))
    for key, value in over.items():
        before = merged.get(key)
        if key == "edits" and isinstance(before, list) and isinstance(value, list):
            merged[key] = [*before, *value]
        elif isinstance(before, dict) and isinstance(value, dict):
            merged[key] = {**before, **value}
        else:
            merged[key] = value
    for key, place in theirs.items():
        places[("edits", key[1] + count) if isinstance(key, tuple) else key] = place


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return text, tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", "name a script such as film.toml") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not text in UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise SettingsError(f"{path}:{found[1] if found else 1}: {error}", "mend it there; it is TOML") from None


def _beside(path: Path, said: str) -> str:
    """A path as it is meant in a script: relative to it, where no variable begins it."""
    return said if said.startswith("$") or Path(said).is_absolute() else str(path.parent / said)


def _used(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(Template(value).get_identifiers())
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*(_used(part) for part in parts)) if parts else set()


def _filled(value: Any, said: Mapping[str, str], places: Mapping[Any, _Place], way: tuple[str | int, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(part, said, places, (*way, key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, said, places, (*way, at)) for at, part in enumerate(value)]
    if not isinstance(value, str) or "$" not in value:
        return value
    try:
        return Template(value).substitute(said)
    except KeyError as error:
        name = error.args[0]
        raise _fault(places, way, f"${name} is not given", f"say --var {name}=... or set it under [vars]") from None
    except ValueError:
        raise _fault(places, way, f"{value!r} holds a $ that names nothing", "write $$ for the sign itself") from None


def _fault(places: Mapping[Any, _Place], way: tuple[str | int, ...], what: str, hint: str) -> SettingsError:
    place = places.get(way[:2]) or places.get(way[0] if way else "")
    if place is None:
        return SettingsError(what, hint)
    rest = way[len(place.way) :]
    return SettingsError(f"{place.file}:{line_of(place.text, (*place.way, *rest))}: {what}", hint)
