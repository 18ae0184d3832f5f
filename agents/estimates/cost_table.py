"""Estimate stage by stage what the model calls and generated images of a film still cost.

The figures are calls, tokens, dollars and GPU seconds. They come from this project's own measurements where it has any,
and from a rule of thumb elsewhere; a figure that cannot be known is marked as unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from agents.estimates.question_costs import TABLE, QuestionCost
from agents.estimates.voice_costs import VoiceCost
from agents.fallback_ladder import ROLES
from agents.llm.budget import Usage
from agents.llm.model_facts import recall_facts
from agents.llm.servers import Server, configured_server, why_unserved
from agents.speaking_faces import drawings_of, speaking_faces
from storage.errors import PackageMissing, WeightsMissing
from storage.library import Library
from storage.records import Event
from storage.settings import Settings
from tools import backends

VOICE_STAGE = "voice"
HEAD = ("", "calls", "tokens", "dollars", "GPU")


@dataclass(frozen=True)
class CostRow:
    """The estimated cost of one stage."""

    stage: str
    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    dollars: float | None = 0.0
    """None where it is not known."""
    gpu: float | None = 0.0
    """Seconds of the GPU; None where they are not known."""
    seconds: float = 0.0
    """How long the model takes to answer all calls."""
    how: str = ""


def cost_rows(settings: Settings, library: Library | None, *, pages: int, plans: int, shots: int) -> list[CostRow]:
    """Return one row for each stage that asks a model or generates images.

    Args:
        settings: The film's settings.
        library: The project, for its measurements; None where there is none yet.
        pages: How many pages are still to be understood.
        plans: How many pages are still to be planned.
        shots: How many shots are still to be made.
    """
    events = library.events(kinds={"asked", "made"}) if library else ()
    asked, made = (
        [event for event in events if event.kind == "asked"],
        [event for event in events if event.kind == "made"],
    )
    counts = {"page": pages, "plan": plans, "shot": shots}
    found = [
        *_question_rows(settings, library, asked, counts),
        *_gpu_rows(settings, made, shots, _edit_calls(settings, library, shots)),
    ]
    return [row for row in found if row.calls or row.gpu is None or row.gpu]


def format_table(rows: Sequence[CostRow]) -> list[str]:
    """Return the rows and their sum as lines of a table; the first line names the columns."""
    if not rows:
        return []
    told = [*rows, _sum_rows(rows)] if len(rows) > 1 else list(rows)
    full = [HEAD, *((row.stage, *_cells(row)) for row in told)]
    shown = [at for at in range(len(HEAD)) if any(line[at] for line in full[1:])]
    cells = [[line[at] for at in shown] for line in full]
    widths = [max(len(line[at]) for line in cells) for at in range(len(shown))]
    lines = ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in cells]
    notes = ["", *(f"   {row.how}" if row.how else "" for row in told)]
    return [f"{line}{note}".rstrip() for line, note in zip(lines, notes, strict=True)]


def voice_rows(voice: VoiceCost) -> list[CostRow]:
    """Return the row of a voice that costs money, or may."""
    return [] if voice.dollars == 0 else [CostRow(VOICE_STAGE, voice.lines, dollars=voice.dollars, how=voice.backend)]


def describe_cost(rows: Sequence[CostRow], settings: Settings) -> str:
    """Describe in words what asking the model costs, and a paid voice, and the limit that they never exceed."""
    asked = [row for row in rows if row.stage != VOICE_STAGE]
    voices = [_describe_voice_cost(row, settings) for row in rows if row.stage == VOICE_STAGE]
    is_directed = not voices or any(asking.is_asked(settings) for asking in TABLE)
    return "; ".join([*([_describe_model_cost(asked, settings)] if is_directed else []), *voices])


def _describe_voice_cost(row: CostRow, settings: Settings) -> str:
    if row.dollars is None:
        return f"not known for {row.calls} lines: no price is known of {row.how} (its option price)"
    return f"{_amount(row.dollars)} for {row.calls} lines, never more than {settings.max_cost:.2f} in all: {row.how}"


def _amount(dollars: float) -> str:
    return f"about {dollars:.2f} dollars" if dollars >= 0.005 else "less than a cent"


def _describe_model_cost(rows: Sequence[CostRow], settings: Settings) -> str:
    server = configured_server(settings.model)
    if not any(asking.is_asked(settings) for asking in TABLE):
        return "none: no model is asked"
    if server is None:
        return f"none: {why_unserved(settings.model)}"
    who = server.described
    price, calls = server.price, sum(row.calls for row in rows)
    if not calls:
        return f"none: {who} has answered all that is asked"
    if price is None:
        return f"not known: no price is known of {who}; never more than {settings.max_tokens:,} tokens"
    if not any(price):
        return f"none: {who} counts as free (KOMADORI_PRICE if it is not)"
    return f"{_amount(sum(row.dollars or 0.0 for row in rows))}, never more than {settings.max_cost:.2f}: {who}"


def _question_rows(
    settings: Settings, library: Library | None, events: Sequence[Event], counts: Mapping[str, int]
) -> Iterator[CostRow]:
    server = configured_server(settings.model)
    is_text_only = recall_facts(library, server).is_text_only
    for asking in TABLE:
        if asking.needs_vision and is_text_only:
            continue
        count = ceil(asking.questions * counts[asking.subject])
        if server is not None and count and asking.is_asked(settings):
            measured = [
                event for event in events if (event.stage, event.facts["model"]) == (asking.stage, server.model)
            ]
            yield _question_row(asking, server, measured, count)


def _question_row(asking: QuestionCost, server: Server, measured: Sequence[Event], count: int) -> CostRow:
    price, read, written = server.price, asking.input_tokens(server.model), asking.output_tokens
    if measured:
        read, written = (round(_mean(measured, name)) for name in ("read", "written"))
    usage = Usage(read * count, written * count)
    dollars = None if price is None else price.cost(usage.read, usage.written)
    each, beside = asking.seconds, server.max_parallel if asking.subject == "shot" else 1
    seconds = (_mean(measured, "seconds") if measured else each) * count / min(beside, count)
    return CostRow(asking.stage, count, usage, dollars, seconds=seconds, how="" if measured else "by rule of thumb")


def _redraw_calls(settings: Settings, library: Library | None, shots: int) -> int:
    """Return how many drawings an image editor makes for the shots that are still to be made, at most."""
    plans = library.shots() if library else ()
    transcript = library.transcript() if library else None
    pages = {page.index: page for page in (transcript.pages if transcript else ())}
    calls = list[int]()
    for plan in plans:
        options, page = plan.render_options, pages.get(plan.page)
        faces = speaking_faces(page, plan, settings.style) if page else ()
        posed = sum(bool(pose.prompt) for pose in options.key_poses)
        calls.append((options.redraw is not None) + posed + sum(len(drawings_of(face)) for face in faces))
    return sum(sorted(calls, reverse=True)[:shots])


def _edit_calls(settings: Settings, library: Library | None, shots: int) -> dict[str, int]:
    """Return how many pictures image editors make for the shots that are still to be made, at most, by stage."""
    plans = library.shots() if library else ()
    modes = [plan.render_options.color.mode or settings.color for plan in plans] or [settings.color] * shots
    return {"redraw": _redraw_calls(settings, library, shots), "color": min(shots, modes.count("reference"))}


def _gpu_rows(settings: Settings, events: Sequence[Event], shots: int, edited: dict[str, int]) -> Iterator[CostRow]:
    by_model = defaultdict[tuple[str, str], list[Event]](list)
    for event in events:
        by_model[event.stage, str(event.facts.get("model", ""))].append(event)
    for stage in ROLES:  # about one job a shot each
        name, count = getattr(settings.backends, stage), edited.get(stage, shots)
        if count and backends.is_generative(stage, name):
            awake = _device_model(settings, stage, name)
            measured = by_model[stage, awake] if awake else []
            how = name if measured else f"{name}: not known before it has drawn once here"
            yield CostRow(
                stage, gpu=_mean(measured, "seconds") * count * settings.best_of if measured else None, how=how
            )


def _device_model(settings: Settings, stage: str, name: str) -> str:
    """What stands on the device while a backend works; "" where it is not known, for want of its weights."""
    try:
        return backends.device_model(backends.load_backend(stage, name, **settings.options_of(stage, name)))
    except (PackageMissing, WeightsMissing):
        return ""


def _mean(events: Sequence[Event], fact: str) -> float:
    return sum(float(str(event.facts.get(fact) or 0)) for event in events) / len(events) if events else 0.0


def _sum_rows(rows: Sequence[CostRow]) -> CostRow:
    whole = CostRow("in all")
    for row in rows:
        whole = replace(
            whole,
            calls=whole.calls + row.calls,
            usage=whole.usage + row.usage,
            dollars=None if None in (whole.dollars, row.dollars) else (whole.dollars or 0) + (row.dollars or 0),
            gpu=None if None in (whole.gpu, row.gpu) else (whole.gpu or 0) + (row.gpu or 0),
        )
    return whole


def _cells(row: CostRow) -> tuple[str, ...]:
    dollars = "?" if row.dollars is None else f"{row.dollars:.2f}" if row.calls else ""
    gpu = "?" if row.gpu is None else f"{row.gpu:,.0f} s" if row.gpu else ""
    return f"{row.calls:,}" if row.calls else "", f"{row.usage.total:,}" if row.usage.total else "", dollars, gpu
