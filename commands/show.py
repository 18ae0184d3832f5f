"""The `show` command: print tables of what a project contains, or of all backends."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from agents import film_delivery, graph, output_files
from agents.book_notes import describe_notes
from agents.conversation import shot_table
from agents.editing import effects, recordings, references, selectors, shot_status, sounds
from agents.editing import history as shot_history
from agents.editing.storyboard import EditableStoryboard
from agents.llm.budget import total_spent
from agents.moving_faces import face_prompts
from agents.planning import llm_planning
from agents.review import critic, fidelity
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.state import StageFailure, failure_message
from commands.gc import size_rows
from commands.output import backend_list
from commands.output.tables import bytes_text, table
from commands.output.terminal import PrintConsole, group_by_reason
from commands.output.verdicts import verdict_of
from storage.domain import ShotPlan
from storage.errors import ProjectError, SettingsError
from storage.library import Library
from storage.records import Event, Fact
from storage.settings import Settings
from tools.measuring.fidelity import PROVENANCE_TONES

WIDE_COLUMNS = 100
"""Columns from which a table has room for what is good to know."""
WIDEST_COLUMNS = 140
"""Columns from which there is room for two columns of prose."""

APPROVAL_NOTE = "the storyboard waits for approval; the same animate asks again, and films it without --approve"


def run(command: argparse.Namespace) -> int:
    """Print the requested table. Return 0."""
    paper = PrintConsole()
    if command.what == "backends":
        backend_list.print_backends(paper)
        return 0
    if command.project is None:
        raise SettingsError(f"show {command.what} needs a project", f"main.py show {command.what} PROJECT")
    project, number = _project_and_shot(command.project, command.shot)
    if command.html and command.what != "revisions":
        raise SettingsError(f"show {command.what} writes no page", f"main.py show revisions {project} --html OUT.html")
    if command.what == "shot" and not number:
        raise SettingsError("which shot?", f"main.py show shot {project} 7")
    with Library.open(project, readonly=True) as library:
        if command.what == "shot":
            paper.print_table(_shot_table(library, number, paper.width, history=command.history))
            return 0
        if command.html:
            from commands.output import revisions_html

            output_files.refuse_unwritable(command.html)
            output_files.write_files({command.html: revisions_html.render_revisions_html(library)})
            print(command.html)
            return 0
        paper.print_table(_VIEWS[command.what](library, paper.width))
    return 0


def _project(library: Library, width: int) -> Table:
    info, head, settings = library.info(), library.head(), library.settings()
    transcript = library.transcript()
    panels = sum(len(page.panels) for page in transcript.pages) if transcript else 0
    items, fault = _shot_statuses(library)
    rows = [
        ("title", info.title or "-"),
        ("source", library.source() or "not known yet"),
        ("pages", f"{len(library.pages())}" + (f" ({settings.pages})" if settings and settings.pages else "")),
        ("read", f"{panels} panels, {transcript.order}, by {transcript.backend}" if transcript else "not yet"),
        ("storyboard", f"revision {head.number}: {head.message}" if head else "not yet"),
        ("shots", fault or _describe_statuses(items)),
        *((("waiting", APPROVAL_NOTE),) if graph.is_waiting(library.folder) else ()),
        ("directed", f"by {llm_planning.director_credits(library.shots())}" if head else "not yet"),
        *((("asked", words),) if (words := _llm_cost(library)) else ()),
        ("film", _film(library)),
        ("holds", _holdings(library)),
    ]
    if settings:
        rows.append(("profile", settings.profile))
        rows += [("style", words)] if (words := settings.style.summary()) else []
        rows.append(("picture", f"{settings.screen.width} x {settings.screen.height} at {settings.screen.fps_name}"))
    if line := library.correction_ancestry():
        rows.append(("corrections", f"{len(line)}, the newest by {line[-1].author}: {line[-1].message}"))
    doubts = [(page.image, "; ".join(page.doubts)) for page in transcript.pages if page.doubts] if transcript else []
    rows += describe_notes(info.notes)
    rows += [("look twice", f"{image}: {said}") for image, said in doubts]
    failures: list[tuple[str, StageFailure]] = [
        (one.shot, {"stage": one.stage, "reason": one.reason}) for one in library.failures()
    ]
    rows += [("failed", line) for line in group_by_reason((shot, failure_message(why)) for shot, why in failures)]
    rows += [("critic asks", line) for line in group_by_reason(_critic_questions(library, items))]
    return table("what is", rows, header=False)


def _llm_cost(library: Library) -> str:
    """Describe what questions to models have cost, stage by stage; "" where none was asked."""
    asked: dict[str, list[Event]] = {}
    for event in library.events(kinds={"asked"}):
        asked.setdefault(event.stage, []).append(event)
    return "; ".join(f"{stage}: {_spent(events)}" for stage, events in asked.items())


def _spent(events: Sequence[Event]) -> str:
    usage, cost = total_spent(events)
    return f"{len(events)} questions, {usage.total:,} tokens" + (f", {cost:.2f} dollars" if cost else "")


def _shot_statuses(library: Library) -> tuple[list[shot_status.ShotStatus], str]:
    """Return the state of every shot, or a message that says why it is not known."""
    try:
        return shot_status.shot_statuses(library), ""
    except ProjectError as error:
        return [], error.what


def _describe_statuses(items: Sequence[shot_status.ShotStatus]) -> str:
    stale = sum(item.take is None for item in items)
    return f"{len(items)}, " + (f"{stale} of them stale" if stale else "all of them stand")


def _critic_questions(library: Library, items: Sequence[shot_status.ShotStatus]) -> Iterator[tuple[str, str]]:
    """Yield the shots about which the critic asks a person, and the questions."""
    yield from critic.open_questions(library, [(item.shot.plan, item.take) for item in items if item.take]).items()


def _film(library: Library) -> str:
    cut = library.cut()
    try:
        made = output_files.newest_film(library)
    except ProjectError:
        return "not yet"
    minutes, seconds = divmod(round(float(str(made.facts.get("seconds") or 0))), 60)
    where = film_delivery.film_place(library, (library.settings() or Settings()).screen)
    place = f", {_shortest(where, library.folder)}" if where.exists() else ""
    return f"{minutes}:{seconds:02d} min, {len(cut.takes) if cut else 0} takes{place}"


def _holdings(library: Library) -> str:
    """Describe what the project stores, by what made it: how many files, and their size."""
    files = library.stored_files()
    kinds = ", ".join(f"{kind} {count} ({size})" for kind, count, size in size_rows(files))
    return f"{len(files)} files, {bytes_text(sum(file.size for file in files))}" + (f": {kinds}" if kinds else "")


def _shortest(film: Path, folder: Path) -> str:
    """Return the path of a film, from within the project's folder where it is there."""
    inside = film.absolute(), folder.absolute()
    return str(inside[0].relative_to(inside[1]) if inside[0].is_relative_to(inside[1]) else film)


