"""Wishes for a page in, its shots out: each wish as near as the panel allows, in the rooms that the rules use too.

Times come from the reading and the calm of the moves, never from a wish: that only stretches what is left to taste.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from agents.directors import Look, framing, moves, rhythm, rules, sharing
from agents.directors.moves import Idea, Lens, Part
from agents.directors.rhythm import Stop
from agents.directors.subjects import Need, Stray, Style, Subject, gather
from agents.directors.takes import Take, beat_take, shared, single, stray_take
from agents.directors.wishes import NEAR, Framing, Wish
from storage.shapes import Box, Order, PageTranscript, Screen
from tools import geometry

KINDS: dict[Framing, tuple[str, ...]] = {
    "push-in": ("push",),
    "pull-out": ("pull",),
    "pan": ("pan", "tilt", "scroll"),
    "tilt": ("tilt", "scroll", "pan"),
}
GLANCE = 1.7
"""Seconds for a near look at what was read already."""
NEARER = 0.85
"""A near shot's camera box has at most this share of the width of the one that shows the panel whole."""


@dataclass(frozen=True)
class Page:
    """A page as it is staged."""

    page: PageTranscript
    order: Order
    screen: Screen
    looks: Mapping[str, Look]
    style: Style


def staged(page: Page, wishes: Sequence[Wish]) -> list[Take]:
    """The shots of a page. What a panel does not allow is filmed as the rules would, and says so by its director."""
    subjects, strays = gather(page.page, page.order, page.looks, page.screen.aspect, page.style)
    lenses = [Lens(s, page.screen, page.style, rules.in_a_run(subjects, i)) for i, s in enumerate(subjects)]
    takes: list[Take] = []
    done = 0
    for group in _groups(wishes):
        first, last = group[0].panels[0], group[0].panels[-1]
        takes += _strays(page, [stray for stray in strays if done <= stray.after <= first])
        done = first + 1
        if first and first == last and subjects[first].is_bare:
            takes.append(beat_take(lenses[first], subjects[first - 1]))  # nothing to frame, whatever is wished
            continue
        new = list(_group(lenses[first : last + 1], group, [take.kind for take in takes]))
        if first == 0 and not any(take.opens_page for take in takes) and new:
            new[0] = replace(new[0], opens_page=subjects[0])
        takes += new
    return takes + _strays(page, [stray for stray in strays if stray.after >= done])


def allowed(page: Page) -> list[tuple[Framing, ...]]:
    """What each panel of a page has room for, in reading order, beside hold and whole."""
    subjects, _ = gather(page.page, page.order, page.looks, page.screen.aspect, page.style)
    found: list[tuple[Framing, ...]] = []
    for subject in subjects:
        lens = Lens(subject, page.screen, page.style)
        kinds = {idea.kind for idea in moves.ideas(lens)} if page.style.motion else set()
        fills: tuple[Framing, ...] = ("fill",) if moves.still(lens)[1] == moves.FILLS else ()
        found.append(fills + tuple(framing for framing, (first, *_) in KINDS.items() if first in kinds))
    return found


def _groups(wishes: Sequence[Wish]) -> list[list[Wish]]:
    """Wishes for the same panels, one after the other, belong together."""
    return [list(group) for _, group in groupby(wishes, key=lambda wish: wish.panels)]


def _strays(page: Page, strays: Sequence[Stray]) -> list[Take]:
    return [stray_take(stray, page.page, page.screen, page.style) for stray in strays]


def _group(lenses: Sequence[Lens], wishes: Sequence[Wish], kinds: Sequence[str]) -> Iterator[Take]:
    if len(lenses) == 1:
        yield from _of_one(lenses[0], wishes, kinds)
        return
    paced = [_paced(lens, wishes[0]) for lens in lenses]
    together = sharing.shared(paced) if len(paced) <= 3 and paced[0].style.motion else None
    if together:
        yield _signed(shared(together, lenses[0].subject.page, None), wishes[0], wishes[0].reason)
        return
    for lens in paced:  # they do not stand so that they can share the screen
        yield from single(rules.best(lens, kinds, first=False, last=False), lens, None)


def _of_one(lens: Lens, wishes: Sequence[Wish], kinds: Sequence[str]) -> Iterator[Take]:
    """The shots of one panel. A near wish that cannot hold its lines looks in silence, or is left out."""
    silent: set[int] = set()
    for _ in range(len(wishes) + 1):
        shares = _shares(lens.subject, wishes, silent)
        near = {at: _near(lens, wish, shares[at]) for at, wish in enumerate(wishes) if wish.framing in NEAR}
        failed = {at for at, part in near.items() if part is None and shares[at]}
        if not failed:
            break
        silent |= failed
    for at, wish in enumerate(wishes):
        if wish.framing in NEAR:
            part = near[at]
            if part is not None:
                yield _take(lens, part, wish)
            continue
        mine = _paced(replace(lens, subject=replace(lens.subject, needs=shares[at])), wish)
        idea = _wished(mine, wish)
        if idea is None:
            yield from single(rules.best(mine, kinds, first=False, last=False), mine, None)
        else:
            yield from (_take(mine, part, wish) for part in idea.parts)


