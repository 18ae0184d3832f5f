"""Test what layers hold by their names, in English and Japanese, and by their order where names say nothing."""

from __future__ import annotations

import pytest

from tools.ingest.layer_names import LayerRole, role_of_name, role_of_names, roles_by_order


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("BG", "ground"), ("bg_02 copy", "ground"), ("Background sky", "ground"),
        ("背景", "ground"), ("背景線画", "ground"), ("遠景トーン", "ground"), ("Character 1", "figure"),
        ("人物線", "figure"),
        ("キャラ塗り", "figure"), ("キャラ", "figure"), ("前景", "figure"),
        ("Balloons", "balloon"), ("フキダシ 3", "balloon"),
        ("吹き出し", "balloon"), ("TEXT", "lettering"), ("セリフ", "lettering"), ("写植", "lettering"),
        ("効果音", "lettering"), ("コマ枠", "frame"), ("枠線", "frame"), ("Frame 1", "frame"),
        ("人物のフキダシ", "balloon"),
        ("コマ 1", None), ("Layer 3", None), ("レイヤー 12", None), ("tone", None), ("トーン", None), ("", None),
        ("battle", None), ("feedback", None),
    ],
)  # fmt: skip
def test_a_name_says_what_a_layer_holds(name: str, role: LayerRole | None) -> None:
    assert role_of_name(name) == role


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis"])
def test_a_name_that_was_read_in_a_wrong_encoding_still_says_it(encoding: str) -> None:
    assert role_of_name("人物".encode(encoding).decode("mac_roman")) == "figure"


def test_a_layer_goes_by_the_nearest_name() -> None:
    assert role_of_names(["Layer 1", "人物", "コマ 1"]) == "figure"
    assert role_of_names(["背景", "人物"]) == "ground"
    assert role_of_names(["Layer 1", "コマ 1"]) is None


def test_layers_without_a_telling_name_go_with_the_one_below() -> None:
    assert roles_by_order([None, "ground", None, "figure", None, "lettering", None]) == [
        "ground", "ground", "ground", "figure", "figure", "lettering", "lettering",
    ]  # fmt: skip
    assert roles_by_order([]) == []
