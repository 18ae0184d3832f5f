"""Test that the beat of a rhythm is found, and none in noise."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tools.sounds import pink, rhythm
from tools.audio import SAMPLE_RATE as RATE
from tools.audio import as_samples
from tools.scoring.tempo import find_beat


@pytest.mark.parametrize("tempo", [72, 97.3, 120, 140])
def test_the_beat_of_a_rhythm(tempo: float) -> None:
    beat = find_beat(rhythm(tempo, 24))
    assert beat is not None
    found = 60 * RATE / beat.period
    assert min(abs(found - tempo * share) for share in (1, 2, 0.5)) < 0.15
    drift = [abs(beat.nearest(place) - place) for place in np.arange(24) * 60 * RATE / tempo if place < 20 * RATE]
    assert max(drift) < 0.03 * RATE


def test_noise_silence_and_short_sounds_have_none() -> None:
    assert find_beat(pink(20)) is None
    assert find_beat(as_samples(np.zeros((20 * RATE, 2)))) is None
    assert find_beat(rhythm(120, 3)) is None
    assert find_beat(as_samples(np.zeros(0))) is None
