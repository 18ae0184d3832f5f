"""A transcript and pages to look at in, what happens on every page out: asked page by page, one after the other.

Every answer is kept under what its page shows, without who says what and without the story before it: a page that did
not change is asked about once, whoever mended another one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from agents.asking.outcome import Outcome
from agents.chat import Chat
from agents.directors.briefing import Sight, sights
from agents.directors.llm import See
from agents.directors.wishes import in_order
from agents.fixes.people import find, owner
from agents.prompting import hash_of
from agents.understanding import VERSION, overlay
from agents.understanding.asking import PROMPT, question
from agents.understanding.sense import PageAnswer, as_seen, joined, lettering_in, people_in, sensed, settled
from storage.errors import BudgetError, ChatError
from storage.keys import content_key
from storage.shapes import Order, PageTranscript, Transcript
from storage.understanding import PageSense, Person
from tools.plates import Image
from tools.showing.numbered import numbered

SPARED = "half of what asking may cost this film is kept for planning it"


@dataclass(frozen=True)
class Given:
    """What is known of a book beside its transcript.

    `images` are the pages' artifacts by index, `by_hand` the indices of pages that a person corrected, `merged` says by
    id who is somebody else, `left` which pages are not asked about again, and why.
    """

    images: Mapping[int, str]
    by_hand: frozenset[int] = frozenset()
    merged: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[int, str] = field(default_factory=dict)


class Reader:
    """Reads a book for its sense. With `strict` a server that fails ends it; else pages are left as they were read."""

    def __init__(
        self,
        chat: Chat,
        see: See,
        given: Given,
        *,
        strict: bool = False,
        stopped: str = "",
        tell: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """`stopped` says why nothing can be asked; `tell` hears how many pages are done, once anything is asked."""
        self.outcome = Outcome(stopped, strict=strict)
        self.asked = 0
        """Questions that were asked and answered."""
        self._chat, self._see, self._given, self._tell = chat, see, given, tell

    def read(self, transcript: Transcript) -> tuple[PageSense, ...]:
        """What was understood, page by page. Raises ChatError where `strict` and the server fails."""
        found: list[PageSense] = []
        for page in transcript.pages:
            if sense := self._page(page, transcript, found):
                found.append(sense)
            if self.asked:
                self._tell(page.index + 1, len(transcript.pages))
        return tuple(found)

    def _page(self, page: PageTranscript, transcript: Transcript, before: Sequence[PageSense]) -> PageSense | None:
        parts: list[PageSense] = []
        for sight in sights(page):
            book = _Book(transcript, [*before, *parts], self._given.merged)
            answer = self._answer(sight, book)
            if answer is None:
                return None
            parts.append(sensed(answer, sight, book.called, by_hand=page.index in self._given.by_hand))
        return joined(parts) if parts else None

    def _answer(self, sight: Sight, book: _Book) -> PageAnswer | None:
        index = sight.page.index
        key = key_of(sight, book.transcript.order, self._given.images[index], self._chat.server.model)
        if kept := self._chat.recall(key, PageAnswer):
            return kept
        if reason := self._given.left.get(index):
            self.outcome.left[index] = reason
            return None
        if not self.outcome.stopped:
            try:
                answer = self._asked(sight, book, key)
                self.outcome.answered()
                return answer
            except ChatError as error:
                self.outcome.failed(index, error, SPARED if isinstance(error, BudgetError) else "")
        self.outcome.skipped(index)
        return None

    def _asked(self, sight: Sight, book: _Book, key: str) -> PageAnswer:
        if not self.asked:
            self._tell(sight.page.index, len(book.transcript.pages))
        asked = question(sight, book.transcript.order, book.before, book.people(sight.page.index))
        answer = self._chat.ask(asked, [self._drawn(sight)], PageAnswer)
        self.asked += 1
        answer = settled(answer, sight, book.called)
        picture = _picture_key(sight, self._given.images[sight.page.index], self._chat.server.model)
        if before := self._chat.recall(picture, PageAnswer):
            answer = as_seen(answer, before)
        self._chat.settle_on(picture, answer)
        self._chat.settle_on(key, answer)
        return answer

    def _drawn(self, sight: Sight) -> Image:
        panels = [panel.box for panel in in_order(sight.page)[0]]
        people = [[seen.box for seen in found] for _, found in people_in(sight)]
        return numbered(
            self._see(sight.page), panels, [text.box for text in lettering_in(sight)], people, view=sight.view
        )


def key_of(sight: Sight, order: Order, image: str, model: str) -> str:
    """What the answer about a sight is kept under; `image` is the page's artifact."""
    return content_key("understand", model, VERSION, page=image, order=order, prompt=hash_of(PROMPT), **shown(sight))


def _picture_key(sight: Sight, image: str, model: str) -> str:
    """What the newest answer is kept under by what can be seen alone: who is where in the picture."""
    people = [[seen.box for seen in found] for _, found in people_in(sight)]
    return content_key("understand", model, VERSION, page=image, view=sight.view, people=people, prompt=hash_of(PROMPT))


def shown(sight: Sight) -> dict[str, object]:
    """What of a reading an answer hangs on: not who says what, not what anybody is called."""
    panels, texts = in_order(sight.page)
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
    before: Sequence[PageSense]
    merged: Mapping[str, str]

    @cached_property
    def named(self) -> Transcript:
        """The transcript with the names that its lettering gave so far."""
        return overlay.named(self.transcript, self.before)

    def people(self, index: int) -> list[Person]:
        """The cast with what is known of everybody by now, who was seen or heard last first."""
        known = {one.id: one for one in overlay.people(self.named, self.before)}
        row: list[str | None] = []
        for page in reversed([page for page in self.transcript.pages if page.index <= index]):
            row += [seen.character for seen in page.characters] + [text.speaker for text in page.texts]
        return [known[name] for name in dict.fromkeys([*row, *known]) if name in known]

    def called(self, said: str) -> str | None:
        """The id of whoever bears this name or id, also one that was somebody else before; None for nobody."""
        found = find(self.named, owner(self.merged, said) or "")
        return found.id if found else None
