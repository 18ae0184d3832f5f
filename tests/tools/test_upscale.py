"""Test the upscalers: what they restore of a halved page, that tiles leave no seam, and damaged weights."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from storage.errors import BackendError, PackageMissing
from tests.program import HOUSE
from tests.tools.drawings import balloon, lines, page
from tools import backends
from tools.cutouts.enlargement import enlarge
from tools.optional_deps import require
from tools.pixels import as_image
from tools.plates import Image
from tools.upscale import load_upscaler, waifu2x

needs_waifu2x = pytest.mark.skipif(
    not all(map(find_spec, waifu2x.Backend.packages)), reason="the extra crisp is not installed"
)


def drawn_page() -> Image:
    """Draw a page of 600 x 400 with lines, discs of tone and a lettered balloon."""
    pixels = page()
    pixels[60:340, 60:260] = np.minimum(pixels[60:340, 60:260], lines(200, 280, 3))
    balloon((180, 120), (60, 34), pixels)
    return pixels


def halved(pixels: Image) -> Image:
    return as_image(cv2.resize(pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2), interpolation=cv2.INTER_AREA))


def likeness_in_decibels(one: Image, other: Image) -> float:
    """Return the peak signal-to-noise ratio."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def test_the_default_enlarges_as_the_camera_does() -> None:
    small = halved(drawn_page())
    assert np.array_equal(load_upscaler("lines").upscale(small), enlarge(small, (600, 400)))


@needs_waifu2x
def test_waifu2x_restores_two_decibels_more_of_a_halved_page_than_lanczos_and_the_default() -> None:
    whole = drawn_page()
    small = halved(whole)
    restored = likeness_in_decibels(load_upscaler("waifu2x").upscale(small), whole)
    lanczos = likeness_in_decibels(as_image(cv2.resize(small, (600, 400), interpolation=cv2.INTER_LANCZOS4)), whole)
    assert restored > lanczos + 2
    assert restored > likeness_in_decibels(load_upscaler("lines").upscale(small), whole) + 2


@needs_waifu2x
def test_the_noise_of_jpeg_is_removed_unless_it_is_to_stay() -> None:
    whole = drawn_page()
    noisy = cv2.imdecode(cv2.imencode(".jpg", halved(whole), [cv2.IMWRITE_JPEG_QUALITY, 85])[1], cv2.IMREAD_COLOR)
    assert noisy is not None
    clean, kept = (load_upscaler("waifu2x", denoise=denoise).upscale(as_image(noisy)) for denoise in (True, False))
    assert likeness_in_decibels(clean, whole) > likeness_in_decibels(kept, whole) + 0.2


@needs_waifu2x
def test_every_pixel_stays_in_its_place_and_grey_stays_grey() -> None:
    small = halved(drawn_page())
    double = load_upscaler("waifu2x").upscale(small)
    assert double.shape == (400, 600, 3)
    assert (double == double[..., :1]).all()
    shifts = {
        (dx, dy): np.abs(halved(np.roll(double, (dy, dx), (0, 1))).astype(int) - small).mean()
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
    }
    assert min(shifts, key=lambda shift: shifts[shift]) == (0, 0)
    assert shifts[0, 0] < 2
    assert load_upscaler("waifu2x").upscale(small[:1, :1]).shape == (2, 2, 3)


@needs_waifu2x
def test_colours_are_kept() -> None:
    coloured = halved(drawn_page())
    coloured[..., 2] //= 2
    coloured[20:60, 20:60] = (200, 40, 60)
    assert np.abs(halved(load_upscaler("waifu2x").upscale(coloured)).astype(int) - coloured).mean() < 2


@needs_waifu2x
def test_the_number_of_threads_changes_no_byte() -> None:
    small = halved(drawn_page())
    one, *others = (load_upscaler("waifu2x", threads=count).upscale(small) for count in (1, 2, 3))
    assert all(np.array_equal(one, other) for other in others)
    assert np.array_equal(one, load_upscaler("waifu2x").upscale(small))


@needs_waifu2x
def test_tiles_differ_from_the_picture_in_one_piece_by_a_tone_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    small, upscaler = halved(drawn_page()), load_upscaler("waifu2x")
    assert small.shape[1] > 2 * waifu2x.TILE, "it takes several tiles"
    tiled = upscaler.upscale(small)
    for side in (50, 1000):
        monkeypatch.setattr(waifu2x, "TILE", side)
        differs = np.abs(upscaler.upscale(small).astype(int) - tiled)
        assert differs.max() <= 1
        assert (differs > 0).mean() < 1e-4


@needs_waifu2x
def test_a_tile_is_the_same_whatever_lies_further_off() -> None:
    small, upscaler = halved(drawn_page()), load_upscaler("waifu2x")
    longer = np.vstack([small, 255 - small])
    same = 2 * (waifu2x.TILE * (len(small) // waifu2x.TILE))
    assert np.array_equal(upscaler.upscale(longer)[:same], upscaler.upscale(small)[:same])


@needs_waifu2x
def test_another_file_of_weights_is_refused_and_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for name in waifu2x.WEIGHTS:
        (tmp_path / "models" / name).write_bytes(b"7767517\n")
    monkeypatch.setattr(waifu2x, "files", lambda package: tmp_path)
    fresh = waifu2x.Backend()
    with pytest.raises(BackendError) as refusal:
        fresh.upscale(lines(20, 20))
    assert "WAIFU2X_ANIME_UP2X_DENOISE0X.param" in refusal.value.what
    with pytest.raises(BackendError):
        backends.weights_identity(fresh)


@needs_waifu2x
def test_the_weights_are_a_part_of_the_identity() -> None:
    identity = backends.weights_identity(load_upscaler("waifu2x"))
    assert waifu2x.WEIGHTS["WAIFU2X_ANIME_UP2X_DENOISE0X.bin"][:16] in identity
    assert identity == backends.weights_identity(load_upscaler("waifu2x", threads=2))
    assert identity != backends.weights_identity(load_upscaler("waifu2x", denoise=False))


@needs_waifu2x
def test_it_is_described_and_its_weights_are_known_without_running_it() -> None:
    program = """
import sys
from tools import backends
listing = backends.describe_backend("upscale", "waifu2x")
backends.weights_identity(backends.load_backend("upscale", "waifu2x"))
print(listing.licence, *sorted({"ncnn", "requests", "torch"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=HOUSE, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["mit"]


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pretend that ncnn is not installed."""

    def refuse(*packages: str) -> None:
        require("ncnn_that_nobody_has") if "ncnn" in packages else require(*packages)

    monkeypatch.setattr(waifu2x, "require", refuse)
    backends._load.cache_clear()
    yield
    backends._load.cache_clear()


@pytest.mark.usefixtures("without_package")
def test_a_missing_package_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(PackageMissing) as refusal:
        load_upscaler("waifu2x")
    assert refusal.value.extra == "crisp"
    assert "[crisp]" in refusal.value.hint
