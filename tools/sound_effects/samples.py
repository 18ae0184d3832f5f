"""Find recordings in a folder of a person's own sounds, which go before the synthesiser: by kind or by lettering."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import get_args

from natsort import natsorted

from storage.errors import AudioError, SettingsError
from storage.sound import SoundKind
from tools.audio import Samples, as_stereo
from tools.audio.envelopes import faded, frames
from tools.audio.files import read_audio
from tools.sound_effects import RECIPES, Effect, levelled
from tools.sound_effects.lettering_forms import read_lettering
from tools.sound_effects.onomatopoeia import match_onomatopoeia

LONGEST = 60.0
"""Seconds of a recording that are used."""
_READABLE = 600.0
"""Seconds of a recording that is read; a longer one is no effect."""
FORMATS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac", ".aif", ".aiff", ".wma")
MOST_FILES = 20_000
_KINDS: tuple[SoundKind, ...] = get_args(SoundKind)
_SILENCE = 0.003
"""The sample below which the beginning of a recording counts as silence: -50 dB."""


@dataclass(frozen=True)
class SampleListing:
    """A file of the folder, and what it is played for."""

    path: Path
    kind: SoundKind | None
    """The kind in its name; None where it is named by a lettering, or is not used."""
    word: str = ""
    """The lettering in its name; "" where it has none."""


class SampleFolder:
    """A folder of recordings, named by kind ("step 2.flac") or by lettering ("ドン.mp3", "tick-tock.wav").

    Files in a folder of such a name ("door/old.wav") belong to it too. Several files of one name are takes of it.

    Args:
        folder: The folder; folders in it are searched.

    Raises:
        SettingsError: It is no folder that can be read, or holds far too many files.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise SettingsError(f"there is no folder of sounds {folder}", "give a folder that exists", option="sounds")
        self.folder = folder

    @cached_property
    def listing(self) -> tuple[SampleListing, ...]:
        """Every sound file of the folder, in natural order, with what it is played for."""
        try:
            found = [path for path in self.folder.rglob("*") if path.suffix.lower() in FORMATS and path.is_file()]
        except OSError as error:
            raise SettingsError(
                f"{self.folder} cannot be read: {error.strerror}", "give another folder", option="sounds"
            ) from error
        if len(found) > MOST_FILES:
            raise SettingsError(
                f"{self.folder} holds more than {MOST_FILES} sounds", "give a folder of effects", option="sounds"
            )
        return tuple(self._listed(path) for path in natsorted(found, key=str))

    def find(self, kind: SoundKind | None, lettering: str, seed: int) -> Path | None:
        """Return the recording for a lettering, or else for a kind; None if there is neither.

        Args:
            kind: The kind of the sound; None where the lettering alone counts.
            lettering: The letters on the page, "" for none.
            seed: Which of several takes.
        """
        by_word = self._by_word.get(_word_key(lettering)) if lettering else None
        takes = by_word or (self._by_kind.get(kind) if kind else None) or ()
        return takes[seed % len(takes)] if takes else None

    @cached_property
    def _by_word(self) -> Mapping[str, tuple[Path, ...]]:
        words: dict[str, tuple[Path, ...]] = {}
        for one in self.listing:
            if one.word:
                words[_word_key(one.word)] = (*words.get(_word_key(one.word), ()), one.path)
        return words

    @cached_property
    def _by_kind(self) -> Mapping[SoundKind, tuple[Path, ...]]:
        return {kind: tuple(one.path for one in self.listing if one.kind == kind) for kind in _KINDS}

    def _listed(self, path: Path) -> SampleListing:
        """Return what a file is played for, by its own name or else by that of a folder around it."""
        for name in (path.stem, *(part.name for part in path.relative_to(self.folder).parents if part.name)):
            plain = _without_number(name)
            if plain in _KINDS:
                return SampleListing(path, plain)
            if match_onomatopoeia(plain) is not None:
                return SampleListing(path, None, plain)
        return SampleListing(path, None)


def load_sample(path: Path, kind: SoundKind, seconds: float | None) -> Effect:
    """Read a recording as an effect of a kind.

    Args:
        path: The recording.
        kind: The kind whose loudness it is brought to.
        seconds: After how long it is faded out; None plays it whole, `LONGEST` at most.

    Returns:
        The effect in stereo. Silence at its beginning is cut off, so that it comes at its moment.

    Raises:
        AudioError: It cannot be read, or holds nothing but silence.
    """
    sound = _from_first_sound(read_audio(path, longest=_READABLE), path)
    longest = frames(min(LONGEST, LONGEST if seconds is None else max(seconds, 0.05)))
    cut = sound[:longest]
    end = 0.02 if len(cut) == len(sound) else min(0.5, 0.25 * len(cut) / 48_000)
    return Effect(faded(levelled(as_stereo(cut), RECIPES[kind].loudness), 0.0005, end), 0.0)


def _from_first_sound(sound: Samples, path: Path) -> Samples:
    loud = abs(sound).max(axis=1) if sound.ndim == 2 else abs(sound)
    heard = loud > _SILENCE * max(float(loud.max()), 1e-9)
    if float(loud.max()) < 1e-5:
        raise AudioError(f"{path.name} is silent", "give a recording that is heard")
    return sound[max(0, int(heard.argmax()) - 24) :]


def _without_number(name: str) -> str:
    """Return a name without the number, or the letter, of its take: "step 2", "step_02", "step-b", "step (3)"."""
    plain = unicodedata.normalize("NFKC", name).strip().lower()
    return re.sub(r"[\s_.\-]*\(?(?:\d+|(?<=[\s_.\-(])[a-z])\)?$", "", plain).strip() or plain


def _word_key(word: str) -> str:
    """Return the form by which letterings and names of files are compared."""
    lettering = read_lettering(word)
    if lettering is None:
        return ""
    return f"{lettering.language} {lettering.base} {'long' if lettering.marks else ''}"
