"""Test that a server that is dead, slow, endless or broken becomes an error with its reason."""

from __future__ import annotations

import socket

import pytest

from storage.errors import ServerError, SettingsError
from tests.tools.speech.voice_server import Reply, replies, voice_server
from tools.http_server import HttpServer, is_near


def server_at(url: str, **how: float) -> HttpServer:
    return HttpServer(url, "a server", "sk-secret", **{"seconds": 5.0, "first_wait": 0.01, **how})  # type: ignore[arg-type]


def failure(script: Reply, **how: float) -> ServerError:
    with voice_server(replies(script)) as there, pytest.raises(ServerError) as failed:
        server_at(there.url, **how).post("/speech", body={"input": "Hello"})
    return failed.value


def test_an_answer_is_its_bytes() -> None:
    with voice_server(replies(Reply(b"sound"))) as there:
        assert server_at(there.url).post("/speech", query={"speaker": "3 & 4"}, body={"input": "Hello"}) == b"sound"
        assert server_at(there.url).get("/voices") == b"sound"
    post, get = there.requests
    assert (post.method, post.path, post.query, post.body) == (
        "POST",
        "/speech",
        {"speaker": "3 & 4"},
        {"input": "Hello"},
    )
    assert (get.method, get.path) == ("GET", "/voices")
    assert post.headers["authorization"] == "Bearer sk-secret"


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ServerError) as failed:
            server_at(url).get("/")
    assert failed.value.reason == "unreachable"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(delay=1.0), "late"),
        (Reply(bytes(100), delay=0.1, drip=100), "late"),
        (Reply(bytes(100), cut=True), "broken"),
        (Reply(b"no such voice", status=400), "refused"),
        (Reply(status=401), "refused"),
        (Reply(status=503), "failed"),
        (Reply(status=302, headers={"location": "http://127.0.0.1:1/"}), "refused"),
    ],
)
def test_each_way_to_fail_has_its_reason(reply: Reply, reason: str) -> None:
    assert failure(reply, seconds=0.4).reason == reason


def test_an_endless_answer_is_cut() -> None:
    assert failure(Reply(bytes(65_536), endless=True), max_bytes=1_000_000).reason == "endless"


def test_a_busy_server_is_asked_again_and_a_refusal_is_not() -> None:
    with voice_server(replies(Reply(status=503), Reply(status=429), Reply(b"sound"))) as there:
        assert server_at(there.url).get("/") == b"sound"
    with voice_server(replies(Reply(status=422), Reply(b"sound"))) as once, pytest.raises(ServerError) as refused:
        server_at(once.url).get("/")
    assert (len(there.requests), len(once.requests)) == (3, 1)
    assert refused.value.status == 422


def test_a_server_that_stays_busy_is_given_up() -> None:
    with voice_server(replies(Reply(status=503))) as there, pytest.raises(ServerError):
        server_at(there.url, tries=2).get("/")
    assert len(there.requests) == 2


def test_the_key_is_never_shown() -> None:
    error = failure(Reply(b"the key sk-secret is wrong", status=403))
    assert "sk-secret" not in f"{error}{server_at('http://127.0.0.1:1')!r}"


@pytest.mark.parametrize("url", ["", "127.0.0.1:50021", "file:///etc/passwd", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        HttpServer(url, "a server")


@pytest.mark.parametrize(
    ("host", "near"), [("localhost", True), ("192.168.0.7", True), ("nas", True), ("api.openai.com", False)]
)
def test_servers_of_this_network_are_near(host: str, near: bool) -> None:
    assert is_near(host) is near
