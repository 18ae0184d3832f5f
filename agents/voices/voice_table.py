"""Read `voices.toml`, which a person keeps beside the pictures of the cast: the voices and readings of a series.

[voices]
mika = "jf_alpha"
ken = {voice = "jm_kumo", pitch = -2, rate = 1.1}
narrator = {gender = "male", age = "old"}

[readings]
"美夏" = "みか"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from storage.errors import SettingsError
from storage.sound import CharacterVoice

FILE_NAME = "voices.toml"
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class VoiceTable:
    """What a person says of the voices of a series."""

    voices: Mapping[str, CharacterVoice] = field(default_factory=dict)
    """By the names or ids of characters, or "narrator"."""
    readings: Mapping[str, str] = field(default_factory=dict)
    """How names and words are read."""


def read_voice_table(folder: Path) -> VoiceTable:
    """Read the table of a folder.

    Args:
        folder: The folder with the pictures of the cast.

    Returns:
        The table, empty if there is none.

    Raises:
        SettingsError: It cannot be read, or says something that is not possible.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return VoiceTable()
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1).decode("utf-8")
        if len(text) > _MOST_BYTES:
            raise SettingsError(f"{path} is too large", f"keep it below {_MOST_BYTES // 1_000_000} MB")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}", _HINT) from None
    if unknown := sorted(data.keys() - {"voices", "readings"}):
        raise SettingsError(f"{path} has a table {unknown[0]}", _HINT)
    voices, readings = (data.get(name, {}) for name in ("voices", "readings"))
    if not isinstance(voices, dict) or not isinstance(readings, dict):
        raise SettingsError(f"{path}: voices and readings are tables", _HINT)
    for word, reading in readings.items():
        if not isinstance(reading, str):
            raise SettingsError(f"{path}: the reading of {word} is no text", _HINT)
    return VoiceTable({name: _parse_voice(path, name, said) for name, said in voices.items()}, readings)


def write_voice_table(table: VoiceTable) -> str:
    """Return a table as the text of its file."""
    voices = "".join(f"{_quote(name)} = {_voice_in_toml(voice)}\n" for name, voice in table.voices.items())
    readings = "".join(f"{_quote(word)} = {_quote(reading)}\n" for word, reading in table.readings.items())
    return f"[voices]\n{voices}" + (f"\n[readings]\n{readings}" if readings else "")


def _voice_in_toml(voice: CharacterVoice) -> str:
    said = voice.model_dump(exclude_defaults=True)
    if "name" in said:
        said = {"voice": said.pop("name"), **said}
    pairs = ", ".join(f"{key} = {_quote(value) if isinstance(value, str) else value}" for key, value in said.items())
    return f"{{{pairs}}}"


def _quote(text: str) -> str:
    """Return a text as TOML writes it; a string of JSON is one of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


_HINT = 'write it as: [voices] mika = "jf_alpha"'


def _parse_voice(path: Path, name: str, said: object) -> CharacterVoice:
    fields: dict[str, object] = {"name": said} if not isinstance(said, dict) else dict(said)
    if "voice" in fields:
        fields["name"] = fields.pop("voice")
    try:
        return CharacterVoice.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "it"
        raise SettingsError(f"{path}: {name}: {place}: {first['msg']}", _HINT) from None
