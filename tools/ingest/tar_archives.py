"""Read tar archives that are not compressed, such as .cbt files; their members are found without unpacking others."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

from tools.ingest.archives import Archive, Member, printable_name, read_chunks


class TarArchive(Archive):
    """An open tar file."""

    def __init__(self, source: Path) -> None:
        """Read and check the headers of all members.

        Raises:
            SourceError: The archive is damaged, unreadable, too large or unsafe.
        """
        super().__init__(source)
        try:
            self._tar = tarfile.open(source, "r:")  # noqa: SIM115 (closed by close)
        except Exception as reason:  # a damaged header makes tarfile raise several kinds
            raise self.damaged_error() from reason
        try:
            self._index(self._members_of_tar())
        except BaseException:
            self._tar.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._tar.close()

    def _members_of_tar(self) -> Iterator[Member]:
        try:
            yield from (_describe_member(info) for info in self._tar)
        except Exception as reason:
            raise self.damaged_error() from reason

    def _unpack(self, member: Member) -> Iterator[bytes]:
        """Yield the bytes of a member."""
        info = member.handle
        assert isinstance(info, tarfile.TarInfo), "the index keeps the tar's own entries"
        stream = self._tar.extractfile(info)
        if stream is None:
            raise self.damaged_error(f"{self.label}: {printable_name(info.name)}")
        with stream:
            yield from read_chunks(stream)


def _describe_member(info: tarfile.TarInfo) -> Member:
    """Return an entry of the tar."""
    name = info.name.encode("utf-8", "surrogateescape")  # as which Python has decoded it
    try:
        known: str | bytes = name.decode("utf-8")  # what all tar programs of today write
    except UnicodeDecodeError:
        known = name
    return Member(
        known,
        info,
        size=info.size,
        packed=info.size,
        is_folder=info.isdir(),
        is_link=not (info.isdir() or info.isreg()),  # links and devices
    )