def shots(library: Library, width: int) -> Table:
    """Return a table of all shots in film order: the take or "stale", and the reason for the shot."""
    rows, context = [], shot_status.read_only_context(library)
    items = shot_status.shot_statuses(library, context)
    fidelity.resolve_fidelity(context, [item.resolved for item in items])
    for item in items:
        plan = item.shot.plan
        reason = f"dissolve; {plan.reason}" if plan.transition == "dissolve" else plan.reason
        panels = (" ".join(plan.panels), len(plan.balloons)) if width >= WIDE_COLUMNS else ()
        state = (f"{plan.seconds:.1f}", _take(item), _generated_percent(item), plan.director)
        rows.append((plan.id, plan.page + 1, *panels, *state, reason))
    wide = "panels lines+ " if width >= WIDE_COLUMNS else ""
    return table(f"shot page+ {wide}seconds+ state generated+ by why", rows)


def shot(library: Library, number: str) -> Table:
    """Return a table of one shot: its whole plan, its lettering and its takes."""
    name = selectors.full_name(number.lower().removeprefix("shot").strip())
    plan, there = library.shot(name), shot_status.editable_storyboard(library)
    context = shot_status.read_only_context(library)
    (item,) = shot_status.shot_statuses(library, context, [plan])
    fidelity.resolve_fidelity(context, [item.resolved])
    rows = [
        (
            "shot",
            f"{selectors.short_name(name)} ({name}), on page {plan.page + 1}" + (", locked" if plan.locked else ""),
        ),
        ("lasts", f"{plan.seconds:.1f} s; it begins with a {plan.transition}"),
        ("camera", f"{shot_table.describe_moves(plan)}; {there.share_shown(plan):.0%} of its panels at its nearest"),
        *(
            (f"balloon {at}", f"{one.text}{'' if one.id in plan.balloons else ' (not waited for)'}")
            for at, one in enumerate(there.lettering(plan), start=1)
        ),
        ("who", ", ".join(plan.characters) or "nobody known"),
        (
            "options",
            " ".join(plan.render_options.clean) + f"; ground {plan.render_options.outpaint.fill}; seed {plan.seed}",
        ),
        *([("effects", said)] if (said := effects.describe_effects(plan)) else []),
        *([("sound", said)] if (said := sounds.describe_sound(plan, _sound_names(library, there, plan))) else []),
        *_model_rows(context, item.shot),
        *([("looks at", said)] if (said := _describe_references(there, plan)) else []),
        ("directed", f"by {plan.director}"),
        ("why", plan.reason),
        *(_take_rows(context, item) or [("takes", "not filmed yet")]),
        *_provenance_rows(context, item),
    ]
    return table("what is", rows, header=False)


