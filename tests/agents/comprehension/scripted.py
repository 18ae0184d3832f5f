"""Script the answers of a model that understands pages and plans shots, for tests over real HTTP."""

from __future__ import annotations

import json
from typing import Any

from tests.agents.planning.test_llm_planner import dutiful
from tests.loopback import Asked, Said


def understands(asked: Asked) -> bool:
    """Whether it is asked what happens on a page."""
    return asked.name == "PageAnswer"


def rows(asked: Asked, name: str) -> list[dict[str, Any]]:
    """The rows of data that hold this."""
    return [row for row in asked.data() if name in row]


def sense_of(asked: Asked, **more: Any) -> dict[str, Any]:
    """A sound answer about the page that is asked about."""
    panels = [row["panel"] for row in asked.data() if "panel" in row and "balloons" in row]
    answer = {
        "synopsis": "Somebody says hello.", "setting": "a street, morning", "mood": "calm", "story": "It has begun.",
        "kinds": ["dialogue"] * len(panels), "lines": [], "people": [], "repairs": [],
    }  # fmt: skip
    return {**answer, **more}


def told(asked: Asked, **more: Any) -> Said:
    """The same, as it is sent."""
    return Said(json.dumps(sense_of(asked, **more), ensure_ascii=False))


def willing(asked: Asked, number: int) -> Said:
    """A model that understands every page and gives every panel a shot of its own."""
    return told(asked) if understands(asked) else dutiful(asked, number)
