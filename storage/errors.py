"""All errors that a user can do something about; how they are printed is decided elsewhere.

KomadoriError            the user can correct it: `error:` and `hint:` lines, exit 2
|- SourceError           the book cannot be read: missing, damaged, encrypted, too large
|  |- SourceDamaged      an archive, or a file in it, is damaged or cut short
|  |- FormatUnsupported  a file is in a format that is not read here
|  |- SeveralBooks       a folder or an archive holds books instead of pages
|  `- NoPages            a book holds no picture
|- AudioError            a sound file cannot be read: missing, damaged, no sound, too long
|- SettingsError         an option, profile, transcript or script is not valid
|  |- GrammarError       a line is not written as edits and corrections are: agents/corrections/errors.py
|  |- FixError           a correction of the transcript cannot be made: agents/corrections/errors.py
|  `- EditError          the storyboard does not allow an edit: agents/editing/refusals.py
|- BackendError          a backend is unknown, or cannot work with its settings
|  |- PackageMissing     a package that it needs is not installed
|  |- ServerError        a server that a backend asks cannot be reached, refuses, or sends what is of no use
|  |  `- SpeechServerError  a server of voices gave no speech
|  `- WeightsMissing     the weights that it needs are not on this machine
|- ProjectError          the project folder cannot be used
|  |- ProjectLocked      another process works on it
|  `- ProjectTooNew      it was made by a newer Komadori
|- ChatError             the language model did not answer: no server, a refusal, or a timeout
|  |- AnswerError        the answer does not have the form that was asked for
|  |- QuestionError      this one question was refused, too long or not answered in time; others may work
|  |- BudgetError        another question might cost more than the budget of the film
|  `- VisionMissing      the question has pictures, and the model takes only text
`- StorageError          the disk is full, or the folder cannot be written
   |- ArtifactDamaged    a stored file is missing or has other bytes than were stored; it can be made again
   `- UserFileDamaged    the same for what a person gave, which only that person can give again
"""

from __future__ import annotations

import unicodedata
from typing import Literal, Self, TypeVar

_Kind = TypeVar("_Kind", bound="KomadoriError")
_UNPRINTABLE = ("Cc", "Cs")
MAX_CHARACTERS = 1500
"""Longer messages lose their middle."""
Unanswered = Literal["refused", "too_long", "late"]
"""Why a question has no answer: the server refuses it, it exceeds the model's context, or the answer was late."""
NoAnswer = Literal["unreachable", "refused", "failed", "late", "endless", "broken"]
"""Why a server gave no result: no connection, a refusal, its own fault, or an answer late, too large or of no use."""


class KomadoriError(Exception):
    """An error that the user can do something about.

    Attributes:
        what: One line that names what is wrong, without control characters.
        hint: One line that says how to correct it, likewise.
    """

    def __init__(self, what: str, hint: str) -> None:
        self.what = _printable(what)
        self.hint = _printable(hint)
        super().__init__(self.what, self.hint)

    def __str__(self) -> str:
        return f"{self.what} ({self.hint})"

    def __reduce__(self) -> tuple[object, ...]:
        """Support pickling with all attributes, whatever the arguments of `__init__` are."""
        return _rebuild_error, (type(self), vars(self))

    def at_place(self, where: str) -> Self:
        """Return the same error with a place before `what`, such as a file and a line."""
        return _rebuild_error(type(self), {**vars(self), "what": _printable(f"{where}{self.what}")})


def _printable(text: str) -> str:
    """Return the text in a printable length and without characters that would steer a terminal.

    An error quotes names and lines that may come from a stranger.
    """
    if len(text) > MAX_CHARACTERS:
        text = f"{text[: MAX_CHARACTERS // 2]} ... {text[-MAX_CHARACTERS // 2 :]}"
    return "".join(
        char if unicodedata.category(char) not in _UNPRINTABLE else " " if char.isspace() else "\ufffd" for char in text
    )


def _rebuild_error(kind: type[_Kind], facts: dict[str, object]) -> _Kind:
    """Make an error from its class and attributes, without its `__init__`."""
    error = kind.__new__(kind)
    vars(error).update(facts)
    error.args = error.what, error.hint
    return error


class SourceError(KomadoriError):
    """The book cannot be read: missing, damaged, encrypted or too large."""


class SourceDamaged(SourceError):
    """An archive, or a file in it, is damaged or cut short."""


