"""Every stage, edge, loop and pause of a film, on one screen; the only file that imports langgraph.

ingest -> read -> cast -> understand -> storyboard -> approval (pause)
   -> clean -> outpaint -> animate -> composite -> review -> assemble
        ^------------------ retakes -----------------'
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any
from typing import cast as cast_to

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Command, interrupt

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
from agents.workshop import Workshop

READING = {"ingest": ingest.run, "read": read.run, "cast": cast.run, "understand": understand.run,
           "storyboard": storyboard.run}  # fmt: skip
FILMING = {"clean": clean.run, "outpaint": outpaint.run, "animate": animate.run, "composite": composite.run,
           "review": review.run}  # fmt: skip
JOINING = {"assemble": assemble.run}  # `voice` will stand before it
Stage = Callable[[Workshop, State], State]
THREAD: RunnableConfig = {"configurable": {"thread_id": "film"}, "recursion_limit": 1000}


def build(checkpointer: SqliteSaver | None = None) -> CompiledStateGraph[State, Workshop, State, State]:
    """The route of a film."""
    route = StateGraph(State, context_schema=Workshop)
    for name, stage in {**READING, **FILMING, **JOINING}.items():
        route.add_node(name, _node(stage))
    route.add_node("approval", approval)
    names = [START, *READING, "approval", *FILMING]
    for name, following in pairwise(names):
        route.add_edge(name, following)
    route.add_conditional_edges("review", lambda state: "clean" if state.get("retakes") else "assemble")
    route.add_edge("assemble", END)
    return route.compile(checkpointer=checkpointer)


def approval(state: State) -> State:
    """Pause before the costly stages until somebody has seen the storyboard."""
    if state.get("approve") and not interrupt("the storyboard waits for approval"):
        return {"approve": True}
    return {"approve": False}


def follow(shop: Workshop, start: State | None) -> State:
    """Run the route from `start`, or on from its pause (None), and give the final state.

    Stopping at the pause, the state has `approve` still set. What happens is told through `shop.say`, not through
    LangGraph's own stream: that runs every stage in a thread, and Ctrl-C would wait for the stage to end.
    """
    with closing(sqlite3.connect(_checkpoints(shop.library.folder), check_same_thread=False)) as connection:
        graph = build(saver := SqliteSaver(connection))
        if start is not None:
            saver.delete_thread("film")  # the library is the truth: a run starts anew and finds what stands
        given: State | Command[Any] = start if start is not None else Command(resume=True)
        graph.invoke(given, THREAD, context=shop)
        return cast_to(State, graph.get_state(THREAD).values)


def _node(stage: Stage) -> Callable[..., State]:
    def node(state: State, runtime: Runtime[Workshop]) -> State:
        return stage(runtime.context, state)

    return node


def _checkpoints(folder: Path) -> Path:
    return folder / "graph.db"
