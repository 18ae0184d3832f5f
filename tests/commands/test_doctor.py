"""What the machine has: every finding in a line of its own, and a status that says whether the default works."""

from __future__ import annotations

import pytest

from main import main


def test_a_sound_machine_passes_and_what_is_missing_names_its_cure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    lines = {line.split()[1]: line for line in said.splitlines()}
    assert list(lines) == ["python", "packages", "ffmpeg", "reading", "disk", "gpu", "diffusers"]
    assert all(lines[name].startswith("✓") for name in ("python", "packages", "ffmpeg", "reading"))
    for name in ("gpu", "diffusers"):
        assert lines[name].startswith("✓") or "the default needs none" in lines[name]


def test_a_machine_without_ffmpeg_fails_with_the_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", "no-such-program")
    assert main(["doctor"]) == 2
    said = capsys.readouterr().out
    assert "✗  ffmpeg" in said
    assert "unset it" in said
