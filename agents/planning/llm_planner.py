"""Plan a storyboard with a vision language model; the rules plan what the model leaves out.

The model sees one page at a time with its panels and lettering numbered, the transcript of that page as data, and a
short memory of the pages before. The cost is linear in pages, and no question grows with the book.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from agents.llm.client import ChatClient
from agents.llm.failures import BatchFailures
from agents.llm.prompts import Prompt, prompt_hash
from agents.planning import LookMeasures, repair
from agents.planning.panels import PlanningStyle
from agents.planning.prompt import (
    PROMPT,
    TEXT_ONLY_PROMPT,
    PageView,
    PlanningMemory,
    page_views,
    planning_prompt,
    repair_prompt,
)
from agents.planning.realize import PlannedPage, allowed_framings, realize_requests
from agents.planning.rule_based import RuleBasedPlanner
from agents.planning.shot_drafts import ShotDraft, number_shots, split_long
from agents.planning.shot_schema import (
    PagePlan,
    ShotRequest,
    TextOnlyPlan,
    make_plan_type,
    make_text_only_plan_type,
    max_plan_tokens,
    numbered_items,
    parse_requests,
)
from agents.planning.story_context import StoryContext
from agents.planning.tool_options import ToolOptions, people_of
from agents.planning.validation import violations
from agents.planning.violation import Violation
from storage.domain import PageTranscript, ShotPlan, Transcript, VideoFormat
from storage.errors import AnswerError, ChatError, VisionMissing
from storage.keys import content_key
from storage.styles import StyleSheet
from tools.plates import Image
from tools.previews.numbered_page import draw_numbered_page as drawn

See = Callable[[PageTranscript], Image]
"""Returns the picture of a page, (h, w, 3) RGB uint8."""


@dataclass(frozen=True)
class _ShownView:
    """A view as a model is shown it: its picture, the digest of that, and the type of a plan of it."""

    sight: PageView
    picture: Image
    digest: str
    plan_type: type[PagePlan]


@dataclass(frozen=True)
class _Asking:
    """How a plan is asked for: with a picture of the view, or without any; `key` is the content key of the plan."""

    pictures: Sequence[Image]
    answer_type: type[PagePlan] | type[TextOnlyPlan]
    key: str

    @property
    def is_text_only(self) -> bool:
        return not self.pictures


class LlmPlanner:
    """Plan shots with a vision language model.

    With `strict` a failing server raises; otherwise the rules plan the pages that are left.
    """

    version = 1

    def __init__(
        self,
        chat: ChatClient,
        see: See,
        *,
        strict: bool = False,
        stopped: str = "",
        sheet: StyleSheet | None = None,
        means: ToolOptions | None = None,
        known: StoryContext | None = None,
        tell: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Prepare to plan.

        Args:
            chat: The model to ask.
            see: Returns the picture of a page, (h, w, 3) RGB uint8.
            strict: Whether a failing server raises.
            stopped: Why nothing can be asked; "" where it can.
            sheet: Style sheet of the film.
            means: What the film's tools can do.
            known: What was understood of the book.
            tell: Called before every page and at the end with the pages done and their total.
        """
        self.sheet = sheet or StyleSheet()
        self.style = PlanningStyle.of(self.sheet)
        self.outcome = BatchFailures(stopped, strict=strict)
        self._chat, self._see, self._tell = chat, see, tell
        self._known = known or StoryContext()
        self._rules = RuleBasedPlanner(self.style)
        self._means = means or ToolOptions()

    def plan(
        self, transcript: Transcript, screen: VideoFormat, looks: Mapping[str, LookMeasures]
    ) -> tuple[ShotPlan, ...]:
        """Plan the shots of a book; see `Director.plan`. Raises ChatError where `strict` and the server fails."""
        drafts: list[ShotDraft] = []
        memory = PlanningMemory()
        self.outcome = BatchFailures(self.outcome.stopped, strict=self.outcome.strict)
        for done, page in enumerate(transcript.pages):
            self._tell(done, len(transcript.pages))
            drafts += self._plan_page(
                PlannedPage(page, transcript.order, screen, looks, self.style), transcript, memory
            )
        self._tell(len(transcript.pages), len(transcript.pages))
        return number_shots(drafts, screen, self.style)

    def unplanned_pages(self, transcript: Transcript, screen: VideoFormat) -> list[int]:
        """Return the indices of the pages for which the model has no plan yet. Asks nothing."""

        def known(page: PageTranscript, sight: PageView) -> bool:
            seen = PlannedPage(sight.page, transcript.order, screen, {}, self.style)
            keys = self._plan_keys(seen, _picture_digest(self._draw_view(sight)))
            return any(self._chat.recall(key, PagePlan) is not None for key in keys)

        return [page.index for page in transcript.pages if not all(known(page, sight) for sight in page_views(page))]

    def _plan_page(self, page: PlannedPage, transcript: Transcript, memory: PlanningMemory) -> list[ShotDraft]:
        """Plan one page, view by view; the rules plan it where the parts do not join."""
        views = page_views(page.page)
        drafts: list[ShotDraft] = []
        for sight in views:
            drafts += self._plan_view(replace(page, page=sight.page), sight, transcript, memory)
        if len(views) > 1:  # each part opens nothing but the first
            drafts = [replace(draft, opens_page=None) if at else draft for at, draft in enumerate(drafts)]
            if _describe_violations(drafts, page, transcript):
                self.outcome.failed_pages[page.page.index] = "the parts of the plan do not join"
                return self._plan_by_rules(page)
        return drafts

    def _plan_view(
        self, page: PlannedPage, sight: PageView, transcript: Transcript, memory: PlanningMemory
    ) -> list[ShotDraft]:
        """Plan one view: by a kept answer, a new answer or the rules."""
        picture = self._draw_view(sight)
        shown = _ShownView(sight, picture, _picture_digest(picture), self._plan_type(sight))
        if drafts := self._recall_plan(page, shown, transcript, memory):
            return drafts
        if not self.outcome.stopped:
            try:
                drafts = self._ask_for_plan(page, shown, transcript, memory)
                self.outcome.answered()
                return drafts
            except ChatError as error:
                self.outcome.failed(page.page.index, error)
        self.outcome.skipped(page.page.index)
        return self._plan_by_rules(page)

    def _recall_plan(
        self, page: PlannedPage, shown: _ShownView, transcript: Transcript, memory: PlanningMemory
    ) -> list[ShotDraft]:
        """Return the shots of an answer that is kept, whole or in part; [] where there is none."""
        sight, keys = shown.sight, self._plan_keys(page, shown.digest)
        for key in keys:
            known = self._chat.recall(key, shown.plan_type)
            if known:  # a page that did not change keeps its plan, though the story before it was corrected
                drafts, faults = self._realize(known, page, sight, transcript)
                if not faults:
                    memory.remember(sight.page, known, self._known.kinds(sight.page.index))
                    return drafts
        partial_plans = (self._chat.recall(_partial_key(key), shown.plan_type) for key in keys)
        repaired = (self._repair(plan, "as before", page, sight, transcript, memory) for plan in partial_plans if plan)
        return next(filter(None, repaired), [])

    def _ask_for_plan(
        self, page: PlannedPage, shown: _ShownView, transcript: Transcript, memory: PlanningMemory
    ) -> list[ShotDraft]:
        """Ask for a plan of the view, or of its words and layout where the model sees no pictures."""
        if not self._chat.facts.is_text_only:
            with suppress(VisionMissing):
                asking = _Asking([shown.picture], shown.plan_type, self._plan_key(page, shown.digest))
                return self._ask_until_filmable(asking, page, shown, transcript, memory)
        seen = shown.sight.page
        answer_type = make_text_only_plan_type(self._means, len(seen.panels), len(seen.balloons))
        asking = _Asking([], answer_type, self._plan_key(page, shown.digest, text_only=True))
        return self._ask_until_filmable(asking, page, shown, transcript, memory)

    def _ask_until_filmable(
        self, asking: _Asking, page: PlannedPage, shown: _ShownView, transcript: Transcript, memory: PlanningMemory
    ) -> list[ShotDraft]:
        """Ask for a plan, and once more with the faults of the first. AnswerError where it stays faulty."""
        key, repair_text, faults, prompts = asking.key, "", [""], list[Prompt]()
        sight, framings = shown.sight, allowed_framings(page)
        max_tokens = max_plan_tokens(len(sight.page.panels), text_only=asking.is_text_only)
        for _ in range(2):
            asked = planning_prompt(
                sight, page.order, page.screen, memory, framings, repair_text, sheet=self.sheet,
                known=self._known, looks=page.looks if asking.is_text_only else None,
            )  # fmt: skip
            prompts.append(asked)
            answer = self._chat.ask(asked, asking.pictures, asking.answer_type, max_tokens=max_tokens)
            plan = shown.plan_type.model_validate(answer.model_dump())
            drafts, faults = self._realize(plan, page, sight, transcript)
            if not faults:
                self._chat.settle_on(key, plan)
                memory.remember(sight.page, plan, self._known.kinds(sight.page.index))
                return drafts
            repair_text = repair_prompt(plan, faults)
        if drafts := self._repair(plan, faults[0], page, sight, transcript, memory):
            self._chat.settle_on(_partial_key(key), plan)
            return drafts
        for asked in prompts:
            self._chat.forget(asked, asking.pictures, asking.answer_type)
        raise AnswerError(f"the model's plan cannot be filmed: {faults[0]}", "try another KOMADORI_MODEL")

    def _repair(
        self,
        plan: PagePlan,
        fault: str,
        page: PlannedPage,
        sight: PageView,
        transcript: Transcript,
        memory: PlanningMemory,
    ) -> list[ShotDraft]:
        """Return the sound shots of a plan, with the rules' shots for the other panels; [] if none is sound."""
        kinds, without = self._known.kinds(sight.page.index), set[int]()
        while True:
            requests = repair.repair_plan(plan, sight.page, sight.view, self._means, kinds, without)
            drafts = _draft_requests(page, requests)
            shots = number_shots(drafts, page.screen, page.style)
            faults = _find_violations(shots, page, transcript)
            more = repair.blamed_panels(faults, shots, page.page) - without
            if not faults or not more:
                break
            without |= more
        if faults or all(draft.director == "rules" for draft in drafts):
            return []
        self.outcome.mended[page.page.index] = f"the model's plan cannot be filmed: {fault}"
        memory.remember(sight.page, plan, kinds)
        return drafts

    def _realize(
        self, plan: PagePlan, page: PlannedPage, sight: PageView, transcript: Transcript
    ) -> tuple[list[ShotDraft], list[str]]:
        """Return the shots of a plan, and its faults."""
        kinds = self._known.kinds(sight.page.index)
        requests, faults = parse_requests(plan, sight.page, sight.view, self._means, kinds)
        if faults:
            return [], faults
        drafts = _draft_requests(page, requests)
        return drafts, _describe_violations(drafts, page, transcript)

    def _plan_type(self, sight: PageView) -> type[PagePlan]:
        """Return the type of a plan of a view."""
        page = sight.page
        return make_plan_type(self._means, len(people_of(page)), len(page.panels), len(page.balloons))

    def _draw_view(self, sight: PageView) -> Image:
        """Draw a view with its panels and lettering numbered."""
        panels, texts = numbered_items(sight.page)
        boxes = [panel.box for panel in panels], [text.box for text in texts]
        return drawn(self._see(sight.page), *boxes, view=sight.view)

    def _plan_keys(self, page: PlannedPage, digest: str) -> list[str]:
        """Return the keys under which a plan may be kept."""
        return [self._plan_key(page, digest, text_only=text_only) for text_only in self._chat.facts.answer_kinds]

    def _plan_key(self, page: PlannedPage, digest: str, *, text_only: bool = False) -> str:
        """Return the content key of a plan, which covers all that it is made of but the story before it.

        The picture counts by its `digest`. Pace, film height and generative backends are left out: a new pace stretches
        the plan that stands, another height films it larger, and backends that were added meanwhile do not discard it.
        """
        asked: dict[str, object] = {
            "page": page.page,
            "order": page.order,
            "screen": page.screen.aspect_name,
            "picture": digest,
        }
        asked["prompt"] = prompt_hash(TEXT_ONLY_PROMPT if text_only else PROMPT)
        if text_only:
            asked["vision"] = False
        style_content: dict[str, object] = {"style": self.sheet.texts} if self.sheet.texts else {}
        return content_key("direct", self._chat.server.model, self.version, **asked, **style_content)

    def _plan_by_rules(self, page: PlannedPage) -> list[ShotDraft]:
        """Plan a page by the rules."""
        kinds: list[str] = []
        drafts: list[ShotDraft] = []
        for draft in self._rules.page(page.page, page.order, page.screen, page.looks, kinds):
            kinds.append(draft.kind)
            drafts += split_long(draft)
        return drafts


