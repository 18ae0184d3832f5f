"""Read the planes of a page out of a layered PSD file; the only file that imports psd-tools (MIT, extra `psd`)."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.errors import SourceError
from tools.ingest.images import refuse_large
from tools.ingest.layer_names import LayerRole, role_of_names, roles_by_order
from tools.layers import PageLayers
from tools.plates import Image, Mask

if TYPE_CHECKING:
    from psd_tools import PSDImage
    from psd_tools.api.layers import Layer

VERSION = 1
"""Raised when other planes are read from the same file: part of the content keys."""
SUFFIX = ".psd"
HEADER_BYTES, VERSION_INFO = 26, 1057
"""The bytes of a PSD file's header, and the number of the resource that says whether its picture is there."""
STRIP_PIXELS = 4_000_000
"""Pixels that are composed at once: composing takes some forty bytes for each."""
PLAIN = 0.004
"""Spread of the tones (0..1) of a layer that is paper."""
HELD: tuple[LayerRole, ...] = ("balloon", "lettering", "frame")


def can_read_layers() -> bool:
    """Return whether psd-tools is installed."""
    return find_spec("psd_tools") is not None


def lacks_picture(data: bytes) -> bool:
    """Return whether a PSD file was saved without the picture of all its layers; False for any other file.

    Its resource 1057 says so (Adobe Photoshop File Formats Specification, "Version Info").
    """
    if not data.startswith(b"8BPS") or len(data) < HEADER_BYTES + 4:
        return False
    at = HEADER_BYTES + 4 + int.from_bytes(data[HEADER_BYTES : HEADER_BYTES + 4])
    end = min(len(data), at + 4 + int.from_bytes(data[at : at + 4]))
    at += 4
    while at + 12 <= end:
        number = int.from_bytes(data[at + 4 : at + 6])
        name = data[at + 6] + 1
        at += 6 + name + name % 2
        size = int.from_bytes(data[at : at + 4])
        if number == VERSION_INFO:
            return size >= 5 and data[at + 8] == 0
        at += 4 + size + size % 2
    return False


def flatten_layers(data: bytes, name: str) -> Image:
    """Return the picture of all visible layers of a PSD file that was saved without it, (h, w, 3) RGB uint8.

    Args:
        data: The bytes of the file.
        name: Its name for error messages.

    Raises:
        SourceError: psd-tools is not installed, or the file is too large or damaged.
    """
    if not can_read_layers():
        raise SourceError(
            f"{name} was saved without the picture of its layers",
            "pip install -e '.[psd]', or save it again with \"maximize compatibility\"",
        )
    from psd_tools import PSDImage

    try:
        document = PSDImage.open(io.BytesIO(data))
        refuse_large(document.width, document.height, name)
        leaves = [layer for layer in document.descendants() if not layer.is_group() and layer.is_visible()]
        picture = _compose(document, leaves)
    except SourceError:
        raise
    except Exception as reason:  # as in read_layers()
        raise _unreadable_error(name, reason) from reason
    share = picture[..., 3:].astype(np.float32) / 255
    return np.rint(picture[..., :3] * share + 255 * (1 - share)).astype(np.uint8)


def read_layers(data: bytes, name: str) -> PageLayers | None:
    """Read the planes of a page from a PSD file.

    What a layer holds is said by its name or the names of its groups (`tools/ingest/layer_names.py`); layers of text
    are lettering, and a layer without a telling name goes with the one below it. Hidden layers are left out.

    Args:
        data: The bytes of the file.
        name: Its name for error messages.

    Returns:
        The planes; None where the names do not tell both a figure and a ground.

    Raises:
        SourceError: The file is too large or damaged.
    """
    from psd_tools import PSDImage

    try:
        document = PSDImage.open(io.BytesIO(data))
        refuse_large(document.width, document.height, name)
        roles = _find_roles(document)
        if roles is None:
            return None
        by_role = {
            role: [layer for layer, found in roles if found in wanted]
            for role, wanted in {"figure": ("figure",), "held": HELD, "ground": ("ground",)}.items()
        }
        ground = _compose(document, [layer for layer in by_role["ground"] if not _is_plain(document, layer)])
        figures = _compose(document, by_role["figure"])[..., 3]
        held = _compose(document, by_role["held"])[..., 3]
    except SourceError:
        raise
    except Exception as reason:  # a parser fed damaged bytes raises whatever it stumbles on
        raise _unreadable_error(name, reason) from reason
    return PageLayers(_filled(figures, ground[..., 3]), held, ground)


