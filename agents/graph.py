"""Every stage, edge, loop and pause of a film, on one screen; the only file that imports langgraph.

ingest -> read -> cast -> understand -> storyboard -> approval (pause)
 -> clean -> outpaint -> animate -> composite -> review -> assemble
      ^------------------ retakes -----------------'

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
from agents.run_context import RunContext
from agents.stages import (
    animate,
    assemble,
    cast,
    clean,
    composite,
    ingest,
    outpaint,
    read,
    review,
    storyboard,
    understand,
)  # fmt: skip
from agents.state import State

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

STAGES: dict[str, Callable[[RunContext, State], State]] = {
    "ingest": ingest.run, "read": read.run, "cast": cast.run, "understand": understand.run,
    "storyboard": storyboard.run, "clean": clean.run, "outpaint": outpaint.run, "animate": animate.run,
    "composite": composite.run, "review": review.run, "assemble": assemble.run,
}  # fmt: skip
THREAD = "film"


def stage_names(since: str = "ingest", until: str = "assemble") -> list[str]:
    """Name the stages from one to another, both included."""
    names = list(STAGES)
    return names[names.index(since) : names.index(until) + 1]


def run_stages(context: RunContext, state: State | None = None, *, since: str = "ingest", until: str) -> State:
    """Run a stretch of the stages one after the other, without the pause and the retakes of a film."""
    state = state or {}
    for name in stage_names(since, until):
        state = {**state, **STAGES[name](context, state)}
    return state


def run_graph(context: RunContext, start: State | None) -> State:
    """Make a film from its first stage, or go on from its pause, and give the state in which it ends or waits.

    It goes on from a pause that an earlier process left, too, while nothing is changed that the approval is about; a
    start without `approve`, or None, agrees to what waits. A state that waits has `approve` set. What happens is told
    through `context.say`, not by LangGraph's own stream: that runs stages in a thread, where Ctrl-C has to wait.
    """
    from langgraph.types import Command

    folder = context.library.folder
    last, asked = last_state(folder)
    waits = asked is not None and approval.is_unchanged(context, asked)
    if waits and start and start.get("approve"):
        return last
    if not waits and start is not None:
        start = approval.carry_over_approval(context, start, last)
        forget_checkpoints(folder)
    with open_checkpoints(folder) as connection:
        ended = _compiled(connection).invoke(
            Command(resume=True) if waits or start is None else start,
            {"configurable": {"thread_id": THREAD}, "recursion_limit": 1000}, context=context, durability="sync",
        )  # fmt: skip
    return cast_to(State, ended)


def last_state(folder: Path) -> tuple[State, dict[str, str] | None]:
    """Read the state that a project's last run left, and what its pause asks approval for, None where it does not wait.

    Checkpoints may be deleted, damaged or another version's at any time: then there is no state.
    """
    with suppress(Exception), open_checkpoints(folder, readonly=True) as connection:
        kept = _compiled(connection, is_setup=True).get_state({"configurable": {"thread_id": THREAD}})
        return cast_to(State, kept.values), dict(kept.interrupts[0].value) if kept.interrupts else None
    return {}, None


def is_waiting(folder: Path) -> bool:
    """Whether a project's storyboard waits for approval."""
    return last_state(folder)[1] is not None


def _compiled(connection: Connection, *, is_setup: bool = False) -> CompiledStateGraph[State, RunContext, State, State]:
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph import END, START, StateGraph
    from langgraph.types import interrupt

    def ask(context: RunContext, state: State) -> State:
        if not state.get("approve"):
            return {}
        interrupt(asked := approval.approval_basis(context))  # the run ends here; one that goes on passes
        return {"approve": False, "approved": asked}

    route = StateGraph(State, context_schema=RunContext)
    for name, stage in {**STAGES, "approval": ask}.items():
        route.add_node(name, lambda state, runtime, stage=stage: stage(runtime.context, state))
    names = [START, *stage_names(until="storyboard"), "approval", *stage_names("clean", "review")]
    for name, following in [*pairwise(names), ("assemble", END)]:
        route.add_edge(name, following)
    route.add_conditional_edges("review", lambda state: "clean" if state.get("retakes") else "assemble")
    # plain values alone are read back: anybody may have written the file
    saver = SqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
    saver.is_setup = is_setup
    return route.compile(checkpointer=saver)
