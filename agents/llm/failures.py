"""Track failures while a book is sent to the model page by page, and decide when to stop asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from storage.errors import AnswerError, BudgetError, ChatError, QuestionError

IN_A_ROW = 3
"""So many failed pages in a row are blamed on the server or the model, and no longer on the pages."""


@dataclass
class BatchFailures:
    """Which pages of a book were left out, and why the model was not asked any further.

    Attributes:
        stopped: Why the model is not asked any more; "" while it is.
        failed_pages: The reason for each page that was left, by index.
        strict: Whether a failure that is not a page's own is raised.
        error: The last failure.
        mended: The reason for each page of which only a part of the plan was usable, by index; the rules did the rest.
    """

    stopped: str = ""
    failed_pages: dict[int, str] = field(default_factory=dict)
    strict: bool = False
    error: ChatError | None = None
    mended: dict[int, str] = field(default_factory=dict)
    _row: int = 0
    _was_answered: bool = False

    def answered(self) -> None:
        """Record that a page was answered well."""
        self._row, self._was_answered = 0, True

    def failed(self, page: int, error: ChatError, reason: str = "") -> None:
        """Leave out a page, and the rest of the book where the failure is not the page's own.

        Args:
            page: Index of the page.
            error: What went wrong.
            reason: What to report instead of the error's own words; "" for those.

        Raises:
            ChatError: `error`, if `strict` and it is not the page's own failure or a budget limit.
        """
        own, what = isinstance(error, AnswerError | QuestionError), reason or error.what
        self.failed_pages[page], self.error = what, error
        self._was_answered = self._was_answered or isinstance(error, AnswerError)
        self._row += not isinstance(error, QuestionError) or error.was_sent
        if own and self._row < IN_A_ROW and (self._was_answered or not self.strict):
            return
        if self.strict and not isinstance(error, BudgetError):
            raise error
        self.stopped = f"it is asked no more after {IN_A_ROW} failures in a row ({what})" if own else what

    def skipped(self, page: int) -> None:
        """Leave out a page because the model is not asked any more."""
        self.failed_pages.setdefault(page, self.stopped)

    def summary(self, what: str = "directed by rules") -> list[str]:
        """Return one line for each reason with its pages, counted from 1; `what` became of them."""
        return [*_lines_by_reason(self.failed_pages, what), *_lines_by_reason(self.mended, "completed by rules")]


def _lines_by_reason(reasons_by_page: Mapping[int, str], what: str) -> list[str]:
    """Group pages by reason, one line each."""
    reasons: dict[str, list[int]] = {}
    for page, reason in reasons_by_page.items():
        reasons.setdefault(reason, []).append(page + 1)
    return [f"{_format_pages(pages)} {what}: {reason}" for reason, pages in reasons.items()]


def _format_pages(numbers: Sequence[int]) -> str:
    """Format page numbers as runs: "pages 3, 7-12"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(words)}"
