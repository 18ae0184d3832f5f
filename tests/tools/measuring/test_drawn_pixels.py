"""Test which pixels of a frame count as drawn by effects."""

from __future__ import annotations

import pytest

from storage.domain import Box, CameraKey, VideoFormat
from storage.effects import EffectKind
from tools.composite import PlacedEffect
from tools.geometry import box_polygon
from tools.measuring.drawn_pixels import find_drawn_pixels
from tools.motion import Clock, EffectScene, load_effect
from tools.motion_regions import draw_region

VIEW, PANEL = Box(0, 0, 640, 360), Box(320, 0, 640, 360)
SCREEN = VideoFormat(width=640, height=360, fps=24)


def share_drawn(kind: EffectKind, *, start: float = 0.0, is_grey: bool = True) -> tuple[float, float]:
    """Return how much of the left half, where nothing acts, and of the right half is drawn."""
    region = draw_region(None, box_polygon(PANEL), [], [], VIEW)
    assert region is not None
    scene = EffectScene(region, VIEW, Clock(24.0, 48), 0.9, is_grey)
    placed = PlacedEffect(load_effect(kind).bind(scene, strength=1.0, at=0.5, seed=3), start)
    mask = find_drawn_pixels([placed], [CameraKey(t=0, box=VIEW)], "linear", SCREEN, 2.0, 0.5)
    assert mask.shape == (360, 640)
    return float((mask[:, :318] > 0).mean()), float((mask[:, 322:] > 0).mean())


@pytest.mark.parametrize("is_grey", [True, False])
@pytest.mark.parametrize("kind", ["rain", "snow", "petals", "speed-lines"])
def test_what_falls_and_rushes_is_drawn_and_only_in_its_panel(kind: EffectKind, is_grey: bool) -> None:
    beside, within = share_drawn(kind, is_grey=is_grey)
    assert beside == 0.0
    assert 0.002 < within < 0.5


@pytest.mark.parametrize("kind", ["boil", "sway", "breathe", "flicker", "impact"])
def test_what_moves_darkens_or_shakes_draws_nothing(kind: EffectKind) -> None:
    assert share_drawn(kind) == (0.0, 0.0)


def test_an_effect_that_has_not_begun_draws_nothing() -> None:
    assert share_drawn("rain", start=0.9) == (0.0, 0.0)
