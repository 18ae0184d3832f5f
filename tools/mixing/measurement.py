"""Measure the loudness, the loudness range and the true peak of a finished file with ffmpeg's ebur128."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from storage.errors import AudioError
from tools.audio.loudness import SILENCE
from tools.video.ffmpeg import ffmpeg_path, file_argument


@dataclass(frozen=True)
class LoudnessFacts:
    """What EBU R 128 says of a file."""

    integrated: float
    """Integrated loudness in LUFS; -70 for silence."""
    range: float
    """Loudness range (LRA) in LU."""
    true_peak: float
    """True peak in decibels of full scale; -inf for digital silence."""


def measure(path: Path) -> LoudnessFacts:
    """Measure the first sound track of a sound file or a film.

    Args:
        path: A file that ffmpeg reads.

    Returns:
        Its loudness, as ffmpeg's filter ebur128 prints it, to a tenth.

    Raises:
        AudioError: It has no sound, or cannot be read.
        BackendError: ffmpeg is not installed.
    """
    command = [
        ffmpeg_path(), "-hide_banner", "-nostats", "-nostdin", "-protocol_whitelist", "file,pipe", "-i",
        f"file:{file_argument(path)}", "-map", "a:0", "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-",
    ]  # fmt: skip
    process = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    summary = process.stderr.rpartition("Summary:")[2]
    found = [re.search(rf"{label}:\s+(-?inf|nan|-?[\d.]+) ", summary) for label in ("I", "LRA", "Peak")]
    if process.returncode or not all(found):
        raise AudioError(f"{path.name} has no sound that can be measured", "give a file with a sound track")
    integrated, spread, true_peak = (float(match[1]) for match in found if match)
    return LoudnessFacts(max(integrated, SILENCE), spread, true_peak)