def _unreadable_error(name: str, reason: Exception) -> SourceError:
    what = (str(reason) or type(reason).__name__).splitlines()[0][:120]
    return SourceError(f"the layers of {name} cannot be read ({what})", "save it again, or flatten it")


def _find_roles(document: PSDImage) -> list[tuple[Layer, LayerRole]] | None:
    """Return the visible layers from the lowest to the highest with what they hold; None if names do not tell."""
    leaves = [layer for layer in document.descendants() if not layer.is_group() and layer.is_visible()]
    named: list[LayerRole | None] = [_role_of(layer) for layer in leaves]
    if not {"figure", "ground"} <= set(named):
        return None
    return list(zip(leaves, roles_by_order(named), strict=True))


def _role_of(layer: Layer) -> LayerRole | None:
    """Return what a layer holds by its kind and the names on the way to it."""
    if layer.kind == "type":
        return "lettering"
    names, one = list[str](), cast(Any, layer)
    while getattr(one, "parent", None) is not None:  # the document itself has no parent
        names.append(str(one.name))
        one = one.parent
    return role_of_names(names)


def _is_plain(document: PSDImage, layer: Layer) -> bool:
    """Return whether a layer covers the whole page with one tone, as paper does: it holds no drawing."""
    x0, y0, x1, y1 = layer.bbox
    if x0 > 0 or y0 > 0 or x1 < document.width or y1 < document.height:
        return False
    colours, covers = layer.numpy("color"), (layer.numpy("shape"), layer.numpy("mask"))
    if colours is None or any(cover is not None and float(cover.min()) < 1.0 for cover in covers):
        return False
    return bool((colours[::4, ::4].std(axis=(0, 1)) < PLAIN).all())


def _compose(document: PSDImage, layers: Sequence[Layer]) -> Image:
    """Return some layers alone, composed on nothing, (h, w, 4) RGBA uint8."""
    height, width = document.height, document.width
    picture: Image = np.zeros((height, width, 4), np.uint8)
    if not layers:
        return picture
    wanted = _with_groups(layers)
    rows = max(1, STRIP_PIXELS // max(1, width))
    for top in range(0, height, rows):
        bottom = min(height, top + rows)
        strip = document.composite(
            viewport=(0, top, width, bottom), force=True, layer_filter=lambda layer: id(layer) in wanted
        )
        picture[top:bottom] = np.asarray(strip.convert("RGBA"))
    return picture


def _with_groups(layers: Sequence[Layer]) -> Collection[int]:
    """Return the identities of layers and of all groups that hold them."""
    found: set[int] = set()
    for layer in layers:
        one: object = layer
        while one is not None and id(one) not in found:
            found.add(id(one))
            one = getattr(one, "parent", None)
    return found


def _filled(figures: Mask, drawn: Mask) -> Mask:
    """Return figures with their insides, where an artist drew their lines alone and no ground behind them."""
    open_places = (figures < 128).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(open_places, connectivity=4)
    if count < 2:
        return figures
    height, width = figures.shape
    touches = (
        (stats[:, cv2.CC_STAT_LEFT] == 0) | (stats[:, cv2.CC_STAT_TOP] == 0)
        | (stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH] == width)
        | (stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] == height)
    )  # fmt: skip
    holds_ground = np.bincount(labels.ravel(), (drawn > 0).ravel().astype(np.float64), count)
    hollow = ~touches & (holds_ground < 0.02 * stats[:, cv2.CC_STAT_AREA])
    hollow[0] = False
    inside = cast(NDArray[np.bool_], hollow[labels])
    return np.where(inside, 255, figures).astype(np.uint8)
