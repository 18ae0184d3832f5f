"""Every outpainter's promise: the field is filled, the artist's pixels stand, and a seed says what is painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from storage.shapes import Box
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends
from tools.outpaint import Outpainter
from tools.plates import Cutout, Image, Plate

FIELD = (-64.0, -8.0, 128.0, 104.0)
SMALL: dict[str, Any] = {"steps": 2, "megapixels": 0.004, "candidates": 2}


def adapted() -> dict[str, Any]:
    return {"adapter": str(checkpoint("ip_adapter")), "adapter_file": "ip.safetensors"}


CASES: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
    "extend": lambda: ("extend", {}),
    "sdxl_inpaint": lambda: ("sdxl_inpaint", {**SMALL, "model": str(checkpoint("sdxl_inpaint")), **adapted()}),
    "sdxl of any kind": lambda: ("sdxl_inpaint", {**SMALL, "model": str(checkpoint("sdxl_any"))}),
    "klein_inpaint": lambda: ("klein_inpaint", {**SMALL, "candidates": 1, "model": str(checkpoint("klein_inpaint"))}),
    "flux_fill": lambda: ("flux_fill", {**SMALL, "candidates": 1, "model": str(checkpoint("flux_fill"))}),
}


def panel() -> Cutout:
    art = lines(64, 96)
    return Cutout(np.dstack([art, np.full(art.shape[:2], 255, np.uint8)]), Box(0, 0, 64, 96))


def painted(backend: Outpainter, *, seed: int = 1, references: Sequence[Image] = ()) -> Plate:
    return backend.outpaint(
        [panel()], FIELD, revealed=1, fill="auto", prompt="a street", references=references, seed=seed
    )


@pytest.mark.parametrize("case", CASES)
def test_the_field_is_filled_around_the_artist_s_own_pixels(case: str) -> None:
    name, settings = CASES[case]()
    backend: Outpainter = backends.load("outpaint", name, **settings)
    plate = painted(backend)
    assert plate.pixels.shape == (112, 192, 3)
    assert plate.box == Box(*FIELD)
    assert (plate.pixels[plate.original == 255] == panel().pixels[..., :3].reshape(-1, 3)).all()
    if getattr(backend, "generates", False):
        again, other = painted(backend), painted(backend, seed=2)
        assert (again.pixels == plate.pixels).all()
        assert (other.pixels != plate.pixels).any()


@pytest.mark.parametrize("case", ["sdxl_inpaint", "klein_inpaint"])
def test_another_reference_changes_what_is_painted(case: str) -> None:
    name, settings = CASES[case]()
    backend: Outpainter = backends.load("outpaint", name, **{**settings, "candidates": 1})
    light, dark = (painted(backend, references=[np.full((48, 48, 3), tone, np.uint8)]) for tone in (250, 5))
    assert (light.pixels != dark.pixels).any()
    assert (light.pixels[light.original == 255] == dark.pixels[dark.original == 255]).all()


def test_panels_still_to_come_are_not_painted_over_but_wait() -> None:
    name, settings = CASES["sdxl of any kind"]()
    backend: Outpainter = backends.load("outpaint", name, **settings)
    second = Cutout(panel().pixels, Box(70, 0, 134, 96))
    plates = [
        backend.outpaint(
            [panel(), second], (-40, 0, 180, 96), revealed=n, fill="auto", prompt="", references=(), seed=1
        )
        for n in (1, 2)
    ]
    outside = plates[1].original == 0
    assert (plates[0].pixels[outside] == plates[1].pixels[outside]).all(), "the ground does not jump"
    assert (plates[0].original[:, 110:174] == 0).all()
    assert (plates[1].original[:, 110:174] == 255).all()
