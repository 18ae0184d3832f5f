"""Plan the shots from the transcript and the look of the panels, as a new revision of the storyboard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agents import planning, preflight
from agents.editing import edit_log, rebase
from agents.editing.plan_inputs import PlanHistory, current_inputs, earlier_plans, keep_shot_ids
from agents.llm.model_facts import recall_facts
from agents.llm.servers import configured_server
from agents.looks import Looks, look_at_panels, looks_key
from agents.planning import llm_planning, sound_cues
from agents.planning.panels import PlanningStyle
from agents.planning.rule_based import RuleBasedPlanner
from agents.run_context import RunContext
from agents.state import State
from storage.domain import ShotPlan, Transcript, VideoFormat
from storage.keys import content_key
from storage.records import Revision, RevisionDraft, root_plan
from storage.styles import StyleSheet

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library


def run(context: RunContext, state: State) -> State:
    """Plan the shots, unless the head already descends from a plan of this transcript and these settings."""
    library, transcript = context.library, context.library.transcript()
    assert transcript is not None, "read comes before storyboard"
    name = planning.choose_director(context.settings.director, context.settings.model)
    looks = look_at_panels(context, transcript)
    keys = _plan_keys(context, transcript, looks)
    head = library.head()
    complete_plan = _find_plan(context, head, keys.whole)
    partial_plan = None if complete_plan else _find_plan(context, head, keys.partial)
    # filming the book again asks the model again for the pages that an incomplete plan lacks
    known = complete_plan or (partial_plan if context.source is None else None)
    if known is None:
        history = PlanHistory(library, transcript)
        plan = llm_planning.plan_with_llm if name == "llm" else _plan_by_rules
        shots, message, complete = plan(context, transcript, looks)
        shots = sound_cues.add_cues(shots, transcript)
        shots = _keep_shot_ids(library, shots, head, history)
        if partial_plan is not None and shots == _director_shots(library, partial_plan):
            known = partial_plan
        else:
            keys = _plan_keys(context, transcript, looks)  # the model may have turned out to see no pictures
            draft = RevisionDraft(
                shots, keys.new_whole if complete else keys.new_partial, "director", message, kind="plan",
                inputs=current_inputs(library, context.settings, transcript),
            )  # fmt: skip
            rebased = rebase.rebase_edits(context, head, shots, history, theirs=partial_plan is not None)
            library.add_branch(head.number if head else None, [draft, rebased] if rebased else [draft])
    if known is not None and (head is None or known != head.number):
        rebased = rebase.rebase_back(context, head, known) if head else None
        library.add_branch(known, [rebased] if rebased else [])
    planned = library.shots()
    preflight.refuse_plans(context.settings, planned)
    credits = llm_planning.director_credits(planned) or name
    context.note(
        "storyboard", f"{len(planned)} shots, {sum(plan.seconds for plan in planned):.0f} s, directed by {credits}"
    )
    if name == "llm" and (note := llm_planning.vision_note(context.library, context.settings)):
        context.note("storyboard", note)
    return {}


def key_of(context: RunContext, screen: VideoFormat) -> str:
    """Return the content key of a plan for `screen`."""
    transcript = context.library.transcript()
    assert transcript is not None, "read comes before storyboard"
    framed = replace(context, settings=context.settings.model_copy(update={"screen": screen}))
    return _plan_keys(framed, transcript, look_at_panels(framed, transcript)).new_whole


@dataclass(frozen=True)
class _PlanKeys:
    """Content keys of plans, each list the best first.

    Attributes:
        whole: Plans that are complete.
        partial: Plans that will do: incomplete, or by older rules. To be gone through once.
        new_whole: The key of a complete plan that is made now.
        new_partial: The key of an incomplete plan that is made now.
    """

    whole: tuple[str, ...]
    partial: Iterable[str]
    new_whole: str
    new_partial: str


def _find_plan(context: RunContext, head: Revision | None, keys: Iterable[str]) -> int | None:
    """Return the revision of the first of these plans that there is."""
    return next(filter(None, (planned_as(context, head, key) for key in keys)), None)


def _plan_keys(context: RunContext, transcript: Transcript, looks: Looks) -> _PlanKeys:
    """Return the content keys of the plans of this transcript and these settings."""
    name = planning.choose_director(context.settings.director, context.settings.model)
    parts: dict[str, object] = {
        "transcript": transcript,
        "screen": _plan_format(context.settings.screen),
        "looks": looks_key(looks),
    }
    if (
        context.settings.style != StyleSheet()
    ):  # a film in the default style keeps the key that it had before styles existed
        parts["style"] = context.settings.style
    if name == "llm":
        facts = recall_facts(context.library, configured_server(context.settings.model))
        by_kind = {
            text_only: llm_planning.plan_keys(context.settings, parts, text_only=text_only)
            for text_only in (False, True)
        }
        whole, partial = zip(*(by_kind[text_only] for text_only in facts.answer_kinds), strict=True)
        return _PlanKeys(whole, partial, *by_kind[facts.is_text_only])
    first = content_key("storyboard", name, RuleBasedPlanner.version, **parts)
    # worked out only where there is no plan by the present rules
    older = (
        content_key("storyboard", name, version, **parts) for version in range(RuleBasedPlanner.version - 1, 0, -1)
    )
    return _PlanKeys((first,), older, first, first)


def _plan_format(screen: VideoFormat) -> dict[str, object]:
    """Return a video format as a plan depends on it: scaled so that its shorter side has 1080 pixels."""
    short = min(screen.width, screen.height)
    return {"width": screen.width * 1080 / short, "height": screen.height * 1080 / short, "fps": screen.fps}


def planned_as(context: RunContext, head: Revision | None, key: str) -> int | None:
    """Return the revision to film where the director's plan has the content key `key`; None where it must be planned.

    It is the head itself where only people changed it since. Where the head is framed for another aspect ratio, it is
    its nearest ancestor of that plan, or else the newest revision of it.
    """
    plans: dict[int, str] = {}
    parents: dict[int, int | None] = {}
    fitting, screen = set[int](), context.settings.screen
    for revision in context.library.revisions():
        parents[revision.number] = revision.parent
        is_plan = revision.kind == "plan" or revision.key == key  # the second case: framed again for another format
        plans[revision.number] = revision.key if is_plan else plans.get(revision.parent or 0, "")
        if revision.screen is None or screen.has_aspect(revision.screen.aspect):
            fitting.add(revision.number)
    number = head.number if head else None
    if number is None or number in fitting:
        return number if number and plans[number] == key else None
    while number is not None and (plans[number] != key or number not in fitting):
        number = parents[number]
    return number or max((number for number in fitting if plans[number] == key), default=None)


def _keep_shot_ids(
    library: Library, shots: tuple[ShotPlan, ...], head: Revision | None, history: PlanHistory
) -> tuple[ShotPlan, ...]:
    """Return a new plan in which shots of the same panels keep their ids: a shot keeps its number for life."""
    if head is None:
        return shots
    line = edit_log.line_of(library.revisions(), head.number)
    taken = {shot.id for shot in (*library.shots(), *library.dropped_shots())}
    return keep_shot_ids(shots, earlier_plans(library, line, history), taken)


def _director_shots(library: Library, number: int) -> tuple[ShotPlan, ...]:
    """Return the shots of the director's plan from which a revision was made."""
    root = root_plan(library.revisions(), number)
    return library.shots(root.number) if root else ()


def _plan_by_rules(context: RunContext, transcript: Transcript, looks: Looks) -> tuple[tuple[ShotPlan, ...], str, bool]:
    """Plan with the rule-based planner: the shots, a message, and that the plan is complete."""
    style = PlanningStyle.of(context.settings.style)
    return RuleBasedPlanner(style).plan(transcript, context.settings.screen, looks), "planned by rules", True