def _picture_digest(picture: Image) -> str:
    """Return the SHA-256 of the pixels of a picture, in hexadecimal digits."""
    return hashlib.sha256(picture.tobytes()).hexdigest()


def _partial_key(key: str) -> str:
    """Return the content key of a plan of which only a part can be filmed; `key` is that of a whole one."""
    return content_key("direct", "mended", 1, plan=key)


def _draft_requests(page: PlannedPage, requests: Sequence[ShotRequest]) -> list[ShotDraft]:
    """Realize requests and split long shots."""
    return [piece for draft in realize_requests(page, requests) for piece in split_long(draft)]


def _find_violations(plan: Sequence[ShotPlan], page: PlannedPage, transcript: Transcript) -> list[Violation]:
    """Find the violations in the shots of one page."""
    return violations(plan, transcript.model_copy(update={"pages": (page.page,)}), page.screen)


def _describe_violations(drafts: Sequence[ShotDraft], page: PlannedPage, transcript: Transcript) -> list[str]:
    """Describe the violations of a page's shots, with panels and balloons numbered as the model has seen them."""
    plan = number_shots(drafts, page.screen, page.style)
    panels, texts = numbered_items(page.page)
    names = {panel.id: f"panel {at}" for at, panel in enumerate(panels, start=1)}
    names |= {text.id: f"balloon {at}" for at, text in enumerate(texts, start=1)}
    names |= {shot.id: f"the shot of {' and '.join(names[panel] for panel in shot.panels)}" for shot in plan}
    return [violation.message(names) for violation in _find_violations(plan, page, transcript)]