class FormatUnsupported(SourceError):
    """A file is in a format that is not read, or not without a package that is missing here.

    Attributes:
        format: The format as people call it, such as "JPEG XL".
    """

    def __init__(self, what: str, hint: str, *, format: str) -> None:
        super().__init__(what, hint)
        self.format = format


class SeveralBooks(SourceError):
    """A folder or an archive holds books instead of pages.

    Attributes:
        books: Their paths below the source, in natural order.
    """

    def __init__(self, what: str, hint: str, *, books: tuple[str, ...]) -> None:
        super().__init__(what, hint)
        self.books = books


class NoPages(SourceError):
    """A book holds no picture that could be a page.

    Attributes:
        text_pages: How many pages of text it has, if it is an EPUB.
    """

    def __init__(self, what: str, hint: str, *, text_pages: int = 0) -> None:
        super().__init__(what, hint)
        self.text_pages = text_pages


class AudioError(KomadoriError):
    """A sound file cannot be read: it is missing, damaged, holds no sound, or is too long."""


class SettingsError(KomadoriError):
    """An option, a profile, a transcript or a script is not valid.

    Attributes:
        option: The setting as it is written in a script, such as "max_cost"; "" if it is no single setting.
    """

    def __init__(self, what: str, hint: str, *, option: str = "") -> None:
        super().__init__(what, hint)
        self.option = option


class BackendError(KomadoriError):
    """A backend is unknown, or cannot work with its settings."""


class PackageMissing(BackendError):
    """A package that a backend needs is not installed.

    Attributes:
        extra: The extra of Komadori that installs it.
    """

    def __init__(self, what: str, hint: str, *, extra: str = "gpu") -> None:
        super().__init__(what, hint)
        self.extra = extra


class ServerError(BackendError):
    """A server that a backend asks cannot be reached, refuses, takes too long, or sends what is of no use.

    Attributes:
        reason: Why there is no result.
        status: HTTP status with which the server failed; 0 where there was none.
    """

    def __init__(self, what: str, hint: str, *, reason: NoAnswer, status: int = 0) -> None:
        super().__init__(what, hint)
        self.reason: NoAnswer = reason
        self.status = status


class SpeechServerError(ServerError):
    """A server that speaks lines gave no speech."""


class PriceUnknown(BackendError):
    """What a backend costs is not known, and the cost of the film is bounded."""


class WeightsMissing(BackendError):
    """The weights that a backend needs are not on this machine."""


class ProjectError(KomadoriError):
    """The project folder cannot be used."""


class ProjectLocked(ProjectError):
    """Another process works on the project."""


class ProjectTooNew(ProjectError):
    """The project was made by a newer Komadori."""


class ChatError(KomadoriError):
    """The language model did not answer: no server, a refusal, or a timeout.

    Attributes:
        status: HTTP status with which the server failed; 0 where there was none.
    """

    def __init__(self, what: str, hint: str, *, status: int = 0) -> None:
        super().__init__(what, hint)
        self.status = status


class AnswerError(ChatError):
    """The answer of the model does not have the form that was asked for."""


class QuestionError(ChatError):
    """This one question was refused, too long, or not answered in time; others may work."""

    def __init__(self, what: str, hint: str, *, reason: Unanswered, status: int = 0) -> None:
        super().__init__(what, hint, status=status)
        self.reason = reason

    @property
    def was_sent(self) -> bool:
        """Return whether any part of the question was sent to the server."""
        return self.reason != "too_long"


class BudgetError(ChatError):
    """Another question might cost more than the budget of the film."""


class VisionMissing(ChatError):
    """The question has pictures, and the model takes only text; the same can be asked in words."""


class StorageError(KomadoriError):
    """The disk is full, or the folder cannot be written."""


class ArtifactDamaged(StorageError):
    """A stored file is missing, or its bytes are not those that were stored. It counts as not made.

    Attributes:
        sha256: The SHA-256 under which it was stored.
    """

    def __init__(self, what: str, hint: str, *, sha256: str) -> None:
        super().__init__(what, hint)
        self.sha256 = sha256


class UserFileDamaged(StorageError):
    """What a person gave is damaged or missing in the project, and only that person can give it again.

    Attributes:
        name: What it is, such as the path of the picture.
    """

    def __init__(self, what: str, hint: str, *, name: str) -> None:
        super().__init__(what, hint)
        self.name = name
