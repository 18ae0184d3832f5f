"""Test what is measured of a stem: it tells units apart whatever blocks they come in, and how loud they are."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tools.sounds import babble, pink, syllables
from tools.audio import SAMPLE_RATE, Samples, as_stereo
from tools.audio.loudness import block_energies, gated_loudness, integrated_loudness
from tools.mixing.stem_facts import PEAK_STEP, UNIT, StemFacts, StemMeter


def measured(samples: Samples, block: int) -> StemFacts:
    meter = StemMeter()
    for start in range(0, len(samples), block):
        meter.feed(samples[start : start + block])
    return meter.facts()


def test_a_change_of_a_sample_changes_its_unit_alone() -> None:
    sound = pink(6.0)
    before, again = measured(sound, 10_000), measured(sound, SAMPLE_RATE)
    assert before.hashes == again.hashes
    assert len(before.hashes) == -(-len(sound) // UNIT)
    assert len(before.peaks) == -(-len(sound) // PEAK_STEP)
    sound[2 * UNIT + 7, 1] += np.float32(0.9)
    after = measured(sound, 10_000)
    assert [old != new for old, new in zip(before.hashes, after.hashes, strict=True)] == [False, False, True, False]
    louder = [number for number, pair in enumerate(zip(before.peaks, after.peaks, strict=True)) if pair[0] != pair[1]]
    assert louder == [2 * UNIT // PEAK_STEP]
    assert after.peaks[louder[0]] == pytest.approx(np.abs(sound[2 * UNIT : 2 * UNIT + PEAK_STEP]).max(), abs=1e-5)
    assert StemFacts.from_json(after.to_json()) == after


@pytest.mark.parametrize(
    "sound", [pink(8.0, -20), babble(8, -20), syllables(8, -24)], ids=["noise", "babble", "speech"]
)
def test_every_fourth_sample_tells_its_loudness(sound: Samples) -> None:
    found = gated_loudness(block_energies(np.array(measured(as_stereo(sound), 7777).steps)))
    assert found == pytest.approx(integrated_loudness(sound), abs=0.3)
