"""Read a transcript file that a person edited, and name the line of its first fault."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from agents.scripting.json_positions import line_of
from storage.domain import Transcript
from storage.errors import SettingsError


def read_transcript(path: Path) -> Transcript:
    """Read a transcript file.

    Raises:
        SettingsError: The file is not a valid transcript; the message names the place of the first fault.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        return Transcript.model_validate_json(text)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", "write one with: main.py read --json") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not text in UTF-8", "save it as UTF-8") from None
    except ValidationError as error:
        faults = error.errors()
        way = faults[0]["loc"]  # empty for invalid JSON, whose message names line and column
        place = f"line {line_of(text, way)}: {'.'.join(map(str, way))}" if way else "the file"
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise SettingsError(
            f"{path}: {place}: {faults[0]['msg']}{more}", "correct it there; main.py read --json writes a valid one"
        ) from None
