"""Skip what needs the voices of the extra `voice`, or the listener of the extra `listen`, where it is not installed."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tools.speak import kokoro

HAS_VOICES = all(map(find_spec, kokoro.Backend.packages))
needs_voices = pytest.mark.skipif(not HAS_VOICES, reason="the extra voice is not installed")
