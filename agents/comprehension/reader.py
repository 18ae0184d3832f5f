"""Ask the language model what happens on each page of a book, one page after the other.

Every answer is kept under what its page shows, without the speakers and without the story before it. A page that did
not change is therefore asked about once, even if another page was corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from agents.comprehension import VERSION, merge
from agents.comprehension.prompt import PROMPT, TEXT_ONLY_PROMPT, page_question
from agents.comprehension.schema import (
    PageAnswer,
    believe_answer,
    join_parts,
    keep_descriptions,
    lettering_in,
    make_text_only_type,
    max_page_tokens,
    people_in,
    settle_answer,
)
from agents.corrections.characters import find_character, resolve_merged
from agents.llm.client import ChatClient
from agents.llm.failures import BatchFailures
from agents.llm.prompts import prompt_hash
from agents.planning.llm_planner import See
from agents.planning.prompt import PageView, page_views
from agents.planning.shot_schema import numbered_items
from storage.comprehension import DescribedCharacter, PageComprehension
from storage.domain import Order, PageTranscript, Transcript
from storage.errors import BudgetError, ChatError, VisionMissing
from storage.keys import content_key
from tools.plates import Image
from tools.previews.numbered_page import draw_numbered_page

PLANNING_SHARE_NOTE = "half of what asking may cost this film is kept for planning it"


@dataclass(frozen=True)
class BookFacts:
    """Facts about a book beside its transcript.

    Attributes:
        images: Artifact of each page, by index.
        corrected_pages: Indices of the pages that a person corrected.
        merged: Id of the character into whom another one was merged, by the other's id.
        not_asked: Why a page is not asked about again, by index.
    """

    images: Mapping[int, str]
    corrected_pages: frozenset[int] = frozenset()
    merged: Mapping[str, str] = field(default_factory=dict)
    not_asked: Mapping[int, str] = field(default_factory=dict)


class ComprehensionReader:
    """Read a book for its meaning, page by page.

    With `strict` a failing server raises; otherwise its pages are left as they were read.
    """

    def __init__(
        self,
        chat: ChatClient,
        see: See,
        given: BookFacts,
        *,
        strict: bool = False,
        stopped: str = "",
        tell: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Prepare to read.

        Args:
            chat: The model to ask.
            see: Returns the picture of a page, (h, w, 3) RGB uint8.
            given: Facts about the book.
            strict: Whether a failing server raises.
            stopped: Why nothing can be asked; "" where it can.
            tell: Called with the pages done and their total, once anything is asked.
        """
        self.outcome = BatchFailures(stopped, strict=strict)
        self.asked = 0
        """Number of questions that were asked and answered."""
        self._chat, self._see, self._given, self._tell = chat, see, given, tell

    def read(self, transcript: Transcript) -> tuple[PageComprehension, ...]:
        """Return what was understood of each page. Raises ChatError where `strict` and the server fails."""
        found: list[PageComprehension] = []
        for page in transcript.pages:
            if sense := self._read_page(page, transcript, found):
                found.append(sense)
            if self.asked:
                self._tell(page.index + 1, len(transcript.pages))
        return tuple(found)

    def _read_page(
        self, page: PageTranscript, transcript: Transcript, before: Sequence[PageComprehension]
    ) -> PageComprehension | None:
        parts: list[PageComprehension] = []
        for sight in page_views(page):
            book = _Book(transcript, [*before, *parts], self._given.merged)
            answer = self._find_answer(sight, book)
            if answer is None:
                return None
            parts.append(
                believe_answer(answer, sight, book.character_named, by_hand=page.index in self._given.corrected_pages)
            )
        return join_parts(parts) if parts else None

    def _find_answer(self, sight: PageView, book: _Book) -> PageAnswer | None:
        index = sight.page.index
        for key in self._keys(sight, book.transcript.order):
            if kept := self._chat.recall(key, PageAnswer):
                return kept
        if reason := self._given.not_asked.get(index):
            self.outcome.failed_pages[index] = reason
            return None
        if not self.outcome.stopped:
            try:
                answer = self._ask_model(sight, book)
                self.outcome.answered()
                return answer
            except ChatError as error:
                self.outcome.failed(index, error, PLANNING_SHARE_NOTE if isinstance(error, BudgetError) else "")
        self.outcome.skipped(index)
        return None

    def _keys(self, sight: PageView, order: Order) -> list[str]:
        """Return the keys under which an answer may be kept."""
        image, model = self._given.images[sight.page.index], self._chat.server.model
        return [key_of(sight, order, image, model, text_only=text_only) for text_only in self._chat.facts.answer_kinds]

    def _ask_model(self, sight: PageView, book: _Book) -> PageAnswer:
        """Ask about the view, or about its words and layout where the model sees no pictures."""
        if not self.asked:
            self._tell(sight.page.index, len(book.transcript.pages))
        image, model, order = self._given.images[sight.page.index], self._chat.server.model, book.transcript.order
        answer = None if self._chat.facts.is_text_only else self._ask_about_picture(sight, book)
        is_seen = answer is not None
        answer = settle_answer(answer or self._ask_about_text(sight, book), sight, book.character_named)
        self.asked += 1
        if is_seen:
            picture = _picture_key(sight, image, model)
            if before := self._chat.recall(picture, PageAnswer):
                answer = keep_descriptions(answer, before)
            self._chat.settle_on(picture, answer)
        self._chat.settle_on(key_of(sight, order, image, model, text_only=not is_seen), answer)
        return answer

    def _ask_about_picture(self, sight: PageView, book: _Book) -> PageAnswer | None:
        """Return the answer of a model that sees the view; None where it turns out to see no pictures."""
        asked = page_question(sight, book.transcript.order, book.before, book.people(sight.page.index))
        try:
            return self._chat.ask(asked, [self._draw_view(sight)], PageAnswer, max_tokens=max_page_tokens(sight))
        except VisionMissing:
            return None

    def _ask_about_text(self, sight: PageView, book: _Book) -> PageAnswer:
        people = book.people(sight.page.index)
        asked = page_question(sight, book.transcript.order, book.before, people, text_only=True)
        answer = self._chat.ask(asked, [], make_text_only_type(sight), max_tokens=max_page_tokens(sight))
        return answer.as_page_answer()

    def _draw_view(self, sight: PageView) -> Image:
        panels = [panel.box for panel in numbered_items(sight.page)[0]]
        people = [[seen.box for seen in found] for _, found in people_in(sight)]
        return draw_numbered_page(
            self._see(sight.page), panels, [text.box for text in lettering_in(sight)], people, view=sight.view
        )


