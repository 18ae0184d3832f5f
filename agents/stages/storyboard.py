"""Plan the shots from the transcript and the look of the panels, as a new revision of the storyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agents import planning, preflight
from agents.editing import rebase
from agents.looks import Looks, look_at_panels, looks_key
from agents.planning import llm_planning
from agents.planning.panels import PlanningStyle
from agents.planning.rule_based import RuleBasedPlanner
from agents.run_context import RunContext
from agents.state import State
from storage.domain import ShotPlan, Transcript, VideoFormat
from storage.keys import content_key
from storage.library import Library
from storage.styles import StyleSheet


def run(ctx: RunContext, state: State) -> State:
    """Plan the shots, unless the head already descends from a plan of this very transcript and these settings."""
    transcript = ctx.library.transcript()
    assert transcript is not None, "read comes before storyboard"
    name = planning.choose_director(ctx.settings.director, ctx.settings.model)
    looks = look_at_panels(ctx, transcript)
    keys = _keys(ctx, transcript, looks)
    key = next(keys)
    whole, head = planned_as(ctx, key), ctx.library.head()
    others = [] if whole else list(keys)
    part = next(filter(None, (planned_as(ctx, other) for other in others)), None)
    known = whole or (part if ctx.source is None else None)  # who films the book again has the rest of it asked again
    if known is None:
        plan = llm_planning.plan_with_llm if name == "llm" else _by_rules
        shots, message, complete = plan(ctx, transcript, looks)
        if part is not None and shots == _directed(ctx.library, part):
            known = part
        else:
            ctx.library.add_revision(
                shots, kind="plan", key=key if complete else others[0], author="director", message=message
            )
            rebase.rebase_edits(ctx, head, theirs=part is not None)
    if known is not None and (head is None or known != head.number):
        ctx.library.move_head(known)
        if head is not None:
            rebase.rebase_back(ctx, head)
    planned = ctx.library.shots()
    preflight.refuse_plans(ctx.settings, planned)
    credits = llm_planning.director_credits(planned) or name
    ctx.note(
        "storyboard", f"{len(planned)} shots, {sum(plan.seconds for plan in planned):.0f} s, directed by {credits}"
    )
    return {}


def key_of(ctx: RunContext, screen: VideoFormat) -> str:
    """The key that a plan for `screen` stands under."""
    transcript = ctx.library.transcript()
    assert transcript is not None, "read comes before storyboard"
    framed = replace(ctx, settings=ctx.settings.model_copy(update={"screen": screen}))
    return next(_keys(framed, transcript, look_at_panels(framed, transcript)))


def _keys(ctx: RunContext, transcript: Transcript, looks: Looks) -> Iterator[str]:
    """The key of the plan that is wanted, then those of plans that will do: with gaps, or by rules of old."""
    name = planning.choose_director(ctx.settings.director, ctx.settings.model)
    asked: dict[str, object] = {
        "transcript": transcript,
        "screen": _shape(ctx.settings.screen),
        "looks": looks_key(looks),
    }
    if ctx.settings.style != StyleSheet():  # a film in the house's own style keeps the key it had
        asked["style"] = ctx.settings.style
    if name == "llm":
        yield from llm_planning.plan_keys(ctx.settings, asked)
    else:
        yield from (
            content_key("storyboard", name, version, **asked) for version in range(RuleBasedPlanner.version, 0, -1)
        )


def _shape(screen: VideoFormat) -> dict[str, float]:
    """A screen as a plan sees it: in so many lines as a usual one, whatever it has."""
    short = min(screen.width, screen.height)
    return {"width": screen.width * 1080 / short, "height": screen.height * 1080 / short, "fps": screen.fps}


def planned_as(ctx: RunContext, key: str) -> int | None:
    """The revision to film where the director plans under `key`; None where that was never planned.

    It is the head itself where only people changed it since, else the nearest it was made from (a correction was
    undone), else the newest of that plan (it was done again). None will do that was framed for another
    aspect since.
    """
    plans: dict[int, str] = {}
    parents: dict[int, int | None] = {}
    fits, screen = set[int](), ctx.settings.screen
    for revision in ctx.library.revisions():
        parents[revision.number] = revision.parent
        own = revision.kind == "plan" or revision.key == key  # the second: framed anew for another screen
        plans[revision.number] = revision.key if own else plans.get(revision.parent or 0, "")
        if revision.screen is None or screen.has_aspect(revision.screen.aspect):
            fits.add(revision.number)
    head = ctx.library.head()
    number = head.number if head else None
    while number is not None and (plans[number] != key or number not in fits):
        number = parents[number]
    return number or max((number for number in fits if plans[number] == key), default=None)


def _directed(library: Library, number: int) -> tuple[ShotPlan, ...]:
    """The shots of the director's plan that a revision was made from."""
    line = library.revisions()
    root = rebase.director_plan(line, next(one for one in line if one.number == number))
    return library.shots(root.number) if root else ()


def _by_rules(ctx: RunContext, transcript: Transcript, looks: Looks) -> tuple[tuple[ShotPlan, ...], str, bool]:
    style = PlanningStyle.of(ctx.settings.style)
    return RuleBasedPlanner(style).plan(transcript, ctx.settings.screen, looks), "planned by rules", True
