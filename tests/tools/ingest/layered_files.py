"""Write layered PSD files with psd-tools, for tests."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image as Picture

from tests.tools import layers as drawn
from tools.plates import Image, Mask


@dataclass(frozen=True)
class DrawnLayer:
    """One layer: its name, its picture and what it covers, or the layers of a group."""

    name: str
    pixels: Image | None = None
    mask: Mask | None = None
    visible: bool = True
    layers: tuple[DrawnLayer, ...] = ()


FULL: Mask = np.full((drawn.HEIGHT, drawn.WIDTH), 255, np.uint8)


def plain(tone: int) -> Image:
    return np.full((drawn.HEIGHT, drawn.WIDTH, 3), tone, np.uint8)


def page_layers(
    ground: str = "背景", figure: str = "人物", balloon: str = "フキダシ", *, background: Image | None = None
) -> tuple[DrawnLayer, ...]:
    """Return the layers of `drawn.draw_page`: paper, the ground, the figure, balloon and frame."""
    art, covered = drawn.draw_figure()
    return (
        DrawnLayer("Background", plain(255), FULL),
        DrawnLayer(ground, drawn.draw_ground() if background is None else background, FULL),
        DrawnLayer("コマ 1", layers=(DrawnLayer(figure, art, covered),)),
        DrawnLayer(balloon, *drawn.draw_held()),
    )


def write_psd(layers: Sequence[DrawnLayer]) -> bytes:
    """Return a PSD file of these layers, the lowest first, with the picture of them all."""
    from psd_tools import PSDImage

    document = PSDImage.new("RGB", (drawn.WIDTH, drawn.HEIGHT))
    _add(document, document, layers)
    file = io.BytesIO()
    document.save(file, encoding="utf-8")
    return file.getvalue()


def _add(document: Any, parent: Any, layers: Sequence[DrawnLayer]) -> None:
    for layer in layers:
        if layer.layers:
            group = document.create_group(name=layer.name)
            if parent is not document:
                group.move_to_group(parent)
            for made in _made(document, layer.layers):
                made.move_to_group(group)
            group.visible = layer.visible
        else:
            next(_made(document, (layer,)))


def _made(document: Any, layers: Sequence[DrawnLayer]) -> Iterator[Any]:
    for layer in layers:
        assert layer.pixels is not None
        assert layer.mask is not None
        picture = Picture.fromarray(np.dstack([layer.pixels, layer.mask]))
        made = document.create_pixel_layer(picture, name=layer.name)
        made.visible = layer.visible
        yield made
