"""Build shots before they have numbers, then split long ones, number them and add dissolves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from agents.planning import framing, split_screen, timing
from agents.planning.camera_moves import CameraMove, MoveContext, MovePart
from agents.planning.effect_times import delay_effects, divide_effects, with_effects
from agents.planning.panels import PanelSubject, PlanningStyle, ReadingNeed, StrayLine
from agents.planning.sound_times import delay_sound, divide_sound
from agents.planning.split_screen import SplitScreen
from agents.planning.timing import Stop, TimedPath
from agents.planning.tool_options import with_text_kept
from storage.domain import (
    Box,
    LetteringMode,
    MotionEffect,
    PageTranscript,
    RenderOptions,
    ShotPlan,
    ShotSound,
    Transition,
    VideoFormat,
)
from tools import geometry

SPLIT_SECONDS = 58.0
"""Seconds after which a shot is split in two; a shot may last 60."""
REST_AFTER_DISSOLVE = 0.4
"""Seconds for which a shot rests after the dissolve that leads into it, before anything in it begins."""

BARE_PAIR_SHARE = 0.5
"""Share of the screen that a bare panel and the one before it should fill together."""

MOST_WAITING = 2
"""Most balloons whose letters wait at the same time, while the first is read: more look like holes in the picture."""

QUIET = ("hold", "push", "pull", "closer", "part")
"""Kinds of camera moves that stay with what they show."""


@dataclass(frozen=True)
class ShotDraft:
    """A shot before it has a number.

    Attributes:
        page: Its page.
        panels: Ids of the panels that it shows.
        path: Its camera path.
        needs: The lines that are read in it.
        kind: Kind of its camera move.
        words: Why it is filmed so, for people.
        reveals: Second at which each panel of a split screen appears.
        opens_page: First panel of the page that this shot opens; None where it opens none.
        dissolves: The director's choice of how it begins; None where the panel decides.
        prompt: What moves in it, where a model has looked at it.
        director: "rules" or "llm".
        render_options: Render options of the shot.
        people: Ids of the characters who must be recognizable, the most important first.
        sound: What it sounds like, beside the voices of its lines.
        lettering: Whether its letters come up when they are read, or are there from the start.
    """

    page: PageTranscript
    panels: tuple[str, ...]
    path: TimedPath
    needs: tuple[ReadingNeed, ...]
    kind: str
    words: str
    reveals: tuple[float, ...] = ()
    opens_page: PanelSubject | None = None
    dissolves: bool | None = None
    prompt: str = ""
    director: str = "rules"
    render_options: RenderOptions = field(default_factory=RenderOptions)
    people: tuple[str, ...] = ()
    sound: ShotSound = field(default_factory=ShotSound)
    lettering: LetteringMode = "drawn"


def draft_panel(move: CameraMove, context: MoveContext, opens: PanelSubject | None) -> Iterator[ShotDraft]:
    """Yield the shots of a camera move for one panel."""
    subject = context.subject
    for index, part in enumerate(move.parts):
        yield ShotDraft(
            subject.page,
            (subject.panel.id,),
            part.path,
            part.needs,
            part.kind,
            describe_choice(subject, part),
            opens_page=opens if index == 0 else None,
            render_options=_with_parallax(_draft_options((subject,)), part, context),
        )


def _with_parallax(options: RenderOptions, part: MovePart, context: MoveContext) -> RenderOptions:
    """Return the options of a shot with parallax, where it is quiet and the artist drew figures and ground apart."""
    look = context.subject.look
    is_quiet = part.kind in QUIET and not context.fast and context.style.motion > 0
    if look is None or not look.layered or not is_quiet:
        return options
    return with_effects(options, (*options.effects, MotionEffect(kind="parallax")))


def _draft_options(subjects: Sequence[PanelSubject]) -> RenderOptions:
    """Return the options of a shot of some panels: rain falls in those in which it is drawn."""
    rainy = [subject for subject in subjects if subject.look is not None and subject.look.rain]
    if rainy and len(rainy) == len(subjects):
        return RenderOptions(effects=(MotionEffect(kind="rain"),))
    places = (geometry.bounding_box(framing.panel_polygon(subject.panel)) for subject in rainy)
    return RenderOptions(effects=tuple(MotionEffect(kind="rain", box=place) for place in places))


def draft_split_screen(split: SplitScreen, page: PageTranscript, opens: PanelSubject | None) -> ShotDraft:
    """Return the shot of panels that share the screen."""
    panels = tuple(subject.panel.id for subject in split.subjects)
    needs = split_screen.needs_of(split)
    words = f"{split.words}, {describe_amount(needs)}"
    options = _draft_options(split.subjects)
    return ShotDraft(page, panels, split.path, needs, "glide", words, split.reveals, opens, render_options=options)


def draft_stray_line(stray: StrayLine, page: PageTranscript, screen: VideoFormat, style: PlanningStyle) -> ShotDraft:
    """Return a shot of lettering that lies far from every panel."""
    unit = page.width * style.closest * max(1.0, screen.aspect)
    view = framing.fit_box(stray.need.nice, screen.aspect, 0.1)
    view = framing.scale_box(view, max(1.0, unit / view.width))
    view = _slide_to_lit_page(view, stray, page)
    path = timing.time_stops([Stop(view, (stray.need,))], screen, least=1.6, beat=0.3)
    return ShotDraft(page, (stray.panel.id,), path, (stray.need,), "hold", "lettering outside the panels, at rest")


def _slide_to_lit_page(view: Box, stray: StrayLine, page: PageTranscript) -> Box:
    """Return the view of a stray line moved to where it shows least of the panels that come later."""
    unlit = [framing.panel_polygon(panel) for panel in page.panels if panel.order > stray.panel.order]
    held, whole = stray.need.nice, Box(0, 0, page.width, page.height)
    xs = framing.slides(view.x0, view.width, (held.x0, held.x1), (held.x0, held.x1))
    ys = framing.slides(view.y0, view.height, (held.y0, held.y1), (held.y0, held.y1))
    moved = [Box(x, y, x + view.width, y + view.height) for x in xs for y in ys]
    return max(moved, key=lambda box: framing.lit_share(box, whole, unlit))


def draft_bare_panel(context: MoveContext, before: PanelSubject) -> ShotDraft:
    """A bare panel is seen beside the panel before it: alone it would be a screen with nothing on it."""
    subject, aspect = context.subject, context.aspect
    pictures = [framing.panel_polygon(one.panel) for one in (subject, before)]
    both, alone = (framing.fit_box(box, aspect) for box in (geometry.union_box((subject.box, before.box)), subject.box))
    widths = [both.width * share for share in (1.0, 0.9, 0.8, 0.7)]
    views = [framing.center_box(subject.box.center, max(width, 1.15 * alone.width), aspect) for width in widths]
    # as much of the panel before as can be seen without looking into the empty ground
    view = next((view for view in views if framing.filled_share(view, pictures) > BARE_PAIR_SHARE), views[-1])
    path = timing.time_stops(
        [Stop(view, ())], context.screen, least=timing.silent_seconds(subject, context.style), beat=0.0
    )
    shown = before.panel.id, subject.panel.id
    words, options = "a bare panel: a silent beat, beside the panel before", _draft_options((before, subject))
    return ShotDraft(subject.page, shown, path, (), "hold", words, render_options=options)


def describe_choice(subject: PanelSubject, part: MovePart) -> str:
    """Describe a panel and how it is filmed."""
    shape = subject.box.aspect
    name = (
        f"wide panel ({shape:.1f}:1)" if shape > 2.2 else f"tall panel (1:{1 / shape:.1f})" if shape < 0.62 else "panel"
    )
    size = "large " if subject.size > 0.4 else "small " if subject.size < 0.08 else ""
    return f"{size}{name}: {part.words}, {describe_amount(part.needs)}"


def describe_amount(needs: Sequence[ReadingNeed]) -> str:
    """Describe how much there is to read."""
    return "no words" if not needs else "1 balloon" if len(needs) == 1 else f"{len(needs)} balloons"


def split_long(draft: ShotDraft) -> list[ShotDraft]:
    """Split a path that is longer than a shot may be into consecutive shots."""
    if draft.path.seconds <= SPLIT_SECONDS:
        return [draft]
    early, late = timing.split_path(draft.path)
    shown = early.seconds, late.seconds
    read = timing.read_by(early, draft.needs)
    if draft.needs and not read:  # one line takes more than half of it
        early, read = timing.extend_rest(early, draft.needs[:1]), 1
    if early.seconds >= draft.path.seconds:  # as short as it gets
        return [replace(draft, path=timing.shorten_path(draft.path, SPLIT_SECONDS))]
    now, then = draft.needs[:read], draft.needs[read:]
    late = timing.extend_rest(late, then)
    reveals = tuple(min(at, early.seconds) for at in draft.reveals)
    effects = divide_effects(draft.render_options.effects, shown, (early.seconds, late.seconds))
    mine, its = (with_effects(draft.render_options, part) for part in effects)
    part_of = {need.line.id: 1 for need in then}
    heard, later_heard = divide_sound(draft.sound, shown, (early.seconds, late.seconds), part_of)
    first = replace(
        draft, path=early, needs=now, reveals=reveals, words=f"{draft.words}, first half", render_options=mine,
        sound=heard,
    )  # fmt: skip
    second = replace(
        draft, path=late, needs=then, reveals=(), words=f"{draft.words}, second half", opens_page=None,
        render_options=its, sound=later_heard,
    )  # fmt: skip
    return [*split_long(first), *split_long(second)]


def number_shots(drafts: Sequence[ShotDraft], screen: VideoFormat, style: PlanningStyle) -> tuple[ShotPlan, ...]:
    """Return the plan: numbered shots, with dissolves where they are asked for and rare enough."""
    shots: list[ShotPlan] = []
    since = 0
    before: PanelSubject | None = None
    seen: set[tuple[int, str]] = set()
    for ordinal, draft in enumerate(drafts):
        since += 1
        transition: Transition = "cut"
        if ordinal and since * style.dissolves >= 1 and _should_dissolve(draft, before):
            transition, since = "dissolve", 0
        before = draft.opens_page or before
        shown = {(draft.page.index, panel) for panel in draft.panels}
        # letters that were seen in an earlier shot are not covered again
        is_drawn = shown <= seen or _has_many_waiting(draft)
        lettering: LetteringMode = "drawn" if is_drawn else style.lettering
        seen |= shown
        shots.append(_number_shot(replace(draft, lettering=lettering), ordinal, transition, screen, style))
    return tuple(shots)


def _has_many_waiting(draft: ShotDraft) -> bool:
    """Return whether so many lines are in view from the first that the picture would look empty without letters."""
    first = draft.path.keys[0][1]
    return sum(framing.holds(first, need.box) for need in draft.needs) > MOST_WAITING + 1


def _should_dissolve(draft: ShotDraft, before: PanelSubject | None) -> bool:
    """Return whether a shot should begin with a dissolve."""
    if draft.dissolves is not None:
        return draft.dissolves
    return draft.opens_page is not None and _changes_place(before, draft.opens_page)


def _changes_place(before: PanelSubject | None, now: PanelSubject) -> bool:
    """Return whether a page opens elsewhere: on a wide silent establishing panel, or in very different light."""
    sets_place = not now.needs and now.box.width > 0.75 * now.unit and now.size > 0.15
    light = before is not None and before.look is not None and now.look is not None
    return sets_place or (light and abs(before.look.tone - now.look.tone) > 0.35)  # type: ignore[union-attr]


def _number_shot(
    draft: ShotDraft, ordinal: int, transition: Transition, screen: VideoFormat, style: PlanningStyle
) -> ShotPlan:
    """Return the numbered shot of a draft."""
    path, reveals, options, sound = draft.path, draft.reveals, _finish_options(draft, style), draft.sound
    if transition == "dissolve":
        path = TimedPath(
            ((0.0, path.keys[0][1]), *((at + REST_AFTER_DISSOLVE, box) for at, box in path.keys)), path.ease
        )
        reveals = tuple(at + REST_AFTER_DISSOLVE if at else 0.0 for at in reveals)
        effects = delay_effects(options.effects, draft.path.seconds, REST_AFTER_DISSOLVE, path.seconds)
        options = with_effects(options, effects)
        sound = delay_sound(sound, draft.path.seconds, REST_AFTER_DISSOLVE, path.seconds)
    seconds = timing.round_up_to_frames(path.seconds, screen)
    words = draft.prompt or f"manga panel, {describe_amount(draft.needs)}; subtle motion"
    seen = [a for a in draft.page.characters if a.panel in draft.panels and a.character]
    return ShotPlan(
        id=f"s{ordinal + 1:03d}",
        ordinal=ordinal,
        page=draft.page.index,
        panels=draft.panels,
        seconds=seconds,
        camera=path.camera(),
        ease=path.ease,
        balloons=tuple(need.line.id for need in draft.needs),
        transition=transition,
        reveals=tuple(min(1.0, at / path.seconds) for at in reveals),
        render_options=options,
        prompt=f"{words}; {style.look}" if style.look else words,
        sound=sound,
        characters=tuple(dict.fromkeys([*draft.people, *(a.character for a in seen if a.character)])),
        director=draft.director,
        reason=draft.words,
    )


def _finish_options(draft: ShotDraft, style: PlanningStyle) -> RenderOptions:
    """Return a draft's render options: lettering that is read stays, and the page or the look surrounds the panel."""
    options = with_text_kept(draft.render_options) if draft.needs else draft.render_options
    outpaint = options.outpaint
    if outpaint.fill == "auto":
        outpaint = outpaint.model_copy(update={"fill": "page"})
    if style.look and outpaint.prompt:
        outpaint = outpaint.model_copy(update={"prompt": f"{outpaint.prompt}; {style.look}"})
    return options.model_copy(update={"outpaint": outpaint, "lettering": draft.lettering})
