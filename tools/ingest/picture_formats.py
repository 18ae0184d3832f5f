"""Identify picture formats by the first bytes and the suffix of a file, and list those that can be decoded here."""

from __future__ import annotations

import functools
import importlib

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "AVIF", "PSD", "QOI")
"""Pillow's names of the formats that pages are drawn in and that have a clear signature. No other decoder runs,
because every decoder is code that reads untrusted bytes. EPS would even start Ghostscript, and Pillow shows a half of
a DDS that is cut short."""

UNSIGNED_FORMATS = {
    ".tga": "TGA", ".pbm": "PPM", ".pgm": "PPM", ".ppm": "PPM", ".pnm": "PPM", ".pcx": "PCX", ".sgi": "SGI",
}  # fmt: skip
"""Formats that any bytes can pass for; they are decoded only under these file suffixes."""

PLUGINS = {"HEIF": "pillow-heif", "JPEG XL": "pillow-jxl-plugin"}
"""Formats that a package on the Python index adds to Pillow."""
_MODULES = {"HEIF": "pillow_heif", "JPEG XL": "pillow_jxl"}
_PILLOW_NAMES = {"HEIF": "HEIF", "JPEG XL": "JXL"}

SUFFIXES = frozenset(
    (
        ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".jp2", ".j2k",
        ".jpf", ".jpx", ".j2c", ".jpc", ".avif", ".avifs", ".psd", ".qoi", *UNSIGNED_FORMATS,
    )
)  # fmt: skip
"""File suffixes of pictures that can be decoded."""

OTHER_SUFFIXES = {
    ".heic": "HEIF", ".heif": "HEIF", ".hif": "HEIF", ".jxl": "JPEG XL", ".jxr": "JPEG XR", ".wdp": "JPEG XR",
    ".hdp": "JPEG XR", ".bpg": "BPG", ".flif": "FLIF", ".exr": "OpenEXR", ".hdr": "Radiance HDR", ".psb": "PSB",
    ".svg": "SVG", ".svgz": "SVG", ".eps": "EPS", ".ai": "Illustrator", ".cdr": "CorelDRAW", ".wmf": "WMF",
    ".emf": "EMF", ".clip": "Clip Studio", ".lip": "Clip Studio", ".kra": "Krita", ".ora": "OpenRaster",
    ".xcf": "GIMP", ".dds": "DDS", ".sai": "SAI", ".sai2": "SAI", ".mdp": "FireAlpaca", ".procreate": "Procreate",
    ".dng": "DNG", ".cr2": "Canon raw", ".nef": "Nikon raw", ".arw": "Sony raw",
}  # fmt: skip
"""File suffixes of pictures that only a plugin decodes, or nothing; such a page is refused by name."""

WORKING_SUFFIXES = frozenset(OTHER_SUFFIXES) - {".heic", ".heif", ".hif", ".jxl"} | {".psd"}
"""File suffixes of pictures as drawing programs save them, which are often exported beside themselves."""

_FIRST_BYTES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"8BPS\0\x01", "PSD"),
    (b"8BPS\0\x02", "PSB"),
    (b"qoif", "QOI"),
    (b"DDS \x7c\0\0\0", "DDS"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"II\xbc\x01", "JPEG XR"),
    (b"v/1\x01", "OpenEXR"),
    (b"gimp xcf", "GIMP"),
    (b"CSFCHUNK", "Clip Studio"),
)
_BRANDS = {
    "AVIF": (b"avif", b"avis"),
    "HEIF": (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"),
}
"""Formats by the brands of an ISO media file; "mif1" stands in both, so that AVIF is looked for first."""


def find_picture_format(head: bytes) -> str:
    """Return the format of a picture from its first bytes; "" for any other file.

    The formats of `UNSIGNED_FORMATS` are known by their suffix alone.
    """
    if (known := next((name for magic, name in _FIRST_BYTES if head.startswith(magic)), "")) != "":
        return known
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:2] == b"BM" and head[6:10] == bytes(4) and len(head) >= 26:
        return "BMP"
    if head[4:8] == b"ftyp":
        brands = head[8 : int.from_bytes(head[:4])]
        return next((name for name, known_brands in _BRANDS.items() if any(b in brands for b in known_brands)), "")
    return ""


def is_decodable(name: str) -> bool:
    """Return whether pictures of a format can be decoded on this machine."""
    return name in (*FORMATS, *UNSIGNED_FORMATS.values()) or (
        name in PLUGINS and _PILLOW_NAMES[name] in _plugin_decoders()
    )


def list_decoders(suffix: str = "") -> tuple[str, ...]:
    """Return Pillow's names of all formats that a file of this suffix may have and that can be decoded here."""
    unsigned = UNSIGNED_FORMATS.get(suffix.lower())
    return (*FORMATS, *_plugin_decoders(), *((unsigned,) if unsigned else ()))


@functools.cache
def _plugin_decoders() -> tuple[str, ...]:
    """Load the plugins that are installed, and return Pillow's names of their formats."""
    return tuple(_PILLOW_NAMES[name] for name in PLUGINS if _load_plugin(name))


def describe_remedy(name: str) -> str:
    """Return in words what a user can do about a page whose format cannot be decoded."""
    install = f"pip install {PLUGINS[name]}, or " if name in PLUGINS else ""
    return f"{install}save it as PNG, WEBP or JPEG"


def _load_plugin(name: str) -> bool:
    try:
        module = importlib.import_module(_MODULES[name])
        if name == "HEIF":
            module.register_heif_opener()
    except Exception:  # not installed, or made for another Pillow
        return False
    return True
