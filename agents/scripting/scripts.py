"""Load and validate a SCRIPT.toml; every fault names its file and line.

A script may include others: its own values override theirs, and its edits come after theirs. `$name` in any text is a
variable, defined under [vars] or on the command line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PlainValidator, ValidationError

from agents.editing import Plan, Reading, grammar
from agents.editing.named_files import with_files
from agents.scripting.toml_positions import KeyPath, TomlPosition, position_of
from storage.domain import Order, Shape
from storage.errors import KomadoriError, SettingsError
from storage.frame_rate import FrameRate, check_film_rate
from storage.settings import Settings
from storage.sound import Mood
from tools.backends import backend_names

Aspect = Annotated[str, Field(pattern=r"^[1-9]\d{0,3}:[1-9]\d{0,3}$")]
ExportPart = Literal["film", "poster", "segments", "stills", "stems", "maps", "srt", "json"]
"""A kind of file that a project can export."""
_PATH_KEYS = ("source", "project", "transcript", "output", "cast")
_NAME_OR_PATH_KEYS = ("style", "profile")
"""Values that are a path if they end in .toml, and a name otherwise."""
SOUND_KEYS = ("sounds", "music", "voice", "voice_fallback")
"""Settings that are the path of a file or a folder, or the name of something else."""
_SOUND_NAMES = frozenset(("none", "auto", *get_args(Mood), *backend_names("speak")))


class Export(Shape):
    """Files to export besides the films, and their folder; {aspect} stands for 16x9 and the like."""

    what: tuple[ExportPart, ...]
    to: str


class Script(Shape):
    """The contents of a SCRIPT.toml: a project from its source to its exports.

    Paths are relative to the script in which they stand.
    """

    source: str = ""
    project: str = ""
    transcript: str = ""
    output: str = ""
    """Path of the films; {aspect} stands for 16x9 and the like, {name} for the project's name."""
    aspects: Annotated[tuple[Aspect, ...], Field(min_length=1)] = ("16:9",)
    height: Annotated[int, Field(ge=120, le=7680)] | None = None
    fps: Annotated[FrameRate, PlainValidator(check_film_rate)] | None = None
    pages: str | None = None
    order: Literal["auto"] | Order | None = None
    director: Literal["auto", "rules", "llm"] | None = None
    model: str | None = None
    profile: str | None = None
    budget: Annotated[float, Field(ge=0, allow_inf_nan=True)] | None = None
    """Most that language models may cost, in dollars."""
    style: Annotated[str, Field(pattern=r"^(calm|normal|brisk|still|none|.+\.toml)$")] | None = None
    """A named style, or the path of a style sheet."""
    cast: str | None = None
    cards: bool | None = None
    """Whether a book that has a title gets a title card, chapter cards and credits."""
    settings: dict[str, object] = Field(default_factory=dict)
    """Any other settings of a project, by their names in storage/settings.py."""
    learn: tuple[str, ...] = ()
    """Characters whose looks the model that draws learns before it films."""
    edits: tuple[str, ...] = ()
    export: tuple[Export, ...] = ()


