"""The transcript and what the panels look like in, a new revision of the storyboard out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agents import direction, directors, permits
from agents.directors.rules import Rules
from agents.directors.subjects import Style
from agents.looks import Looks, look_at_panels, looks_key
from agents.revising import carry
from agents.state import State
from agents.workshop import Workshop
from storage.keys import content_key
from storage.library import Library
from storage.shapes import Screen, ShotPlan, Transcript
from storage.styles import StyleSheet


def run(shop: Workshop, state: State) -> State:
    """Plan the shots, unless the head already descends from a plan of this very transcript and these settings."""
    transcript = shop.library.transcript()
    assert transcript is not None, "read comes before storyboard"
    name = directors.choose(shop.settings.director, shop.settings.model)
    looks = look_at_panels(shop, transcript)
    keys = _keys(shop, transcript, looks)
    key = next(keys)
    whole, head = planned_as(shop, key), shop.library.head()
    others = [] if whole else list(keys)
    part = next(filter(None, (planned_as(shop, other) for other in others)), None)
    known = whole or (part if shop.source is None else None)  # who films the book again has the rest of it asked again
    if known is None:
        plan = direction.planned if name == "llm" else _by_rules
        shots, message, complete = plan(shop, transcript, looks)
        if part is not None and shots == _directed(shop.library, part):
            known = part
        else:
            shop.library.add_revision(
                shots, kind="plan", key=key if complete else others[0], author="director", message=message
            )
            carry.over(shop, head, theirs=part is not None)
    if known is not None and (head is None or known != head.number):
        shop.library.move_head(known)
        if head is not None:
            carry.back(shop, head)
    planned = shop.library.shots()
    permits.refuse_plans(shop.settings, planned)
    credits = direction.credits(planned) or name
    shop.note(
        "storyboard", f"{len(planned)} shots, {sum(plan.seconds for plan in planned):.0f} s, directed by {credits}"
    )
    return {}


def key_of(shop: Workshop, screen: Screen) -> str:
    """The key that a plan for `screen` stands under."""
    transcript = shop.library.transcript()
    assert transcript is not None, "read comes before storyboard"
    framed = replace(shop, settings=shop.settings.model_copy(update={"screen": screen}))
    return next(_keys(framed, transcript, look_at_panels(framed, transcript)))


def _keys(shop: Workshop, transcript: Transcript, looks: Looks) -> Iterator[str]:
    """The key of the plan that is wanted, then those of plans that will do: with gaps, or by rules of old."""
    name = directors.choose(shop.settings.director, shop.settings.model)
    asked: dict[str, object] = {
        "transcript": transcript,
        "screen": _shape(shop.settings.screen),
        "looks": looks_key(looks),
    }
    if shop.settings.style != StyleSheet():  # a film in the house's own style keeps the key it had
        asked["style"] = shop.settings.style
    if name == "llm":
        yield from direction.keys(shop.settings, asked)
    else:
        yield from (content_key("storyboard", name, version, **asked) for version in range(Rules.version, 0, -1))


def _shape(screen: Screen) -> dict[str, float]:
    """A screen as a plan sees it: in so many lines as a usual one, whatever it has."""
    short = min(screen.width, screen.height)
    return {"width": screen.width * 1080 / short, "height": screen.height * 1080 / short, "fps": screen.fps}


def planned_as(shop: Workshop, key: str) -> int | None:
    """The revision to film where the director plans under `key`; None where that was never planned.

    It is the head itself where only people changed it since, else the nearest it was made from (a correction was
    undone), else the newest of that plan (it was done again). None will do that was framed for another
    aspect since.
    """
    plans: dict[int, str] = {}
    parents: dict[int, int | None] = {}
    fits, screen = set[int](), shop.settings.screen
    for revision in shop.library.revisions():
        parents[revision.number] = revision.parent
        own = revision.kind == "plan" or revision.key == key  # the second: framed anew for another screen
        plans[revision.number] = revision.key if own else plans.get(revision.parent or 0, "")
        if revision.screen is None or screen.alike(revision.screen.aspect):
            fits.add(revision.number)
    head = shop.library.head()
    number = head.number if head else None
    while number is not None and (plans[number] != key or number not in fits):
        number = parents[number]
    return number or max((number for number in fits if plans[number] == key), default=None)


def _directed(library: Library, number: int) -> tuple[ShotPlan, ...]:
    """The shots of the director's plan that a revision was made from."""
    line = library.revisions()
    root = carry.planned(line, next(one for one in line if one.number == number))
    return library.shots(root.number) if root else ()


def _by_rules(shop: Workshop, transcript: Transcript, looks: Looks) -> tuple[tuple[ShotPlan, ...], str, bool]:
    style = Style.of(shop.settings.style)
    return Rules(style).plan(transcript, shop.settings.screen, looks), "planned by rules", True
