"""Test that PSD files give their planes, whatever hides in their groups, and that damaged ones are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storage.errors import SourceError
from tests.tools import layers as drawn
from tests.tools.ingest.layered_files import FULL, DrawnLayer, page_layers, plain, write_psd
from tools.ingest import books, images, layered_pages
from tools.layers import PageLayers

pytest.importorskip("psd_tools", reason="the extra psd is not installed")


def read(*layers: DrawnLayer) -> PageLayers:
    found = layered_pages.read_layers(write_psd(layers), "1.psd")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("ground", "figure", "balloon"), [("背景", "人物", "フキダシ"), ("BG", "character 1", "balloons")]
)
def test_planes_are_what_the_artist_drew(ground: str, figure: str, balloon: str) -> None:
    found = read(*page_layers(ground, figure, balloon))
    assert (found.figures == drawn.draw_figure()[1]).mean() > 0.999
    assert np.abs(found.held.astype(int) - drawn.draw_held()[1]).max() <= 1
    assert np.abs(found.ground[..., :3].astype(int) - drawn.draw_ground()).max() <= 1
    assert (found.ground[..., 3] == 255).all()


def test_the_page_itself_is_the_picture_of_all_layers() -> None:
    page = images.decode_image(write_psd(page_layers()), "1.psd")
    assert np.abs(page.astype(int) - drawn.draw_page()).max() <= 1


def test_paper_of_one_tone_is_no_drawing_and_hidden_layers_are_left_out() -> None:
    art, covered = drawn.draw_figure()
    found = read(
        DrawnLayer("背景 用紙", plain(240), FULL),
        DrawnLayer("背景", drawn.draw_ground(), 255 - covered),
        DrawnLayer("人物", art, covered),
        DrawnLayer("人物 下書き", plain(0), FULL, visible=False),
    )
    assert (found.ground[covered == 255, 3] == 0).all()
    assert not found.held.any()
    assert (found.figures > 0).mean() < 0.3


def test_layers_without_names_go_with_the_one_below_them() -> None:
    speck: np.ndarray = np.zeros((drawn.HEIGHT, drawn.WIDTH), np.uint8)
    speck[60:70, 60:70] = 255
    above_ground, above_figure = speck, np.roll(speck, 300, axis=0)
    layers = list(page_layers())
    layers.insert(2, DrawnLayer("Layer 7", plain(20), above_ground))
    layers.insert(4, DrawnLayer("Layer 8", plain(20), above_figure))
    found = read(*layers)
    assert (found.ground[65, 65, :3] < 30).all()
    assert found.figures[65, 65] == 0
    assert found.figures[365, 65] == 255


def test_a_figure_of_lines_alone_has_its_inside() -> None:
    art, covered = drawn.draw_figure()
    lines = np.where((art[..., 0] < 200) & (covered > 0), 255, 0).astype(np.uint8)
    found = read(DrawnLayer("背景", drawn.draw_ground(), 255 - covered), DrawnLayer("人物", art, lines))
    inside = covered == 255
    assert (found.figures[inside] > 0).mean() > 0.97
    behind = read(DrawnLayer("背景", drawn.draw_ground(), FULL), DrawnLayer("人物", art, lines))
    assert (behind.figures[inside] > 0).mean() < 0.5, "a ground that shines through is no figure"


def without_picture(data: bytes) -> bytes:
    """Return a PSD file whose picture of all layers is blank and said to be missing."""
    at = data.index(b"8BIM" + (1057).to_bytes(2)) + 6
    at += 2 + 4 + 4  # an empty name, the size and the version
    assert data[at] == 1
    return data[:at] + b"\0" + data[at + 1 :]


def test_a_file_that_was_saved_without_its_picture_is_flattened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write_psd(page_layers())
    bare = without_picture(whole)
    assert not layered_pages.lacks_picture(whole)
    assert layered_pages.lacks_picture(bare)
    for name, data in (("1.psd", whole), ("2.psd", bare)):
        (tmp_path / name).write_bytes(data)
    book = books.open_book(tmp_path)
    one, two = (book.load(ref) for ref in book.pages)
    assert np.abs(one.astype(int) - two).max() <= 1
    assert book.fingerprint(book.pages[0]) != book.fingerprint(book.pages[1])
    monkeypatch.setattr(layered_pages, "can_read_layers", lambda: False)
    with pytest.raises(SourceError):
        book.load(book.pages[1])


@pytest.mark.parametrize("data", [b"", b"8BPS", b"8BPS" + bytes(40), b"8BPS" + b"\xff" * 60, b"\x89PNG" + bytes(60)])
def test_other_bytes_lack_no_picture(data: bytes) -> None:
    assert not layered_pages.lacks_picture(data)


@pytest.mark.parametrize(
    "names", [("Layer 1", "Layer 2", "Layer 3"), ("背景", "Layer 1", "フキダシ"), ("a", "人物", "b")]
)
def test_without_a_named_figure_and_ground_there_are_no_planes(names: tuple[str, str, str]) -> None:
    layers = [DrawnLayer("x", plain(255), FULL), *page_layers(*names)[1:]]
    assert layered_pages.read_layers(write_psd(layers), "1.psd") is None


def test_a_damaged_file_is_refused() -> None:
    data = write_psd(page_layers())
    with pytest.raises(SourceError):
        layered_pages.read_layers(b"8BPS\0\x01" + bytes(200), "1.psd")
    for share in (0.01, 0.3, 0.6):  # what was cut short is no page either
        with pytest.raises(SourceError):
            images.decode_image(data[: int(share * len(data))], "1.psd")
