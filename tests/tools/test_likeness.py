"""Every likeness backend with a model keeps the protocol, with tiny random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storage.errors import SettingsError
from storage.settings import MagiConsent, Settings
from tests.magi import set_up
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import devices
from tools.likeness import load_likeness_measure

SIDES = {"dinov2": 28, "siglip": 224}


def magi(folder: Path) -> dict[str, object]:
    return {"model": str(set_up("v2", folder / "v2")), "licence_accepted": True, "device": "cpu"}


@pytest.mark.parametrize("name", [*SIDES, "magi2"])
def test_a_vector_has_length_one_and_tells_pictures_apart(name: str, tmp_path: Path) -> None:
    given = {"model": str(checkpoint(name)), "side": SIDES[name]} if name in SIDES else magi(tmp_path)
    likeness = load_likeness_measure(name, **given)
    one, other = lines(60, 90), np.zeros((20, 30, 3), np.uint8)
    with devices.measure_cost() as cost:
        found = [likeness.embed(crop) for crop in (one, one, other, np.full((1, 1, 3), 90, np.uint8))]
    assert cost.loads <= 1
    assert all(vector.dtype == np.float32 and vector.shape == found[0].shape for vector in found)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert found[0] @ found[1] == pytest.approx(1, abs=1e-5)
    assert found[0] @ found[2] < 0.999


def test_magi_looks_at_nobody_before_its_licence_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="academic, non-commercial"):
        load_likeness_measure("magi2", **{**magi(tmp_path), "licence_accepted": False})


def test_magi_sleeps_when_another_model_wakes_and_a_consent_is_given_once(tmp_path: Path) -> None:
    given = magi(tmp_path)
    consent = MagiConsent(model=str(given["model"]), licence_accepted=True)
    options = Settings(magi=consent, options={"likeness.magi2": {"device": "cpu"}}).options_of("likeness", "magi2")
    devices.release_model()
    with devices.measure_cost() as cost:
        likeness = load_likeness_measure("magi2", **options)
        first = likeness.embed(lines(60, 90))
        devices.release_model()
        again = likeness.embed(lines(60, 90))
    assert cost.loads == 2
    assert (first == again).all()