def _sound_names(library: Library, board: EditableStoryboard, plan: ShotPlan) -> dict[str, str]:
    """Return the names of a shot's balloons by their ids, and of the recordings of a project by their artifacts."""
    numbers = {balloon: f"balloon {number}" for balloon, number in board.numbers(plan).items()}
    return numbers | recordings.recording_names(library.revisions())


def _model_rows(context: RunContext, shot: ShotToFilm) -> list[tuple[str, str]]:
    """Describe the models that draw in a shot and their prompts; nothing where none draws."""
    options = shot.plan.render_options
    edits = [options.redraw.prompt if options.redraw else "", *(pose.prompt for pose in options.key_poses)]
    edits += face_prompts(context, shot)
    asked = {
        "clean": "", "color": options.color.prompt, "redraw": "; ".join(filter(None, edits)),
        "outpaint": shot.outpaint_prompt, "animate": shot.animate_prompt,
    }  # fmt: skip
    names = {role: name for role in asked if context.generates(role, name := getattr(shot.backends, role))}
    drawn = [("drawn by", ", ".join(f"{name} ({role})" for role, name in names.items()))] if names else []
    prompts = [(f"{role} prompt", asked[role]) for role in names if asked[role]]
    return [
        *drawn,
        *prompts,
        *([("ink", "the artist's lines lie over it")] if shot.plan.render_options.keep_line_art else []),
    ]


def _take_rows(context: RunContext, item: shot_status.ShotStatus) -> list[tuple[str, str]]:
    """Describe every take of a shot and its verdict; a star marks the current one."""
    plan = item.shot.plan
    return [
        (f"take {one.number}", f"{'* ' if one == item.take else ''}{verdict_of(context, plan, one)}")
        for one in context.library.takes(item.shot.id)
    ]


def _provenance_rows(context: RunContext, item: shot_status.ShotStatus) -> list[tuple[str, str]]:
    """Describe which share of the pixels is the artist's and which a model's, as measured on the current take."""
    made = fidelity.shares_of(item.resolved) if item.take else None
    if made is None:
        return []
    shares = [(name, float(str(made.facts.get(name, 0)))) for name in PROVENANCE_TONES]
    said = ", ".join(f"{share:.0%} {name}" for name, share in shares if share >= 0.005)
    if (coloured := float(str(made.facts.get("coloured", 0)))) >= 0.005:
        said += f" ({coloured:.0%} in a model's colours)"
    return [("pixels", f"{said}; as a picture: main.py export {shlex.quote(str(context.library.folder))} maps -o DIR")]


def _describe_references(board: EditableStoryboard, plan: ShotPlan) -> str:
    """Describe the references that a person chose for the models of a shot."""
    chosen = plan.render_options.references
    return (
        "" if chosen is None else ", ".join(references.describe_reference(board, name) for name in chosen) or "nothing"
    )


