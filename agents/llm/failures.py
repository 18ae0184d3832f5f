"""Track failures while a book is sent to the model page by page, and decide when to stop asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from storage.errors import AnswerError, BudgetError, ChatError, QuestionError

IN_A_ROW = 3
"""So many pages one after the other that come to nothing are the server's failure, or the model's, and not theirs."""


@dataclass
class BatchFailures:
    """Why the model was asked no more ("" when it was, to the end), and the pages that were left, each with why.

    With `strict` a failure that is not a page's own is raised; `error` is the last one. Of the pages `mended` a part
    was of use, and the rules did the rest.
    """

    stopped: str = ""
    failed_pages: dict[int, str] = field(default_factory=dict)
    strict: bool = False
    error: ChatError | None = None
    mended: dict[int, str] = field(default_factory=dict)
    _row: int = 0
    _heard: bool = False

    def answered(self) -> None:
        """A page came out well."""
        self._row, self._heard = 0, True

    def failed(self, page: int, error: ChatError, reason: str = "") -> None:
        """Leave a page, and the rest of the book where it is not the page's own failure; `reason` in other words."""
        own, what = isinstance(error, AnswerError | QuestionError), reason or error.what
        self.failed_pages[page], self.error = what, error
        self._heard = self._heard or isinstance(error, AnswerError)
        self._row += not isinstance(error, QuestionError) or error.sent
        if own and self._row < IN_A_ROW and (self._heard or not self.strict):
            return
        if self.strict and not isinstance(error, BudgetError):
            raise error
        self.stopped = f"it is asked no more after {IN_A_ROW} failures in a row ({what})" if own else what

    def skipped(self, page: int) -> None:
        """Leave a page that is not asked about any more."""
        self.failed_pages.setdefault(page, self.stopped)

    def summary(self, what: str = "directed by rules") -> list[str]:
        """One line for each reason, with its pages counted from 1; `what` became of them."""
        return [*_reasons(self.failed_pages, what), *_reasons(self.mended, "mended by rules")]


def _reasons(told: Mapping[int, str], what: str) -> list[str]:
    reasons: dict[str, list[int]] = {}
    for page, reason in told.items():
        reasons.setdefault(reason, []).append(page + 1)
    return [f"{_pages(pages)} {what}: {reason}" for reason, pages in reasons.items()]


def _pages(numbers: Sequence[int]) -> str:
    """Numbers as runs: "pages 3, 7-12"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(words)}"
