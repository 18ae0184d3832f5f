"""A transcript in, a storyboard by rules of film grammar out: which move each panel gets, and how the shots follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agents.directors import Look, framing, moves, rhythm, sharing
from agents.directors.moves import Idea, Lens, Part
from agents.directors.rhythm import Stop, Timed
from agents.directors.sharing import Shared
from agents.directors.subjects import Need, Stray, Style, Subject, gather
from storage.shapes import Order, PageTranscript, Screen, ShotPlan, Transcript, Transition
from tools import geometry

LONGEST = 58.0
"""Seconds after which a shot is cut in two; a shot may last 60."""
DISSOLVE = 0.4
"""Seconds that a shot which dissolves in is longer."""


@dataclass(frozen=True)
class _Take:
    """A shot before it has a number."""

    page: PageTranscript
    panels: tuple[str, ...]
    path: Timed
    needs: tuple[Need, ...]
    kind: str
    words: str
    reveals: tuple[float, ...] = ()
    opens_page: Subject | None = None


class Rules:
    """The director that needs no model: film grammar as rules, the least displeasing idea wins."""

    version = 2

    def __init__(self, style: Style | None = None) -> None:
        self.style = style or Style()

    def plan(self, transcript: Transcript, screen: Screen, looks: Mapping[str, Look]) -> tuple[ShotPlan, ...]:
        """Plan the shots of a book; see `Director.plan`."""
        takes: list[_Take] = []
        for page in transcript.pages:
            kinds: list[str] = []  # habits end with the page: what is mended on one must not re-film all after it
            for take in self._page(page, transcript.order, screen, looks, kinds):
                kinds.append(take.kind)
                takes += _in_pieces(take)
        return _numbered(takes, transcript, screen, self.style, looks)

    def _page(
        self, page: PageTranscript, order: Order, screen: Screen, looks: Mapping[str, Look], kinds: Sequence[str]
    ) -> Iterator[_Take]:
        subjects, strays = gather(page, order, looks, screen.aspect, self.style)
        lenses = [Lens(s, screen, self.style, _in_a_run(subjects, i)) for i, s in enumerate(subjects)]
        index = 0
        while index < len(lenses):
            yield from (_stray(stray, page, screen, self.style) for stray in strays if stray.after == index)
            opens = subjects[0] if index == 0 else None
            together = _together(lenses[index : index + 3], kinds, {stray.after - index for stray in strays})
            if together:
                yield _shared(together, page, opens)
                index += len(together.subjects)
            else:
                last = index == len(lenses) - 1
                yield from _single(_best(lenses[index], kinds, first=index == 0, last=last), lenses[index], opens)
                index += 1
        yield from (_stray(stray, page, screen, self.style) for stray in strays if stray.after >= len(lenses))


def _in_a_run(subjects: Sequence[Subject], index: int) -> bool:
    """Whether a small panel stands in a run of at least three."""
    if not subjects[index].is_small:
        return False
    first = last = index
    while first > 0 and subjects[first - 1].is_small:
        first -= 1
    while last + 1 < len(subjects) and subjects[last + 1].is_small:
        last += 1
    return last - first >= 2


def _together(lenses: Sequence[Lens], kinds: Sequence[str], breaks: set[int]) -> Shared | None:
    if kinds and kinds[-1] == "glide":
        return None
    for count in (3, 2):
        if len(lenses) >= count and not any(0 < at < count for at in breaks):
            found = sharing.shared(lenses[:count])
            if found:
                return found
    return None


def _best(lens: Lens, kinds: Sequence[str], *, first: bool, last: bool) -> Idea:
    return min(moves.ideas(lens), key=lambda idea: displeasure(idea, lens, kinds, first=first, last=last))


def displeasure(idea: Idea, lens: Lens, kinds: Sequence[str], *, first: bool = False, last: bool = False) -> float:
    """How little an idea pleases: emptiness, waiting, small letters, restlessness, habit, against what motivates it."""
    subject = lens.subject
    picture = [framing.outline(subject.panel)]
    boxes = [box for part in idea.parts for box in part.boxes]
    empty = 1 - sum(framing.filled(box, picture) for box in boxes) / len(boxes)
    waiting = max(0.0, idea.seconds - lens.least)
    unclear = 0
    for part in idea.parts:
        scale = max(framing.film_scale(box, lens.screen) for box in part.boxes)
        unclear += sum(not need.legible(scale) for need in part.needs)
    still = max(
        (part.path.seconds for part in idea.parts if part.kind in ("hold", "push", "pull", "closer")), default=0.0
    )
    stops = sum(a != b for part in idea.parts for a, b in zip(part.boxes, part.boxes[1:], strict=False))
    return (
        3.0 * empty
        + 0.45 * waiting
        + 0.8 * unclear
        + 0.12 * stops
        + 0.25 * max(0.0, still - 5.5)
        + _lost(idea, subject)
        + _habit(idea, kinds)
        - _motive(idea, lens, first=first, last=last)
    )


def _lost(idea: Idea, subject: Subject) -> float:
    """What is never shown of the panel weighs heavily beyond the little that a full screen crops."""
    passed = geometry.union_box(box for part in idea.parts for box in part.boxes)  # every path runs straight
    lost = 1 - framing.share_seen(passed, subject.box)
    return 2 * lost + (8.0 if lost > moves.CROPPED + 0.01 else 0.0)


def _habit(idea: Idea, kinds: Sequence[str]) -> float:
    """Two neighbouring shots that move alike tire; a hold tires least."""
    recent = list(kinds[-2:])
    if not recent or recent[-1] != idea.kind:
        return 0.0
    again = {"hold": 0.25, "pan": 0.4, "tilt": 0.4}.get(idea.kind, 0.6)
    return again * (1 + 1.5 * (len(recent) == 2 and recent[0] == idea.kind))


def _motive(idea: Idea, lens: Lens, *, first: bool, last: bool) -> float:
    """What the panel itself asks for: nearness for a face, distance for a place, rest for haste and for talk."""
    subject, kind = lens.subject, idea.kind
    if len(idea.parts) == 2 and not idea.parts[0].needs:  # whole first, then travelled
        few = len(subject.needs) <= 2 or subject.page.index == 0
        return 1.7 if rhythm.is_splash(subject) and few else 0.3
    strong = idea.parts[-1].boxes[0].width / idea.parts[-1].boxes[-1].width > 1 + moves.PUSH + 0.01
    if kind == "hold":
        return 0.15 + 0.5 * lens.fast + 0.1 * min(2, len(subject.needs)) + 0.15 * subject.holds_another
    if kind in ("push", "pull"):
        wish = _intimate(subject) if kind == "push" else _far(subject, first=first, last=last)
        return (
            wish
            - 0.5 * lens.fast
            - (0.3 if strong and _intimate(subject) < 0.35 else 0.0)
            - (0.6 if strong and kind == "pull" else 0.0)
        )
    if kind in ("pan", "tilt"):
        return 0.25 - 0.5 * subject.holds_another - 0.4 * lens.fast
    return 1.0 if kind == "scroll" else 0.0


def _intimate(subject: Subject) -> float:
    """How much a panel asks for a push-in: a face by itself, or one short line."""
    near = subject.look.closeness if subject.look else 0.4
    one = 0.18 if len(subject.needs) == 1 and subject.letters <= 14 else 0.0
    return 0.5 * near + one - 0.25 * (len(subject.needs) >= 3)


def _far(subject: Subject, *, first: bool, last: bool) -> float:
    """How much a panel asks for a pull-out: a place that opens a page, a crowd, a farewell."""
    near = subject.look.closeness if subject.look else 0.4
    detail = subject.look.detail if subject.look else 0.4
    wide = min(1.0, subject.size / 0.3)
    return 0.3 * first * wide + 0.2 * last + 0.3 * detail * wide - 0.4 * max(0.0, near - 0.4) - 0.1


def _single(idea: Idea, lens: Lens, opens: Subject | None) -> Iterator[_Take]:
    subject = lens.subject
    for index, part in enumerate(idea.parts):
        yield _Take(
            subject.page,
            (subject.panel.id,),
            part.path,
            part.needs,
            part.kind,
            _reason(subject, part),
            opens_page=opens if index == 0 else None,
        )


def _shared(found: Shared, page: PageTranscript, opens: Subject | None) -> _Take:
    panels = tuple(subject.panel.id for subject in found.subjects)
    needs = sharing.needs_of(found)
    words = f"{found.words}, {_count(needs)}"
    return _Take(page, panels, found.path, needs, "glide", words, found.reveals, opens)


def _stray(stray: Stray, page: PageTranscript, screen: Screen, style: Style) -> _Take:
    """Lettering that lies far from every panel gets a shot of its own."""
    unit = page.width * style.closest * max(1.0, screen.aspect)
    view = framing.fit(stray.need.nice, screen.aspect, 0.1)
    view = framing.scaled(view, max(1.0, unit / view.width))
    path = rhythm.rest([Stop(view, (stray.need,))], screen, least=1.6, beat=0.3)
    return _Take(page, (stray.panel.id,), path, (stray.need,), "hold", "lettering outside the panels, at rest")


def _reason(subject: Subject, part: Part) -> str:
    shape = subject.box.aspect
    name = (
        f"wide panel ({shape:.1f}:1)" if shape > 2.2 else f"tall panel (1:{1 / shape:.1f})" if shape < 0.62 else "panel"
    )
    size = "large " if subject.size > 0.4 else "small " if subject.size < 0.08 else ""
    return f"{size}{name}: {part.words}, {_count(part.needs)}"


def _count(needs: Sequence[Need]) -> str:
    count = len(needs)
    return "no words" if not count else "1 balloon" if count == 1 else f"{count} balloons"


def _in_pieces(take: _Take) -> list[_Take]:
    """Cut a path that lasts longer than a shot may into shots that continue each other."""
    if take.path.seconds <= LONGEST:
        return [take]
    early, late = rhythm.halves(take.path)
    count = rhythm.read_by(early, take.needs)
    now, then = take.needs[:count], take.needs[count:]
    late = rhythm.waited(late, then)
    reveals = tuple(min(at, early.seconds) for at in take.reveals)
    first = replace(take, path=early, needs=now, reveals=reveals, words=f"{take.words}, first half")
    second = replace(take, path=late, needs=then, reveals=(), words=f"{take.words}, second half", opens_page=None)
    return [*_in_pieces(first), *_in_pieces(second)]


def _numbered(
    takes: Sequence[_Take], transcript: Transcript, screen: Screen, style: Style, looks: Mapping[str, Look]
) -> tuple[ShotPlan, ...]:
    shots: list[ShotPlan] = []
    since = 0
    before: Subject | None = None
    for ordinal, take in enumerate(takes):
        since += 1
        transition: Transition = "cut"
        if take.opens_page is not None:
            if ordinal and since * style.dissolves >= 1 and _changes_place(before, take.opens_page):
                transition, since = "dissolve", 0
            before = take.opens_page
        shots.append(_shot(take, ordinal, transition, transcript, screen))
    return tuple(shots)


def _changes_place(before: Subject | None, now: Subject) -> bool:
    """Whether a page opens elsewhere: on a wide silent panel that sets the place, or in quite another light."""
    sets_place = not now.needs and now.box.width > 0.75 * now.unit and now.size > 0.15
    light = before is not None and before.look is not None and now.look is not None
    return sets_place or (light and abs(before.look.tone - now.look.tone) > 0.35)  # type: ignore[union-attr]


def _shot(take: _Take, ordinal: int, transition: Transition, transcript: Transcript, screen: Screen) -> ShotPlan:
    path, reveals = take.path, take.reveals
    if transition == "dissolve":  # the first moments are half the shot before
        path = Timed(((0.0, path.keys[0][1]), *((at + DISSOLVE, box) for at, box in path.keys)), path.ease)
        reveals = tuple(at + DISSOLVE if at else 0.0 for at in reveals)
    seconds = rhythm.in_frames(path.seconds, screen)
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
        prompt=f"manga panel, {_count(take.needs)}; subtle motion",
        characters=tuple(dict.fromkeys(a.character for a in seen if a.character)),
        reason=take.words,
    )