def _shot_table(library: Library, number: str, width: int, *, history: bool) -> Table:
    if not history:
        return shot(library, number)
    found = [
        ((_star(one.step), _when(one.step), one.who, f"take {one.take.number}" if one.take else "-"), one.what, one.why)
        for one in shot_history.shot_history(library, number)
    ]
    if width >= WIDEST_COLUMNS:
        return table("revision+ when who take what why", ((*facts, what, why) for facts, what, why in found))
    rows = ((star, when.partition("-")[2], *who, f"{what} ({why})") for (star, when, *who), what, why in found)
    return table("revision+ when who take what", rows)


def _revisions(library: Library, width: int) -> Table:
    rows: list[tuple[datetime, tuple[object, ...]]] = [
        (step.revision.created, (_star(step), _when(step), step.revision.author, _changed_count(step), step.message))
        for step in shot_history.revision_steps(library)
    ]
    rows += [
        (one.created, (f"{'*' if holds else ' '} fix {one.number}", _moment(one.created), one.author, "", one.message))
        for one, holds in shot_history.correction_steps(library)
    ]
    return table("revision+ when who shots+ why", (row for _, row in sorted(rows, key=lambda row: row[0])))


def _changed_count(step: shot_history.RevisionStep) -> int:
    """Return how many shots a revision changed; for the first one, how many it planned."""
    return len(step.changes) if step.revision.parent else len(step.shots)


def _star(step: shot_history.RevisionStep) -> str:
    return f"{'*' if step.in_force else ' '} {step.revision.number}"


def _when(step: shot_history.RevisionStep) -> str:
    return _moment(step.revision.created)


def _moment(when: datetime) -> str:
    return f"{when.astimezone():%Y-%m-%d %H:%M}"


def _project_and_shot(project: Path, number: str | None) -> tuple[Path, str]:
    """Sort the project and the shot, which come in either order: show shot PROJECT 7, show shot 7 PROJECT."""
    if number and re.fullmatch(selectors.NUMBER, str(project)):
        return Path(number), str(project)
    return project, number or ""


def _take(item: shot_status.ShotStatus) -> Text:
    if item.take is None:
        return Text("stale", "yellow")
    if item.shot.reduction:
        return Text(item.shot.reduction, "yellow")
    return Text(f"take {item.take.number}")


def _generated_percent(item: shot_status.ShotStatus) -> str:
    """Return the share of the visible picture that a model drew, in percent."""
    share = fidelity.generated_share(fidelity.shares_of(item.resolved)) if item.take else None
    return "" if share is None else f"{share:.0%}"


def _takes(library: Library, width: int) -> Table:
    cut, rows, context = library.cut(), [], shot_status.read_only_context(library)
    chosen = set(cut.takes) if cut else set()
    for plan in library.shots():
        for take in library.takes(plan.id):
            said = verdict_of(context, plan, take)
            film = Text("●" if take.id in chosen else "", "green")
            rows.append((plan.id, take.number, film, take.backend, take.seed, take.artifact[:12], said))
    return table("shot take+ in_film backend seed+ artifact verdict", rows)


def _events(library: Library, width: int) -> Table:
    rows = ((f"{e.created.astimezone():%H:%M:%S}", e.stage, e.kind, _seconds_text(e.facts.get("seconds")),
             "; ".join(filter(None, (e.text, _cost(e.facts)))))
            for e in library.events())  # fmt: skip
    return table("time stage kind seconds+ text", rows)


def _cost(facts: Mapping[str, Fact]) -> str:
    """Describe the cost of a job on the device: model loads, peak memory, and memory savings that were used."""
    loads, peak = int(float(str(facts.get("loads") or 0))), facts.get("peak_mib")
    said = [
        f"{loads} load{'s' * (loads > 1)} in {_seconds_text(facts.get('load_seconds')) or '0.0'} s" if loads else "",
        f"{peak} MiB" if peak else "",
        str(facts.get("relief") or ""),
    ]
    return ", ".join(filter(None, said))


def _seconds_text(seconds: object) -> str:
    return f"{float(str(seconds)):.1f}" if seconds else ""


_VIEWS: dict[str, Callable[[Library, int], Table]] = {
    "project": _project, "shots": shots, "revisions": _revisions, "takes": _takes, "events": _events,
}  # fmt: skip
