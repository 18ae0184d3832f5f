"""Every stage, edge, loop and pause of a film, on one screen; the only file that imports langgraph.

ingest -> read -> cast -> understand -> voice -> storyboard -> approval (pause)
 -> clean -> color -> redraw -> outpaint -> upscale -> animate -> layers -> composite -> review -> mix -> assemble
      ^---------------------------- retakes ----------------------------'

langgraph is imported inside the functions that use it, because it is slow to import.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING
from typing import cast as cast_to

from agents import approval
from agents.checkpoints import forget_checkpoints, open_checkpoints
from agents.repair import with_repairs
from agents.run_context import RunContext
from agents.stages import (
    animate,
    assemble,
    cast,
    clean,
    color,
    composite,
    ingest,
    layers,
    mix,
    outpaint,
    read,
    redraw,
    review,
    storyboard,
    understand,
    upscale,
    voice,
)  # fmt: skip
from agents.state import State

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

STAGES: dict[str, Callable[[RunContext, State], State]] = {
    "ingest": ingest.run, "read": read.run, "cast": cast.run, "understand": understand.run, "voice": voice.run,
    "storyboard": storyboard.run, "clean": clean.run, "color": color.run, "redraw": redraw.run,
    "outpaint": outpaint.run, "upscale": upscale.run, "animate": animate.run, "layers": layers.run,
    "composite": composite.run, "review": review.run, "mix": mix.run, "assemble": assemble.run,
}  # fmt: skip
THREAD = "film"
"""The id of LangGraph's thread; a project has one."""


def stage_names(since: str = "ingest", until: str = "assemble") -> list[str]:
    """Return the names of the stages from `since` to `until`, both included."""
    names = list(STAGES)
    return names[names.index(since) : names.index(until) + 1]


def run_stages(context: RunContext, state: State | None = None, *, since: str = "ingest", until: str) -> State:
    """Run some consecutive stages in order, without the pause and the retakes of a film."""

    def run_all() -> State:
        """Run the stages from the given state."""
        current = state or {}
        for name in stage_names(since, until):
            current = {**current, **STAGES[name](context, current)}
        return current

    return with_repairs(context.library.artifacts, run_all)


def run_graph(context: RunContext, start: State | None) -> State:
    """Make a film from its first stage, or continue after its pause.

    It also continues from a pause that an earlier process left, while nothing has changed that the approval is about.
    Progress is reported through `context.on_progress` and not by LangGraph's stream, which runs stages in a thread
    where Ctrl-C has to wait.

    Args:
        context: The run's context.
        start: The state to begin with. A state without `approve`, or None, approves a storyboard that waits.

    Returns:
        The state in which the film ends or waits; `approve` is set where it waits for approval.
    """
    from langgraph.types import Command

    folder = context.library.folder
    last, pending_basis = last_state(folder)
    is_resuming = pending_basis is not None and approval.is_unchanged(context, pending_basis)
    if is_resuming and start and start.get("approve"):
        return last
    if not is_resuming and start is not None:
        start = approval.carry_over_approval(context, start, last)
        forget_checkpoints(folder)
    with open_checkpoints(folder) as connection:
        end = _compile_graph(connection).invoke(
            Command(resume=True) if is_resuming or start is None else start,
            {"configurable": {"thread_id": THREAD}, "recursion_limit": 1000}, context=context, durability="sync",
        )  # fmt: skip
    return cast_to(State, end)


def last_state(folder: Path) -> tuple[State, dict[str, str] | None]:
    """Return the state that a project's last run left, and what its pause asks approval for.

    Checkpoints may be deleted, damaged or written by another version at any time; then the state is empty.

    Returns:
        The state, and the basis of the approval (see `approval.approval_basis`), None where the project does not wait.
    """
    with suppress(Exception), open_checkpoints(folder, readonly=True) as connection:
        snapshot = _compile_graph(connection, is_setup=True).get_state({"configurable": {"thread_id": THREAD}})
        return cast_to(State, snapshot.values), dict(snapshot.interrupts[0].value) if snapshot.interrupts else None
    return {}, None


def is_waiting(folder: Path) -> bool:
    """Return whether a project's storyboard waits for approval."""
    return last_state(folder)[1] is not None


def _compile_graph(
    connection: Connection, *, is_setup: bool = False
) -> CompiledStateGraph[State, RunContext, State, State]:
    """Compile the graph with its checkpoints in `connection`; `is_setup` skips creating the tables."""
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph import END, START, StateGraph
    from langgraph.types import interrupt

    def pause_for_approval(context: RunContext, state: State) -> State:
        """Pause for approval where the state asks for it."""
        if not state.get("approve"):
            return {}
        interrupt(basis := approval.approval_basis(context))  # the run stops here; a resumed run passes
        return {"approve": False, "approved": basis}

    graph = StateGraph(State, context_schema=RunContext)
    for name, stage in {**STAGES, "approval": pause_for_approval}.items():
        graph.add_node(name, lambda state, runtime, stage=stage: stage(runtime.context, state))
    names = [START, *stage_names(until="storyboard"), "approval", *stage_names("clean", "review")]
    for name, following in [*pairwise(names), ("mix", "assemble"), ("assemble", END)]:
        graph.add_edge(name, following)
    graph.add_conditional_edges("review", lambda state: "clean" if state.get("retakes") else "mix")
    # only plain values are read back, because anybody may have written the file
    saver = SqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
    saver.is_setup = is_setup
    return graph.compile(checkpointer=saver)
