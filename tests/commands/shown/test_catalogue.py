"""`show backends`: what is ready, what lacks what, and how to get it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands.shown.catalogue import models_of
from main import main
from storage.profiles import licences
from tools import backends

DRAWING = ("clean", "outpaint", "animate")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert main(["show", "backends"]) == 0
    return capsys.readouterr().out.splitlines()


def test_every_backend_has_its_line_and_the_default_ones_are_ready(told: list[str]) -> None:
    lines = {tuple(line.split()[:2]): line for line in told}
    for item in backends.listings():
        assert item.about in lines[item.capability, item.name]
    for capability, name in (("clean", "classic"), ("outpaint", "extend"), ("animate", "still")):
        assert re.match(rf"{capability} +{name} +ready", lines[capability, name])


def test_weights_that_are_not_here_are_named_with_their_licence_and_the_command_that_brings_them(
    told: list[str],
) -> None:
    for item in backends.listings():
        if item.capability not in DRAWING or not models_of(item):
            continue
        model = models_of(item)[0]
        (line,) = [line for line in told if line.split()[:2] == [item.capability, item.name]]
        assert "no weights" in line
        assert licences.known()[model].licence in line, f"{model} has no line in storage/profiles/models.toml"
        assert any(line.endswith(f"main.py fetch {' '.join(models_of(item))}") for line in told)
        assert licences.taken_by(item.name) == model


def test_a_backend_that_lacks_packages_says_how_they_come() -> None:
    from commands.shown.catalogue import _cure

    lacking = backends.Listing("animate", "wan_i2v", "x.", ("torch",), ("torch",))
    assert _cure(lacking) == "pip install -e '.[gpu]'"
    assert _cure(backends.Listing("transcribe", "magi3", "x.", ("torch",), ("torch",))) == "pip install -e '.[magi]'"
