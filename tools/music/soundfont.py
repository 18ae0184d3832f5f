"""Play pieces that come with Komadori as notes, on the instruments of a soundfont that is on this machine.

No soundfont is in a package that pip installs. Debian has them as fluid-soundfont-gm and timgm6mb-soundfont; any
General MIDI soundfont in the format .sf2 will do. It is played by midirenderer (MIT, of the extra `music`). Each
instrument is played alone and brought to its loudness in the score, as soundfonts differ in what they make loud. A
soundfont of 150 MB takes that much memory while it plays.
"""

from __future__ import annotations

import hashlib
import io
import os
from functools import cached_property
from importlib.metadata import version as package_version
from pathlib import Path

import numpy as np

from storage.errors import BackendError, KomadoriError, WeightsMissing
from storage.sound import Mood
from tools.audio import SAMPLE_RATE, Samples, amplitude, as_samples
from tools.audio.envelopes import faded, frames
from tools.audio.loudness import integrated_loudness
from tools.audio.resampling import resample
from tools.audio.reverb import in_room
from tools.music import LOUDNESS, MusicBackend
from tools.optional_deps import require
from tools.scoring.midi import write_midi
from tools.scoring.performance import LAST_CHORD, Performance, perform

USUAL_PLACES = (
    "/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/soundfonts/FluidR3_GM.sf2",
    "/usr/share/sounds/sf2/default-GM.sf2", "/usr/share/soundfonts/default.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2",
)  # fmt: skip
"""Where systems install soundfonts, the better ones first."""
_PEAK = 0.89
_WET = 0.1
_SHORTEST = 1.0


class Backend:
    """Play the piece of a mood on a soundfont.

    Args:
        soundfont: The path of an .sf2 file; "" takes the first of `USUAL_PLACES`, where systems install them.
    """

    version = 3
    packages = ("midirenderer",)

    def __init__(self, *, soundfont: str = "") -> None:
        self._soundfont = soundfont
        require(*self.packages)

    @cached_property
    def path(self) -> Path:
        """The soundfont that is played.

        Raises:
            WeightsMissing: There is none.
        """
        for place in (self._soundfont,) if self._soundfont else USUAL_PLACES:
            if os.path.isfile(place):
                return Path(place)
        named = self._soundfont or "a usual place"
        raise WeightsMissing(
            f"there is no soundfont in {named}", "give an .sf2 file, or apt install fluid-soundfont-gm"
        )

    @cached_property
    def identity(self) -> str:
        """The soundfont, by its hash, and the version of what plays it."""
        return f"{hashlib.sha256(self._content).hexdigest()[:16]} midirenderer {package_version('midirenderer')}"

    def render(self, mood: Mood, seconds: float, seed: int) -> Samples:
        """Return the piece of a mood in a length; see the protocol in `tools/music`."""
        performance = perform(mood, max(seconds, _SHORTEST), seed)
        count = frames(seconds)
        whole = np.zeros((count, 2), np.float32)
        for number, part in enumerate(performance.parts):
            played = self._played(performance.alone(number))[:count]
            loudness = integrated_loudness(played)
            if loudness is not None:
                whole[: len(played)] += played * amplitude(LOUDNESS + part.level - loudness)
        sound = faded(in_room(whole, "hall", _WET)[:count], 0.002, min(LAST_CHORD - 0.5, seconds / 3))
        found = integrated_loudness(sound)
        if found is None:
            raise BackendError(f"{self.path.name} has no instruments", "give a General MIDI soundfont")
        levelled = sound * amplitude(LOUDNESS - found)
        return as_samples(levelled * min(1.0, _PEAK / max(float(np.abs(levelled).max()), 1e-9)))

    @cached_property
    def _content(self) -> bytes:
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise BackendError(f"{self.path} cannot be read: {error.strerror}", "give another soundfont") from error
        if content[:4] != b"RIFF" or content[8:12] != b"sfbk":
            raise self._damaged()
        return content

    def _damaged(self) -> KomadoriError:
        return BackendError(f"{self.path.name} is no soundfont, or is damaged", "give another .sf2 file")

    def _played(self, performance: Performance) -> Samples:
        """Return a performance as midirenderer plays it, resampled to 48 kHz."""
        import midirenderer
        import soundfile

        try:
            wave = midirenderer.render_wave_from(self._content, write_midi(performance))
        except BaseException as error:  # a damaged soundfont makes it panic, which is no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
                raise
            raise self._damaged() from None
        samples, rate = soundfile.read(io.BytesIO(wave), dtype="float32", always_2d=True)
        return resample(samples, rate, SAMPLE_RATE)


_CHECKED: type[MusicBackend] = Backend