def _shares(subject: Subject, wishes: Sequence[Wish], silent: set[int]) -> list[tuple[Need, ...]]:
    """Which wish reads which lines: in reading order, each once, the near ones what they look at."""
    shares: list[list[Need]] = [[] for _ in wishes]
    at = 0
    for need in subject.needs:
        taken = next((i for i in range(at, len(wishes)) if i not in silent and _looks_at(wishes[i], need)), None)
        if taken is not None:
            at = taken
        elif wishes[at].framing in NEAR:
            at = next((i for i in range(at, len(wishes)) if wishes[i].framing not in NEAR), at)
        shares[at].append(need)
    return [tuple(share) for share in shares]


def _looks_at(wish: Wish, need: Need) -> bool:
    if wish.framing == "closer-on-balloon":
        return wish.balloon is not None and wish.balloon.id == need.line.id
    return wish.framing == "close-on" and wish.box is not None and framing.holds(wish.box, need.line.box)


def _near(lens: Lens, wish: Wish, needs: tuple[Need, ...]) -> Part | None:
    """A near look, wholly holding its lines and plainly nearer than the whole; None where there is none."""
    subject = lens.subject
    target = wish.box or (wish.balloon.box if wish.balloon else subject.box)
    wanted = geometry.union_box([target, *(need.nice for need in needs)])
    base, _ = moves.still(lens)
    least = lens.width_of(lens.style.tightest if wish.framing == "close-on" else lens.style.closest)
    view = framing.fit(wanted, lens.aspect, 0.06)
    view = framing.scaled(view, max(1.0, least / view.width))
    if view.width > NEARER * base.width:
        return None
    view = _on_the_panel(view, subject)
    if not moves.is_its_own(view, subject) or not all(framing.holds(view, need.box) for need in needs):
        return None
    paced = _paced(replace(lens, subject=replace(subject, needs=needs)), wish)
    least_seconds = 2.0 if needs else max(rhythm.SHORTEST, GLANCE * paced.style.pace)
    path = rhythm.rest([Stop(view, needs)], lens.screen, least=least_seconds, beat=paced.beat)
    return Part("closer", path, needs, "near")


def _on_the_panel(view: Box, subject: Subject) -> Box:
    """The view, moved so that it looks past the panel as little as can be."""
    box = subject.reach
    x0 = framing.shut(box.x0, view.x0, box.x1 - view.width)
    y0 = framing.shut(box.y0, view.y0, box.y1 - view.height)
    return framing.moved(view, x0 - view.x0, y0 - view.y0)


def _wished(lens: Lens, wish: Wish) -> Idea | None:
    """The least displeasing idea that is what was wished; None where the panel allows none."""
    if wish.ruled:
        return None
    if wish.framing in ("hold", "fill") or (not lens.style.motion and wish.framing != "whole"):
        return next(moves.ideas(lens))
    if wish.framing == "whole":
        needs = lens.subject.needs
        view = moves.standing(lens)
        view = framing.scaled(view, max(1.0, lens.width_of(lens.style.tightest) / view.width))
        timed = rhythm.rest([Stop(view, needs)], lens.screen, least=lens.least, beat=lens.beat)
        return Idea((Part("hold", timed, needs, "stands whole"),))
    found = [idea for idea in moves.ideas(lens) if idea.kind in KINDS[wish.framing]]
    exact = [idea for idea in found if idea.kind == KINDS[wish.framing][0]] or found
    return min(exact, key=lambda idea: rules.displeasure(idea, lens, ()), default=None)


def _paced(lens: Lens, wish: Wish) -> Lens:
    return replace(lens, style=replace(lens.style, pace=lens.style.pace * wish.pace))


def _take(lens: Lens, part: Part, wish: Wish) -> Take:
    subject = lens.subject
    take = Take(subject.page, (subject.panel.id,), part.path, part.needs, part.kind, part.words)
    return _signed(take, wish, wish.reason)


def _signed(take: Take, wish: Wish, words: str) -> Take:
    return replace(
        take, words=words, prompt=wish.prompt, director="llm", dissolves=wish.dissolve, treatment=wish.treatment,
        people=wish.people,
    )  # fmt: skip
