"""The errors for lines that are not understood and for corrections that cannot be applied, with facts as values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from storage.errors import SettingsError

CorrectionErrorKind = Literal[
    "unknown_page", "unknown_panel", "unknown_balloon", "unknown_character", "off_page", "same_panel", "no_cut",
    "last_panel", "same_character", "name_taken", "nothing_proposed", "too_small",
]  # fmt: skip


class GrammarError(SettingsError):
    """A line that matches no form of an edit or correction.

    Attributes:
        examples: Lines that it may have meant, the likeliest first; empty if something else than a line is needed.
        limit: The bound that a number misses, as pydantic names it: ("le", 60.0) for at most 60; None for other faults.
    """

    def __init__(
        self, what: str, hint: str, *, examples: Sequence[str] = (), limit: tuple[str, float] | None = None
    ) -> None:
        super().__init__(what, hint)
        self.examples = tuple(examples)
        self.limit = limit


class CorrectionError(SettingsError):
    """A correction of the reading that is not possible.

    Attributes:
        kind: Why it is not possible.
        page: Number of the page, from 1; None for a correction of the cast.
        number: Number of the panel or balloon, from 1; None if there is none.
        name: The name that was given for a character; "" if there is none.
    """

    def __init__(
        self,
        what: str,
        hint: str,
        kind: CorrectionErrorKind,
        *,
        page: int | None = None,
        number: int | None = None,
        name: str = "",
    ) -> None:
        super().__init__(what, hint)
        self.kind: CorrectionErrorKind = kind
        self.page = page
        self.number = number
        self.name = name
