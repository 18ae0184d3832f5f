"""Decode the bytes of an image file to an upright RGB page; refuse damaged, unsupported and oversized files."""

from __future__ import annotations

import io
import warnings
from pathlib import PurePosixPath

import numpy as np
import PIL.Image
from PIL import ExifTags

from storage.errors import FormatUnsupported, SourceError
from tools.ingest.archives import HEAD_BYTES
from tools.ingest.picture_formats import FORMATS, describe_remedy, find_picture_format, is_decodable, list_decoders
from tools.plates import Image

VERSION = 1
"""Increased when the same bytes decode to another picture; it is part of the content keys of pages and pictures."""

MAX_PIXELS = 80_000_000
"""Pixels of one page: an A3 sheet at 600 dpi has 70 million; as RGB this is 240 MB of memory."""

_TURNS = {
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_270,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_90,
}
"""The transposition that makes each EXIF orientation upright; 1 is upright."""


def decode_image(data: bytes, name: str) -> Image:
    """Decode a picture to an upright page.

    EXIF rotation is applied, transparent pixels become white paper and 16 bits are scaled to 8. Of an animation the
    first picture is used. Colour profiles are ignored.

    Args:
        data: The bytes of the file.
        name: Name of the file for error messages.

    Returns:
        The page, (h, w, 3) RGB uint8.

    Raises:
        FormatUnsupported: The picture is of a format that is not read here.
        SourceError: The picture is damaged, too large, or none at all.
    """
    with warnings.catch_warnings():
        # Pillow warns of large sizes and odd tags on stderr; the limits below are ours, and an error has two lines.
        warnings.simplefilter("ignore")
        with _open_image(data, name) as picture:
            refuse_large(picture.width, picture.height, name)
            try:
                picture.load()
                upright = _turn_upright(_flatten(_to_eight_bits(picture)), _orientation(picture))
                return np.array(upright, dtype=np.uint8)
            except Exception as reason:  # a decoder fed damaged bytes raises whatever its parser stumbles on
                raise SourceError(
                    f"{name} is damaged or cut short ({_first_line(reason)})",
                    "fetch the file again, or open it in an image program and save it as PNG",
                ) from reason


def refuse_large(width: int, height: int, name: str) -> None:
    """Raise SourceError if a picture of this size in pixels, known from its header, would not fit into memory."""
    if width * height > MAX_PIXELS:
        raise _too_large_error(name, f" ({width} x {height} pixels)")


def _too_large_error(name: str, size: str) -> SourceError:
    """Return the error for a picture with too many pixels."""
    return SourceError(
        f"{name} is larger than {MAX_PIXELS // 10**6} megapixels{size}",
        "scale the picture down, or cut it into pages",
    )


def _open_image(data: bytes, name: str) -> PIL.Image.Image:
    """Open a picture by its header alone, without decoding it."""
    try:
        return PIL.Image.open(io.BytesIO(data), formats=list_decoders(PurePosixPath(name).suffix))
    except PIL.Image.DecompressionBombError as reason:
        raise _too_large_error(name, _claimed_size(data)) from reason
    except Exception as reason:  # as in decode_image(); here it is mostly a file that is no picture at all
        format = find_picture_format(data[:HEAD_BYTES])
        if format and not is_decodable(format):
            raise unsupported_error(name, format) from reason
        raise SourceError(
            f"{name} is empty" if not data else f"{name} is not a picture, or its first bytes are damaged",
            "pages may be " + ", ".join(FORMATS[:8]) + "; fetch the file again, or remove it",
        ) from reason


def unsupported_error(name: str, format: str, hint: str = "") -> FormatUnsupported:
    """Return the error for a page whose format cannot be decoded here."""
    remedy = describe_remedy(format)
    return FormatUnsupported(
        f"{name} is a picture in the format {format}, which is not read", f"{remedy}{hint}", format=format
    )


def _claimed_size(data: bytes) -> str:
    """Return the size that a PNG claims in its header, as text; Pillow does not report it when it refuses the file."""
    if data[12:16] != b"IHDR":
        return ""
    return f" ({int.from_bytes(data[16:20])} x {int.from_bytes(data[20:24])} pixels)"


def _to_eight_bits(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Scale deep grey to 8 bits; Pillow's own convert() would clip it to white."""
    if not (picture.mode.startswith("I") or picture.mode == "F"):
        return picture
    values = np.nan_to_num(np.asarray(picture).astype(np.float32))
    white = 65535.0 if picture.mode.startswith("I;16") else _guess_white(float(values.max()), picture.mode)
    return PIL.Image.fromarray((np.clip(values / white, 0, 1) * 255 + 0.5).astype(np.uint8))


def _guess_white(peak: float, mode: str) -> float:
    """Guess the value of white in a depth that has no fixed one: the smallest customary value not below `peak`."""
    customary = (1.0, 255.0, 65535.0, 4294967295.0) if mode == "F" else (255.0, 65535.0, 4294967295.0)
    return next((white for white in customary if peak <= white), peak)


def _flatten(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Convert a picture to RGB, with transparent pixels on white paper."""
    if not picture.has_transparency_data:
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    paper = PIL.Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return paper.convert("RGB")


def _orientation(picture: PIL.Image.Image) -> int:
    """Return the EXIF orientation, 1..8.

    It is read after load(): a TIFF is turned while it loads, and a PNG may have it at its end.
    """
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # unreadable EXIF says nothing; the picture itself is sound
        return 1


def _turn_upright(picture: PIL.Image.Image, orientation: int) -> PIL.Image.Image:
    """Turn a picture upright by its EXIF orientation."""
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _first_line(reason: Exception) -> str:
    """Return the first line of a foreign error."""
    return (str(reason) or type(reason).__name__).splitlines()[0][:120]
