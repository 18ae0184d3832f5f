"""Test that a connection tells apart, by status and type, how a request fails."""

from __future__ import annotations

import json

import pytest

from agents.llm.connection import Connection, ContextExceededError, RequestRefusedError, RetryableError
from storage.errors import ChatError
from tests.loopback import Said, always, serving

BODY = {"model": "scripted", "messages": [{"role": "user", "content": "hello"}]}


def failure(said: Said) -> Exception:
    with serving(always(said)) as there, pytest.raises(Exception) as caught:  # noqa: PT011  any of four
        Connection(there.server()).post(BODY)
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestRefusedError), (415, RequestRefusedError), (422, RequestRefusedError),
        (429, RetryableError), (500, RetryableError), (503, RetryableError),
        (401, ChatError), (404, ChatError), (501, ChatError),
    ],
)  # fmt: skip
def test_the_status_decides_what_may_be_done_about_it(status: int, kind: type[Exception]) -> None:
    error = failure(Said("sk-secret is not liked", status=status))
    assert isinstance(error, kind)
    assert error.status == status  # type: ignore[attr-defined]
    assert "sk-secret" not in str(error)


def test_a_context_that_is_exceeded_is_told_by_its_type() -> None:
    body = {"error": {"code": 400, "message": "m", "type": "exceed_context_size_error", "n_ctx": 512}}
    error = failure(Said(status=400, raw=json.dumps(body).encode()))
    assert isinstance(error, ContextExceededError)
    assert error.window == 512


def test_an_error_in_a_good_response_keeps_its_code() -> None:
    for body, status in ({"error": {"code": 404}}, 404), ({"error": "overloaded"}, 0), ({"error": {"code": "no"}}, 0):
        error = failure(Said(raw=json.dumps(body).encode()))
        assert isinstance(error, RetryableError)
        assert error.status == status


def test_nothing_is_opened_before_the_first_request() -> None:
    with serving(always("{}")) as there:
        connection = Connection(there.server())
        assert there.asked == []
        assert connection.post(BODY)["choices"]
