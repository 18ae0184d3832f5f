"""Test that events and messages are stored in order and complete."""

from __future__ import annotations

from datetime import UTC

from storage.library import Library


def test_events_come_in_order_and_after_the_last_one_seen(library: Library) -> None:
    library.add_event("ingest", "begin")
    library.add_event("ingest", "done", "3 pages", pages=3, seconds=0.25, source="a.cbz", last=None)
    library.add_event("read", "begin")
    events = library.events()
    assert [(event.stage, event.kind) for event in events] == [
        ("ingest", "begin"),
        ("ingest", "done"),
        ("read", "begin"),
    ]
    assert events[1].text == "3 pages"
    assert events[1].facts == {"pages": 3, "seconds": 0.25, "source": "a.cbz", "last": None}
    assert events[0].created.tzinfo is UTC
    assert library.events(after=events[1].id) == events[2:]
    assert library.events(kinds=["done", "failed"]) == events[1:2]
    assert library.events(kinds=[]) == ()


def test_a_conversation_is_remembered(library: Library) -> None:
    library.add_message("user", "slower, please\n…")
    library.add_message("assistant", "Shots s003 and s004 now last 4 s.")
    assert [(turn.role, turn.text) for turn in library.messages()] == [
        ("user", "slower, please\n…"),
        ("assistant", "Shots s003 and s004 now last 4 s."),
    ]


def test_the_last_event_is_a_place_to_look_from(library: Library) -> None:
    assert library.last_event() == 0
    library.add_event("clean", "made")
    since = library.last_event()
    library.add_event("clean", "made", "s002")
    assert [event.text for event in library.events(since)] == ["s002"]
