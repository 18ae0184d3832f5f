"""Protocol and loader of music, which is rendered for a mood in the length of a cue. No film has any unless asked."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from storage.sound import Mood
from tools import backends
from tools.audio import Samples
from tools.backends import Backend

LOUDNESS = -18.0
"""LUFS of every piece on the music bus: 4 LU under speech, and 16 while it is lowered under a line."""


@runtime_checkable
class MusicBackend(Backend, Protocol):
    """Play music of a mood for as long as a cue lasts."""

    def render(self, mood: Mood, seconds: float, seed: int) -> Samples:
        """Return a piece that lasts as long as its cue and ends by itself.

        Args:
            mood: Its mood.
            seconds: Its length, from the first note to the end of the last one's echo.
            seed: Another seed is another performance of it.

        Returns:
            (n, 2) at 48 kHz, exactly so long, at `LOUDNESS`, ended on a bar and faded out. Equal arguments give equal
            samples.

        Raises:
            BackendError: What it needs, such as a soundfont, is not on this machine, or is damaged.
        """
        ...


def load_music_backend(name: str, **options: object) -> MusicBackend:
    """Load a music backend.

    Args:
        name: A module of `tools/music/`, such as "soundfont", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The backend; equal options return the same object.

    Raises:
        BackendError: There is no such backend, it is no music backend, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("music", name, **options)
    if not isinstance(backend, MusicBackend):
        raise backends.protocol_error("music", name, "MusicBackend")
    return backend
