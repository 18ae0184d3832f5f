"""Test that a model chooses effects from a closed vocabulary, and only in the picture of its shot."""

from __future__ import annotations

from typing import Any

import pytest

from agents.planning.tool_options import ToolOptions
from storage.domain import MotionEffect
from storage.effects import EffectKind
from tests.agents.planning.layouts import page_of
from tests.agents.planning.test_llm_planner import GRID, SPOKEN, shot
from tests.agents.planning.test_tool_options import offered, peopled, planned


def chosen(**said: Any) -> tuple[MotionEffect, ...]:
    """Return the effects of the first shot, of panel 1."""
    return planned(ToolOptions(), shot(1, **said), shot(2), shot(3), shot(4))[0].render_options.effects


def test_every_kind_is_on_offer_and_none_is_usual() -> None:
    words = offered(ToolOptions(), 2)
    assert words["effect"] == ["none", *EffectKind.__args__]  # type: ignore[attr-defined]
    assert {"effect_box", "effect_person"} <= set(words)
    assert "effect_person" not in offered(ToolOptions())
    assert chosen() == ()


def test_an_effect_is_on_the_panel_on_a_box_or_on_a_person() -> None:
    page = peopled(page_of(GRID, SPOKEN))
    panel = page.panels[0].box
    assert chosen(effect="rain") == (MotionEffect(kind="rain"),)
    assert chosen(effect="impact") == (MotionEffect(kind="impact", at=0.0),)
    whole = [panel.x0 / page.width, panel.y0 / page.height, panel.x1 / page.width, panel.y1 / page.height]
    (there,) = chosen(effect="boil", effect_box=whole)
    assert there.box == pytest.approx(panel)
    (sways,) = chosen(effect="sway", effect_person=2)
    assert sways.box == page.characters[0].box, "mika is the second by name"


def test_an_impact_has_no_place() -> None:
    assert chosen(effect="impact", effect_box=[0.6, 0.1, 0.8, 0.2]) == (MotionEffect(kind="impact", at=0.0),)
    assert chosen(effect="impact", effect_person=2) == (MotionEffect(kind="impact", at=0.0),)


@pytest.mark.parametrize(
    "said",
    [
        {"effect": "explode"},
        {"effect": ["rain"]},
        {"effect": None, "effect_box": [0, 0, 1, 1]},
        {"effect": "rain", "effect_box": [0.99, 0.99, 1.0, 1.0]},
        {"effect": "none", "effect_person": 1},
        *(
            {"effect": "rain", "effect_box": box}
            for box in ([0, 0, 1], [1, 1, 0, 0], ["0", 0, 1, 1], [0, 0, 2, 2], "x")
        ),
    ],
)
def test_what_is_no_effect_or_has_no_place_is_none(said: dict[str, Any]) -> None:
    assert chosen(**said) == ()


@pytest.mark.parametrize("box", [None, []])
def test_no_box_is_the_whole_panel(box: object) -> None:
    assert chosen(effect="snow", effect_box=box, effect_person=99) == (MotionEffect(kind="snow"),)
