"""A page in, an mp4 out, its panels cleaned and continued by every painting backend, and the artist's pixels in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents import film
from storage.library import Library
from storage.settings import Backends, Settings
from storage.shapes import Made, Screen
from tests.conftest import draw_page, transcript_of
from tests.tiny import checkpoint
from tools import png
from tools.filming import clips

QWEN = "tests.outside.SmallQwen"
WEIGHTS = {"sdxl_inpaint": "sdxl_any", QWEN: "qwen_edit"}
FILMS = [("classic", "sdxl_inpaint"), ("klein_inpaint", "flux_fill"), ("classic", QWEN)]


def options(name: str) -> dict[str, Any]:
    return {"model": str(checkpoint(WEIGHTS.get(name, name))), "steps": 1, "guidance": 1.0, "megapixels": 0.004}


@pytest.mark.parametrize(("clean", "outpaint"), FILMS)
def test_a_page_becomes_a_film_around_the_artist_s_own_pixels(tmp_path: Path, clean: str, outpaint: str) -> None:
    (tmp_path / "chapter").mkdir()
    page = draw_page(1)
    (tmp_path / "chapter" / "001.png").write_bytes(png.encode(page))
    said = {f"outpaint.{outpaint}": {**options(outpaint), "candidates": 1}}
    settings = Settings(
        screen=Screen(width=212, height=120, fps=12), max_drift=1.0,
        backends=Backends(clean=clean, outpaint=outpaint),
        options=said if clean == "classic" else {**said, f"clean.{clean}": options(clean)},
    )  # fmt: skip
    wishes = film.Wishes(tmp_path / "chapter", corrections=transcript_of(1))
    report = film.animate(tmp_path / "p.komadori", settings, wishes)
    assert report.film is not None
    assert not report.lost
    assert not report.fallbacks
    assert clips.probe(report.film).width == 212
    with Library.open(tmp_path / "p.komadori", readonly=True) as library:
        events = [event for event in library.events(kinds={"made"}) if event.stage == "outpaint"]
        found = [library.find_made(str(event.facts["key"])) for event in events]
        plates = [plate_of(library, made) for made in found if made]
    assert plates
    assert any((original == 0).any() for _, original, _ in plates), "something was painted"
    if clean == "classic":
        assert all(stands(page, *plate) for plate in plates)


def plate_of(library: Library, made: Made) -> tuple[Any, Any, Any]:
    pixels, original = (png.read(library.artifacts.open(made.artifacts[role].sha256)) for role in ("plate", "original"))
    return pixels[..., :3], original if original.ndim == 2 else original[..., 0], made.facts["box"]


def stands(page: Any, pixels: Any, original: Any, box: Any) -> bool:
    """Whether every pixel that is said to be the artist's is the page's."""
    rows, columns = np.nonzero(original == 255)
    x0, y0 = round(box[0]), round(box[1])
    return bool(len(rows)) and bool((pixels[rows, columns] == page[rows + y0, columns + x0]).all())
