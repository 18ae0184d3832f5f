"""Test which server the environment names: it is never guessed."""

from __future__ import annotations

import pytest

from agents.llm.prices import FREE, Price
from agents.llm.servers import HOSTED_WINDOW, OPENAI, Server, configured_server
from storage.errors import SettingsError


def test_a_model_is_configured_by_its_name_and_an_address_or_a_key() -> None:
    assert configured_server(environment={}) is None
    assert configured_server(environment={"OPENAI_API_KEY": "sk"}) is None, (
        "a key that lies about is no wish to spend money"
    )
    assert configured_server(environment={"KOMADORI_MODEL": "m"}) is None
    local = configured_server(environment={"KOMADORI_MODEL": "m", "OPENAI_BASE_URL": "http://127.0.0.1:8080/v1"})
    assert local == Server("m", "http://127.0.0.1:8080/v1")
    hosted = configured_server(environment={"KOMADORI_MODEL": " m ", "OPENAI_API_KEY": "sk"})
    assert hosted == Server("m", OPENAI, "sk", window=HOSTED_WINDOW)
    assert configured_server("of the film", {"KOMADORI_MODEL": "m", "OPENAI_API_KEY": "sk"}) == Server(
        "of the film", OPENAI, "sk", window=HOSTED_WINDOW
    )


def test_a_server_is_shown_without_its_key() -> None:
    there = Server("m", "https://models.example.org/v1", "sk-secret")
    assert there.host == "models.example.org"
    assert "secret" not in repr(there)


NAMED = {"KOMADORI_MODEL": "m", "OPENAI_API_KEY": "sk"}


def test_how_long_and_how_often_at_once_it_is_asked_may_be_said() -> None:
    usual, slow = (
        configured_server(environment=NAMED),
        configured_server(environment={**NAMED, "KOMADORI_TIMEOUT": "1200"}),
    )
    assert usual
    assert slow
    assert (usual.patience.seconds, slow.patience.seconds) == (300, 1200)
    alone = configured_server(environment={**NAMED, "KOMADORI_TOGETHER": " 1 "})
    assert alone
    assert (usual.max_parallel, alone.max_parallel) == (4, 1)


def test_what_it_costs_and_how_much_it_takes_may_be_said() -> None:
    near = {"KOMADORI_MODEL": "mine", "OPENAI_BASE_URL": "http://127.0.0.1:4000/v1"}
    assert (free := configured_server(environment=near))
    assert free.price == FREE
    more = {"KOMADORI_PRICE": "2.50/10", "KOMADORI_WINDOW": "16384", "KOMADORI_ANSWER": "3000"}
    assert (dear := configured_server(environment={**near, **more}))
    assert dear.price == Price(2.5, 10)
    assert (dear.window, dear.answer) == (16_384, 3000)


@pytest.mark.parametrize("said", ["cheap", "3", "1/2/3", "-1/2", "nan/1", "1/inf"])
def test_what_is_no_price_is_said(said: str) -> None:
    with pytest.raises(SettingsError, match="KOMADORI_PRICE"):
        configured_server(environment={**NAMED, "KOMADORI_PRICE": said})


@pytest.mark.parametrize("name", ["KOMADORI_TIMEOUT", "KOMADORI_TOGETHER", "KOMADORI_WINDOW", "KOMADORI_ANSWER"])
@pytest.mark.parametrize("said", ["soon", "0", "-3", "1e9", "99999999999999999999"])
def test_what_is_no_number_there_is_said_with_its_name(name: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        configured_server(environment={**NAMED, name: said})
    assert name in caught.value.what
    assert name in caught.value.hint
