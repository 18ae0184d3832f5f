"""The catalogue of backends, and what it says of one that is not there."""

from __future__ import annotations

import pytest

from storage.errors import BackendError
from tools import backends


def test_the_folder_is_the_catalogue() -> None:
    assert backends.names("clean")[0] == "classic"
    assert {"still"} <= set(backends.names("animate"))


def test_every_backend_says_what_it_is_without_being_imported() -> None:
    for item in backends.listings():
        assert item.about.endswith("."), item
    assert {item.capability for item in backends.listings()} <= set(backends.CAPABILITIES)


def test_a_backend_is_made_once_for_its_settings() -> None:
    assert backends.load("animate", "still") is backends.load("animate", "still")


def test_a_backend_from_outside_has_a_dotted_path() -> None:
    assert type(backends.load("animate", "tests.outside.Drifting")).__name__ == "Drifting"


@pytest.mark.parametrize(
    ("name", "settings", "what"),
    [
        ("dreams", {}, "there is no animate backend named dreams"),
        ("tests.nowhere.Backend", {}, "there is no animate backend named tests.nowhere"),
        ("tests.outside.Backend", {}, "tests.outside has no Backend"),
        ("still", {"speed": 3}, "refuses its settings"),
    ],
)
def test_what_is_not_there_is_said_with_its_cure(name: str, settings: dict[str, object], what: str) -> None:
    with pytest.raises(BackendError, match=what) as refusal:
        backends.load("animate", name, **settings)
    assert refusal.value.hint
