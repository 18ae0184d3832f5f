"""Test that settings are kept from command to command, and that each backend gets its own options."""

from __future__ import annotations

from storage.settings import MagiConsent, Settings


def test_settings_of_before_there_was_a_field_are_still_read() -> None:
    assert Settings.model_validate({"order": "rtl", "backends": {"clean": "classic"}}).cast == ""


def test_a_backend_gets_its_own_options_and_magi_the_consent() -> None:
    settings = Settings(
        options={"transcribe.magi2": {"device": "cpu"}, "animate.still": {"speed": 2}},
        magi=MagiConsent(model="/models/magi", licence_accepted=True),
    )
    assert settings.options_of("animate", "still") == {"speed": 2}
    assert settings.options_of("likeness", "magi2") == {
        "model": "/models/magi", "revision": "", "licence_accepted": True
    }  # fmt: skip
    assert settings.options_of("transcribe", "magi2") == {
        "model": "/models/magi",
        "revision": "",
        "licence_accepted": True,
        "device": "cpu",
    }
    assert Settings.model_validate(settings.model_dump(mode="json")) == settings
