"""Find nothing: the default, where no model is chosen that knows what words name."""

from __future__ import annotations

from tools.locate import LocatedPlace, Locator, NotLocated
from tools.plates import Image


class Backend:
    """Find nothing."""

    version = 1

    def locate(self, picture: Image, words: str) -> LocatedPlace | NotLocated:
        """Return that it is not there; see the protocol in `tools/locate`."""
        return NotLocated()


_CHECKED: type[Locator] = Backend
