"""DIFT features find the corresponding cell in another image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools.diffusion import dift
from tools.measuring.correspondence import correct_keypoints
from tools.outpaint import sdxl_inpaint
from tools.plates import Image


@pytest.fixture(params=["sdxl_inpaint", "sdxl_any", "with an adapter"])
def painter(request: pytest.FixtureRequest) -> Any:
    adapter = {"adapter": str(checkpoint("ip_adapter")), "adapter_file": "ip.safetensors"}
    name = "sdxl_any" if request.param == "with an adapter" else request.param
    more: dict[str, Any] = adapter if request.param == "with an adapter" else {}
    return sdxl_inpaint.Backend(model=str(checkpoint(name)), megapixels=0.004, **more).painter


def test_a_picture_corresponds_to_itself_cell_by_cell(painter: Any) -> None:
    with painter.pipe.load(painter.assemble) as pipe:
        found = dift.dift_features(pipe, lines(64, 64), painter).flatten(1)
    partner = (found.T @ found).argmax(dim=1)
    assert (partner.cpu().numpy() == np.arange(found.shape[1])).mean() > 0.99


def test_what_a_reference_shows_scores_higher_than_what_it_does_not(painter: Any) -> None:
    reference = lines(64, 64)
    mask = np.zeros((64, 64), np.uint8)
    mask[:, 32:] = 255
    strange: Image = reference.copy()
    strange[:, 32:] = np.random.default_rng(0).integers(0, 255, (64, 32, 3), np.uint8)
    same, other = (dift.dift_score(painter, picture, mask, [reference]) for picture in (reference, strange))
    assert same > other
    assert same == pytest.approx(1, abs=1e-3)
    assert dift.dift_score(painter, reference, np.zeros_like(mask), [reference]) == 0


def test_points_of_a_picture_are_found_in_itself(painter: Any) -> None:
    points = [(4.0, 4.0), (20.0, 44.0), (60.0, 12.0)]
    found = dift.match_points(painter, lines(64, 64), lines(64, 64), points)
    assert correct_keypoints(found, points, (64, 64)) == 1
