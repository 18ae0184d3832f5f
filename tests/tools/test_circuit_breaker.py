"""Test that a server that fails again and again is not asked for a while."""

from __future__ import annotations

import pytest

from storage.errors import ServerError
from tests.tools.speech.voice_server import Reply, replies, voice_server
from tests.tools.test_http_server import server_at
from tools.circuit_breaker import MOST_FAILURES, REST_SECONDS


def test_a_server_that_fails_again_and_again_rests_and_is_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [0.0]
    broken, works = Reply(status=500), Reply(b"sound")
    with voice_server(replies(*[broken] * MOST_FAILURES, works)) as there:
        server = server_at(there.url, tries=1)
        monkeypatch.setattr(server._breaker, "_clock", lambda: seconds[0])
        for _ in range(10):
            with pytest.raises(ServerError) as failed:
                server.get("/")
        assert (failed.value.reason, failed.value.status) == ("failed", 500)
        assert len(there.requests) == MOST_FAILURES
        seconds[0] = REST_SECONDS
        assert server.get("/") == b"sound"
        assert server.get("/") == b"sound"


def test_a_line_that_is_refused_stops_no_other_line_and_a_refused_key_does() -> None:
    for status, count in ((400, 6), (401, MOST_FAILURES)):
        with voice_server(replies(Reply(status=status))) as there:
            server = server_at(there.url)
            for _ in range(6):
                with pytest.raises(ServerError):
                    server.get("/")
        assert len(there.requests) == count