def key_of(sight: PageView, order: Order, image: str, model: str, *, text_only: bool = False) -> str:
    """Return the content key of the answer about a view.

    Args:
        sight: The view.
        order: Reading order.
        image: Artifact of its page.
        model: The model.
        text_only: Whether the model answers without seeing the page.
    """
    unseen: dict[str, object] = {"vision": False} if text_only else {}
    prompt = prompt_hash(TEXT_ONLY_PROMPT if text_only else PROMPT)
    return content_key(
        "understand", model, VERSION, page=image, order=order, prompt=prompt, **answer_basis(sight), **unseen
    )


def _picture_key(sight: PageView, image: str, model: str) -> str:
    """Return the key of the newest answer by what is visible alone: the view and where each person is."""
    people = [[seen.box for seen in found] for _, found in people_in(sight)]
    return content_key(
        "understand", model, VERSION, page=image, view=sight.view, people=people, prompt=prompt_hash(PROMPT)
    )


def answer_basis(sight: PageView) -> dict[str, object]:
    """Return the parts of a transcript that an answer depends on: not the speakers, nor any names."""
    panels, texts = numbered_items(sight.page)
    places = {panel.id: number for number, panel in enumerate(panels)}
    return {
        "view": sight.view,
        "panels": [panel.box for panel in panels],
        "texts": [[text.box, text.text, places.get(text.panel or "")] for text in texts],
        "people": [[seen.box for seen in found] for _, found in people_in(sight)],
    }


@dataclass(frozen=True)
class _Book:
    """The book as far as it is understood."""

    transcript: Transcript
    before: Sequence[PageComprehension]
    merged: Mapping[str, str]

    @cached_property
    def with_names(self) -> Transcript:
        """The transcript with the names that its lettering has given so far."""
        return merge.apply_lettered_names(self.transcript, self.before)

    def people(self, index: int) -> list[DescribedCharacter]:
        """Return the cast with what is known by now, the most recently seen or heard first."""
        known = {one.id: one for one in merge.describe_cast(self.with_names, self.before)}
        row: list[str | None] = []
        for page in reversed([page for page in self.transcript.pages if page.index <= index]):
            row += [seen.character for seen in page.characters] + [text.speaker for text in page.balloons]
        return [known[name] for name in dict.fromkeys([*row, *known]) if name in known]

    def character_named(self, said: str) -> str | None:
        """Return the id of the character with this name or id, also a merged one; None for nobody."""
        found = find_character(self.with_names, resolve_merged(self.merged, said) or "")
        return found.id if found else None
