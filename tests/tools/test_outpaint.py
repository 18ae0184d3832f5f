"""Every outpainter fills the field, keeps the artist's pixels, and is reproducible by seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools.cutouts.backgrounds import hide_later_panels
from tools.outpaint import Outpainter, load_outpainter
from tools.pixels import is_grey
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
    "zimage_inpaint": lambda: (
        "zimage_inpaint",
        {**SMALL, "candidates": 1, "model": str(checkpoint("zimage_inpaint"))},
    ),
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
    backend = load_outpainter(name, **settings)
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
    backend = load_outpainter(name, **{**settings, "candidates": 1})
    light, dark = (painted(backend, references=[np.full((48, 48, 3), tone, np.uint8)]) for tone in (250, 5))
    assert (light.pixels != dark.pixels).any()
    assert (light.pixels[light.original == 255] == dark.pixels[dark.original == 255]).all()


@pytest.mark.parametrize("colour", [(0, 0, 0), (90, 0, -60)])
def test_what_is_painted_around_a_grey_panel_is_grey(colour: tuple[int, int, int]) -> None:
    name, settings = CASES["sdxl of any kind"]()
    given = panel()
    given.pixels[..., :3] = np.clip(given.pixels[..., :3].astype(int) // 2 + 60 + np.array(colour), 0, 255)
    plate = load_outpainter(name, **settings).outpaint(
        [given], FIELD, revealed=1, fill="auto", prompt="", references=(), seed=1
    )
    assert is_grey(plate.pixels) == (colour == (0, 0, 0))
    assert is_grey(plate.pixels, 255 - plate.original) == (colour == (0, 0, 0))


def test_panels_still_to_come_are_not_painted_over_but_wait() -> None:
    name, settings = CASES["sdxl of any kind"]()
    backend = load_outpainter(name, **settings)
    second = Cutout(panel().pixels, Box(70, 0, 134, 96))
    cut = [panel(), second]
    whole = backend.outpaint(cut, (-40, 0, 180, 96), revealed=2, fill="auto", prompt="", references=(), seed=1)
    plates = [hide_later_panels(whole, cut, revealed=1), whole]
    outside = plates[1].original == 0
    assert (plates[0].pixels[outside] == plates[1].pixels[outside]).all(), "the ground does not jump"
    assert (plates[0].original[:, 110:174] == 0).all()
    assert (plates[1].original[:, 110:174] == 255).all()


METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "story": ("sdxl_inpaint", {"share": "story"}),
    "masa": ("sdxl of any kind", {"share": "masa", "steps": 4}),
    "first": ("sdxl of any kind", {"share": "first"}),
    "resampled": ("sdxl_inpaint", {"share": "masa", "resample": 1, "steps": 4}),
    "grid": ("flux_fill", {"grid": True}),
    "shuffled": ("flux_fill", {"shuffle": True}),
    "shuffled too": ("sdxl of any kind", {"shuffle": True}),
    "grid of many": ("sdxl of any kind", {"grid": True}),
    "blended and toned": (
        "sdxl_inpaint",
        {"blended": True, "lowpass": 4, "share": "first", "rank": "dift", "candidates": 2},
    ),
}


@pytest.mark.parametrize("method", METHODS)
def test_a_method_keeps_the_promise_and_looks_at_the_reference_or_the_panel(method: str) -> None:
    case, options = METHODS[method]
    name, settings = CASES[case]()
    settings = {key: said for key, said in settings.items() if not key.startswith("adapter")}
    settings |= {"candidates": 1, "megapixels": 0.008 if "grid" in method or "shuffled" in method else 0.004, **options}
    backend = load_outpainter(name, **settings)
    references = [np.full((48, 48, 3), tone, np.uint8) for tone in (250, 5)]
    if method == "grid of many":
        references = [*references, *references]
    light, dark = painted(backend, references=references[:-1]), painted(backend, references=references[1:])
    assert (light.pixels[light.original == 255] == panel().pixels[..., :3].reshape(-1, 3)).all()
    assert (light.pixels != dark.pixels).any()
    if method in ("story", "shuffled"):  # those that draw by chance
        assert (painted(backend, references=references[:-1]).pixels == light.pixels).all()


def test_a_word_that_names_no_method_is_refused() -> None:
    for options in ({"share": "everyone"}, {"rank": "beauty"}):
        with pytest.raises(BackendError, match="cannot be meant: input should be"):
            load_outpainter("sdxl_inpaint", **options)


@pytest.mark.parametrize("case", ["extend", "sdxl of any kind"])
def test_what_was_painted_into_a_panel_stays_and_is_not_called_the_artist_s(case: str) -> None:
    name, settings = CASES[case]()
    given, redrawn = panel(), np.zeros((96, 64), np.uint8)
    redrawn[10:30, 20:50] = 255
    plate = load_outpainter(name, **settings).outpaint(
        [Cutout(given.pixels, given.box, redrawn)], FIELD, revealed=1, fill="auto", prompt="", references=(), seed=1
    )
    inside = slice(8, 104), slice(64, 128)
    assert (plate.pixels[inside] == given.pixels[..., :3]).all()
    assert (plate.original[inside] == 255 - redrawn).all()
