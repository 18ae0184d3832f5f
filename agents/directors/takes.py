"""The shots of a director before they have numbers in, a plan out: cut to what a shot may last, numbered, dissolved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agents.directors import framing, rhythm, sharing
from agents.directors.means import reading
from agents.directors.moves import Idea, Lens, Part
from agents.directors.rhythm import Stop, Timed
from agents.directors.sharing import Shared
from agents.directors.subjects import Need, Stray, Style, Subject
from storage.shapes import PageTranscript, Screen, ShotPlan, Transition, Treatment
from tools import geometry

LONGEST = 58.0
"""Seconds after which a shot is cut in two; a shot may last 60."""
DISSOLVE = 0.4
"""Seconds that a shot which dissolves in is longer."""

BESIDE = 0.5
"""How much of the screen a bare panel and the one before it fill together, if they can."""


@dataclass(frozen=True)
class Take:
    """A shot before it has a number.

    `opens_page` is the first panel of the page that it opens; `dissolves` a director's word on how it begins, where
    the panel does not decide it; `prompt` what moves in it, where somebody has looked;
    `treatment` what the tools are asked for; `people` who must look like themselves, the first most.
    """

    page: PageTranscript
    panels: tuple[str, ...]
    path: Timed
    needs: tuple[Need, ...]
    kind: str
    words: str
    reveals: tuple[float, ...] = ()
    opens_page: Subject | None = None
    dissolves: bool | None = None
    prompt: str = ""
    director: str = "rules"
    treatment: Treatment = field(default_factory=Treatment)
    people: tuple[str, ...] = ()


def single(idea: Idea, lens: Lens, opens: Subject | None) -> Iterator[Take]:
    """The shots of an idea for one panel."""
    subject = lens.subject
    for index, part in enumerate(idea.parts):
        yield Take(
            subject.page,
            (subject.panel.id,),
            part.path,
            part.needs,
            part.kind,
            reason(subject, part),
            opens_page=opens if index == 0 else None,
        )


def shared(found: Shared, page: PageTranscript, opens: Subject | None) -> Take:
    """The shot of panels that share the screen."""
    panels = tuple(subject.panel.id for subject in found.subjects)
    needs = sharing.needs_of(found)
    words = f"{found.words}, {count(needs)}"
    return Take(page, panels, found.path, needs, "glide", words, found.reveals, opens)


def stray_take(stray: Stray, page: PageTranscript, screen: Screen, style: Style) -> Take:
    """Lettering that lies far from every panel gets a shot of its own."""
    unit = page.width * style.closest * max(1.0, screen.aspect)
    view = framing.fit(stray.need.nice, screen.aspect, 0.1)
    view = framing.scaled(view, max(1.0, unit / view.width))
    path = rhythm.rest([Stop(view, (stray.need,))], screen, least=1.6, beat=0.3)
    return Take(page, (stray.panel.id,), path, (stray.need,), "hold", "lettering outside the panels, at rest")


def beat_take(lens: Lens, before: Subject) -> Take:
    """A bare panel is seen beside the panel before it: alone it would be a screen with nothing on it."""
    subject, aspect = lens.subject, lens.aspect
    pictures = [framing.outline(one.panel) for one in (subject, before)]
    both, alone = (framing.fit(box, aspect) for box in (geometry.union_box((subject.box, before.box)), subject.box))
    widths = [both.width * share for share in (1.0, 0.9, 0.8, 0.7)]
    views = [framing.centred(subject.box.center, max(width, 1.15 * alone.width), aspect) for width in widths]
    # as much of the panel before as can be seen without looking into the empty ground
    view = next((view for view in views if framing.filled(view, pictures) > BESIDE), views[-1])
    path = rhythm.rest([Stop(view, ())], lens.screen, least=rhythm.silent_seconds(subject, lens.style), beat=0.0)
    shown = before.panel.id, subject.panel.id
    return Take(subject.page, shown, path, (), "hold", "a bare panel: a silent beat, beside the panel before")


def reason(subject: Subject, part: Part) -> str:
    """What a panel is like, and what is done with it, in words."""
    shape = subject.box.aspect
    name = (
        f"wide panel ({shape:.1f}:1)" if shape > 2.2 else f"tall panel (1:{1 / shape:.1f})" if shape < 0.62 else "panel"
    )
    size = "large " if subject.size > 0.4 else "small " if subject.size < 0.08 else ""
    return f"{size}{name}: {part.words}, {count(part.needs)}"


def count(needs: Sequence[Need]) -> str:
    """How much there is to read, in words."""
    return "no words" if not needs else "1 balloon" if len(needs) == 1 else f"{len(needs)} balloons"


def in_pieces(take: Take) -> list[Take]:
    """Cut a path that lasts longer than a shot may into shots that continue each other."""
    if take.path.seconds <= LONGEST:
        return [take]
    early, late = rhythm.halves(take.path)
    read = rhythm.read_by(early, take.needs)
    if take.needs and not read:  # one line takes more than half of it
        early, read = rhythm.waited(early, take.needs[:1]), 1
    if early.seconds >= take.path.seconds:  # as short as it gets
        return [replace(take, path=rhythm.shortened(take.path, LONGEST))]
    now, then = take.needs[:read], take.needs[read:]
    late = rhythm.waited(late, then)
    reveals = tuple(min(at, early.seconds) for at in take.reveals)
    first = replace(take, path=early, needs=now, reveals=reveals, words=f"{take.words}, first half")
    second = replace(take, path=late, needs=then, reveals=(), words=f"{take.words}, second half", opens_page=None)
    return [*in_pieces(first), *in_pieces(second)]


def numbered(takes: Sequence[Take], screen: Screen, style: Style) -> tuple[ShotPlan, ...]:
    """The plan: each shot with its number, and with a dissolve where one is wanted and rare enough."""
    shots: list[ShotPlan] = []
    since = 0
    before: Subject | None = None
    for ordinal, take in enumerate(takes):
        since += 1
        transition: Transition = "cut"
        if ordinal and since * style.dissolves >= 1 and _dissolves(take, before):
            transition, since = "dissolve", 0
        before = take.opens_page or before
        shots.append(_shot(take, ordinal, transition, screen, style))
    return tuple(shots)


def _dissolves(take: Take, before: Subject | None) -> bool:
    if take.dissolves is not None:
        return take.dissolves
    return take.opens_page is not None and _changes_place(before, take.opens_page)


def _changes_place(before: Subject | None, now: Subject) -> bool:
    """Whether a page opens elsewhere: on a wide silent panel that sets the place, or in quite another light."""
    sets_place = not now.needs and now.box.width > 0.75 * now.unit and now.size > 0.15
    light = before is not None and before.look is not None and now.look is not None
    return sets_place or (light and abs(before.look.tone - now.look.tone) > 0.35)  # type: ignore[union-attr]


def _shot(take: Take, ordinal: int, transition: Transition, screen: Screen, style: Style) -> ShotPlan:
    path, reveals = take.path, take.reveals
    if transition == "dissolve":  # the first moments are half the shot before
        path = Timed(((0.0, path.keys[0][1]), *((at + DISSOLVE, box) for at, box in path.keys)), path.ease)
        reveals = tuple(at + DISSOLVE if at else 0.0 for at in reveals)
    seconds = rhythm.in_frames(path.seconds, screen)
    words = take.prompt or f"manga panel, {count(take.needs)}; subtle motion"
    seen = [a for a in take.page.characters if a.panel in take.panels and a.character]
    return ShotPlan(
        id=f"s{ordinal + 1:03d}",
        ordinal=ordinal,
        page=take.page.index,
        panels=take.panels,
        seconds=seconds,
        camera=path.camera(),
        ease=path.ease,
        lines=tuple(need.line.id for need in take.needs),
        transition=transition,
        reveals=tuple(min(1.0, at / path.seconds) for at in reveals),
        treatment=_looking(reading(take.treatment) if take.needs else take.treatment, style),
        prompt=f"{words}; {style.look}" if style.look else words,
        characters=tuple(dict.fromkeys([*take.people, *(a.character for a in seen if a.character)])),
        director=take.director,
        reason=take.words,
    )


def _looking(treatment: Treatment, style: Style) -> Treatment:
    """The treatment with the film's look in what is painted."""
    plan = treatment.outpaint
    if not (style.look and plan.prompt):
        return treatment
    painted = plan.model_copy(update={"prompt": f"{plan.prompt}; {style.look}"})
    return treatment.model_copy(update={"outpaint": painted})