@dataclass(frozen=True)
class LoadedScript:
    """A script with the files it was read from, its variables, and the settings that it changes."""

    script: Script
    files: tuple[Path, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    base: Settings = field(default_factory=Settings)
    places: Mapping[Any, TomlPosition] = field(default_factory=dict)
    """Positions of the top-level keys, and of values in tables and lists."""

    def lines(self) -> list[tuple[int, Plan | Reading]]:
        """Return the edits, each with the index of its line; pictures are relative to the script's folder."""
        return [
            (at, _with_relative_files(self.places.get(("edits", at)), edit))
            for at, line in enumerate(self.script.edits)
            for edit in grammar.parse_lines(line)
        ]

    def edits(self) -> list[Plan | Reading]:
        """Return the edits."""
        return [edit for _, edit in self.lines()]

    def fault(self, what: str, hint: str, *keys: str | int) -> SettingsError:
        """Return the error for a value, with its file and line."""
        return _fault_at(self.places, keys, what, hint)

    @contextmanager
    def locate_errors(self, *keys: str | int) -> Iterator[None]:
        """Add the file and line of a value to every KomadoriError that is raised within the context."""
        try:
            yield
        except KomadoriError as error:
            raise error.at_place(position_of(self.places, keys)) from None


def load_script(path: Path, variables: Mapping[str, str] | None = None) -> LoadedScript:
    """Load a script and all scripts that it includes.

    Args:
        path: The script file.
        variables: Values of variables, which override those under [vars].

    Raises:
        SettingsError: The script is not valid; the message names the file and line of the first fault.
    """
    files: list[Path] = []
    merged, places = _merge_includes(path, files, ())
    defined = merged.pop("vars", {})
    if not isinstance(defined, dict):
        raise _fault_at(places, ("vars",), "vars: this is a table", "write [vars], and below it name = value")
    own = {name: str(value) for name, value in defined.items()}
    values = {**own, **(variables or {})}
    if unknown := sorted(set(variables or {}) - _used_variables(merged) - set(own)):
        raise SettingsError(f"{path} has no variable {unknown[0]}", "write it as $name where it is used")
    filled = _fill_variables(merged, values, places, ())
    try:
        script = Script.model_validate(filled)
    except ValidationError as error:
        fault = error.errors()[0]
        way = tuple(step for step in fault["loc"] if isinstance(step, str | int))
        message = fault["msg"].removeprefix("Value error, ")
        message = "this is not known here" if fault["type"] == "extra_forbidden" else message
        raise _fault_at(places, way, f"{'.'.join(map(str, way))}: {message}", "correct it there") from None
    for at, line in enumerate(script.edits):
        try:
            grammar.parse_lines(line)
        except SettingsError as refusal:
            raise refusal.at_place(position_of(places, ("edits", at))) from None
    return LoadedScript(script, tuple(files), values, places=places)


def _merge_includes(
    path: Path, files: list[Path], within: tuple[Path, ...]
) -> tuple[dict[str, Any], dict[Any, TomlPosition]]:
    """Return a script merged over those it includes, and the position of each top-level key and each edit."""
    if path.resolve() in within:
        raise SettingsError(f"{path} includes itself", "take one of the includes out")
    text, table = _read_toml(path)
    files.append(path)
    merged: dict[str, Any] = {}
    places: dict[Any, TomlPosition] = {}
    for name in table.pop("include", []):
        below, theirs = _merge_includes(path.parent / str(name), files, (*within, path.resolve()))
        _merge_over(merged, places, below, theirs)
    _find_files_beside(path, table)
    own_places: dict[Any, TomlPosition] = {key: TomlPosition(path, text, (key,)) for key in table}
    for key, value in table.items():
        inner = value if isinstance(value, dict) else range(len(value)) if key == "edits" and _is_list(value) else ()
        own_places |= {(key, step): TomlPosition(path, text, (key, step)) for step in inner}
    _merge_over(merged, places, table, own_places)
    return merged, places


def _find_files_beside(path: Path, table: dict[str, Any]) -> None:
    """Make the paths in a script relative to its folder."""
    for key in (*_PATH_KEYS, *_NAME_OR_PATH_KEYS):
        named = isinstance(table.get(key), str) and table[key] not in ("", "none")
        if named and (key in _PATH_KEYS or table[key].endswith(".toml")):
            table[key] = _relative_path(path, table[key])
    if isinstance(settings := table.get("settings"), dict):
        settings |= {key: _sound_path(path, settings[key]) for key in SOUND_KEYS if key in settings}
    for export in table.get("export", []) if isinstance(table.get("export"), list) else []:
        if isinstance(export, dict) and isinstance(export.get("to"), str):
            export["to"] = _relative_path(path, export["to"])


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _merge_over(
    merged: dict[str, Any], places: dict[Any, TomlPosition], over: dict[str, Any], theirs: dict[Any, TomlPosition]
) -> None:
    """Merge one script over another: tables are joined, edits are appended, everything else is replaced."""
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
        later = isinstance(key, tuple) and key[0] == "edits"
        places[("edits", key[1] + count) if later else key] = place


def _read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return text, tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", "name a script such as film.toml") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not text in UTF-8", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise SettingsError(f"{path}:{found[1] if found else 1}: {error}", "correct it there; it is TOML") from None


def _relative_path(path: Path, text: str) -> str:
    """Return a path relative to the script's folder, unless it is absolute or begins with a variable."""
    return text if text.startswith("$") or Path(text).is_absolute() else str(path.parent / text)


def _sound_path(path: Path, value: object) -> object:
    """Return the path of a sound or a folder of sounds that lies beside the script; any other value as it is."""
    if not isinstance(value, str) or not value or value in _SOUND_NAMES:
        return value
    there = _relative_path(path, value)
    return there if value.startswith("$") or Path(there).exists() else value


def _with_relative_files(place: TomlPosition | None, edit: Plan | Reading) -> Plan | Reading:
    return edit if place is None else with_files(edit, lambda said: _relative_path(place.file, said))


def _used_variables(value: Any) -> set[str]:
    if isinstance(value, str):
        return set(Template(value).get_identifiers())
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*(_used_variables(part) for part in parts)) if parts else set()


def _fill_variables(
    value: Any, values: Mapping[str, str], places: Mapping[Any, TomlPosition], keys: tuple[str | int, ...]
) -> Any:
    if isinstance(value, dict):
        return {key: _fill_variables(part, values, places, (*keys, key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_fill_variables(part, values, places, (*keys, at)) for at, part in enumerate(value)]
    if not isinstance(value, str) or "$" not in value:
        return value
    try:
        return Template(value).substitute(values)
    except KeyError as error:
        name = error.args[0]
        raise _fault_at(places, keys, f"${name} is not given", f"say --var {name}=... or set it under [vars]") from None
    except ValueError:
        raise _fault_at(
            places, keys, f"{value!r} holds a $ that names nothing", "write $$ for the sign itself"
        ) from None


def _fault_at(places: Mapping[Any, TomlPosition], keys: KeyPath, what: str, hint: str) -> SettingsError:
    return SettingsError(f"{position_of(places, keys)}{what}", hint)
