"""Script the answers of a model that understands pages and plans shots, for tests over real HTTP."""

from __future__ import annotations

import json
from typing import Any

from tests.agents.planning.test_llm_planner import dutiful
from tests.loopback import Asked, Said


def understands(asked: Asked) -> bool:
    """Return whether a request asks what happens on a page."""
    return asked.name == "PageAnswer"


def rows(asked: Asked, name: str) -> list[dict[str, Any]]:
    """Return the rows of data that hold a field."""
    return [row for row in asked.data() if name in row]


def sense_of(asked: Asked, **more: Any) -> dict[str, Any]:
    """Return a sound answer about the page in a request."""
    panels = [row["panel"] for row in asked.data() if "panel" in row and "balloons" in row]
    answer = {
        "synopsis": "Somebody says hello.", "setting": "a street, morning", "mood": "calm", "story": "It has begun.",
        "kinds": ["dialogue"] * len(panels), "lines": [], "people": [], "repairs": [],
    }  # fmt: skip
    return {**answer, **more}


def page_reply(asked: Asked, **more: Any) -> Said:
    """Return the same answer as a reply of the server."""
    return Said(json.dumps(sense_of(asked, **more), ensure_ascii=False))


def willing(asked: Asked, number: int) -> Said:
    """Answer as a model that understands every page and gives every panel a shot of its own."""
    return page_reply(asked) if understands(asked) else dutiful(asked, number)
