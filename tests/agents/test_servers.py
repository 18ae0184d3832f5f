"""Which server the environment names: a wish to ask a model is said, never guessed."""

from __future__ import annotations

from agents.servers import OPENAI, Server, configured


def test_a_model_is_configured_by_its_name_and_an_address_or_a_key() -> None:
    assert configured(environment={}) is None
    assert configured(environment={"OPENAI_API_KEY": "sk"}) is None, "a key that lies about is no wish to spend money"
    assert configured(environment={"KOMADORI_MODEL": "m"}) is None
    local = configured(environment={"KOMADORI_MODEL": "m", "OPENAI_BASE_URL": "http://127.0.0.1:8080/v1"})
    assert local == Server("m", "http://127.0.0.1:8080/v1")
    hosted = configured(environment={"KOMADORI_MODEL": " m ", "OPENAI_API_KEY": "sk"})
    assert hosted == Server("m", OPENAI, "sk")
    assert configured("of the film", {"KOMADORI_MODEL": "m", "OPENAI_API_KEY": "sk"}) == Server(
        "of the film", OPENAI, "sk"
    )


def test_a_server_is_shown_without_its_key() -> None:
    there = Server("m", "https://models.example.org/v1", "sk-secret")
    assert there.host == "models.example.org"
    assert "secret" not in repr(there)
