"""Write archives of every format as foreign programs write them: undeclared names, RAR, wrong suffixes."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import PIL.Image
import pytest

Members = dict[str, bytes]


def has_libarchive() -> bool:
    """Return whether libarchive and its Python package are installed."""
    try:
        import libarchive  # noqa: F401
    except Exception:
        return False
    return True


needs_libarchive = pytest.mark.skipif(not has_libarchive(), reason="libarchive is not installed")


def page(shade: int = 200, format: str = "PNG") -> bytes:
    """Draw a small grey page."""
    out = io.BytesIO()
    PIL.Image.new("L", (20, 30), shade).save(out, format)
    return out.getvalue()


class RawInfo(zipfile.ZipInfo):
    """A member whose name is written in an encoding that the archive does not declare."""

    raw: bytes = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 (zipfile calls it)
        return self.raw, self.flag_bits & ~0x800


def raw_info(name: str, encoding: str) -> RawInfo:
    """Return a zip member with an undeclared name; zipfile keeps its folders and backslashes as they are."""
    info = RawInfo(name)
    info.raw = name.encode(encoding)
    return info


def write_zip(path: Path, members: Members, encoding: str = "") -> Path:
    """Pack a zip; with `encoding`, names are written in it and no encoding is declared."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(raw_info(name, encoding) if encoding else zipfile.ZipInfo(name), data)
    return path


def unicode_path_field(raw: bytes, name: str) -> bytes:
    """Return the extra field in which Info-ZIP declares the name of a member in UTF-8."""
    body = struct.pack("<BI", 1, zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(body)) + body


def write_tar(path: Path, members: Members, encoding: str = "utf-8") -> Path:
    """Pack a tar, with names in an encoding that it does not declare."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT, encoding=encoding) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    path.write_bytes(buffer.getvalue())
    return path


def write_7z(path: Path, members: Members) -> Path:
    """Pack a solid 7-Zip archive."""
    import libarchive

    with libarchive.file_writer(str(path), "7zip") as archive:
        for name, data in members.items():
            archive.add_file_from_memory(name, len(data), data)
    return path


def write_rar(path: Path, members: Members) -> Path:
    """Write a RAR 5 archive whose members are stored without compression, by the published format."""
    blocks = [b"Rar!\x1a\x07\x01\x00", _rar_block(_number(1) + _number(0) + _number(0))]
    for name, data in members.items():
        raw = name.encode()
        fields = (2, 2, len(data), 4, len(data), 0o100644)
        header = b"".join(map(_number, fields)) + struct.pack("<I", zlib.crc32(data))
        header += _number(0) + _number(1) + _number(len(raw)) + raw
        blocks += [_rar_block(header), data]
    blocks.append(_rar_block(_number(5) + _number(0) + _number(0)))
    path.write_bytes(b"".join(blocks))
    return path


def _rar_block(header: bytes) -> bytes:
    sized = _number(len(header)) + header
    return struct.pack("<I", zlib.crc32(sized)) + sized


def _number(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first."""
    groups = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        groups.append(low | (0x80 if value else 0))
        if not value:
            return bytes(groups)
