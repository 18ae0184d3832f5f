"""Test `doctor`: one line for each finding, and an exit status that says whether the default works."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agents.llm.model_facts import recall_facts
from main import main
from storage.domain import Made, PageImage, PageTranscript
from storage.library import Library
from storage.settings import Settings
from tests.agents.test_garbage import film
from tests.agents.test_repair import flip_bytes
from tests.loopback import always, serving, serving_text_only
from tests.speech_extra import HAS_VOICES


def test_a_sound_machine_passes_and_what_is_missing_names_its_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KOMADORI_MODEL", raising=False)
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    lines = {line.split()[1]: line for line in said.splitlines()}
    assert list(lines) == [
        "python", "packages", "ffmpeg", "reading", "voices", "disk", "gpu", "profile", "diffusers", "model",
    ]  # fmt: skip
    assert ("kokoro (" in lines["voices"]) is HAS_VOICES
    assert "50021" in lines["voices"], "an engine that is not there is named with its address"
    assert all(lines[name].startswith("✓") for name in ("python", "packages", "ffmpeg", "reading"))
    for name in ("gpu", "diffusers", "model"):
        assert lines[name].startswith("✓") or "the default needs none" in lines[name]
    assert lines["profile"].startswith("✓") or "cpu: the default" in lines["profile"]


@pytest.mark.parametrize(
    ("memory", "said"),
    [
        (0.0, "cpu: 0 GiB; 8gb needs 8 GiB"),
        (7.6, "8gb: 8 GiB; 12gb needs 12 GiB; "),
        (23.6, "24gb: 24 GiB; 48gb needs 48 GiB; "),
        (139.0, "80gb: 139 GiB; "),
    ],
)
def test_the_largest_profile_that_the_memory_carries_is_named_with_what_is_missing(
    memory: float, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    from commands import doctor

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(doctor, "_memory", lambda: (memory, f"{memory:.0f} GiB"))
    well, words = doctor._profile()
    assert words.startswith(said)
    assert well is (True if memory else None)
    assert ("main.py fetch --profile" in words) == bool(memory)


def test_a_machine_without_ffmpeg_fails_with_the_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FFMPEG_BINARY", "no-such-program")
    assert main(["doctor"]) == 2
    said = capsys.readouterr().out
    assert "✗  ffmpeg" in said
    assert "unset it" in said


def test_a_model_is_asked_what_it_can_do(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("KOMADORI_MODEL", "scripted")
    with serving(always("{}")) as there:
        monkeypatch.setenv("OPENAI_BASE_URL", there.url)
        assert main(["doctor"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "model" in line.split()[1:2]]
    assert "scripted at 127.0.0.1" in line
    assert "sees pictures; keeps a schema (json_schema)" in line
    for blind in (
        serving(always("{}"), probe=always('{"discs": 0, "colour": "none", "ground": "other"}')),
        serving_text_only(always("{}")),
    ):
        with blind as there:
            monkeypatch.setenv("OPENAI_BASE_URL", there.url)
            assert main(["doctor"]) == 0, "it can direct, by the words"
        assert "✓  model" in (said := capsys.readouterr().out)
        assert "SEES NO PICTURES" in said
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert main(["doctor"]) == 2
    assert "no connection" in capsys.readouterr().out


@pytest.mark.film
def test_doctor_finds_every_damaged_file_and_repairs_only_when_asked(
    filmed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = filmed / "chapter.komadori"
    first = film(project)
    harmed = sorted(project.glob("artifacts/??/*"))[::3]
    before = shutil.copytree(project / "artifacts", filmed / "before")
    for path in harmed:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    assert main(["doctor", str(project)]) == 2
    said = capsys.readouterr().out
    assert all(path.name[:12] in said for path in harmed)
    assert all(path.exists() for path in harmed)
    assert main(["doctor", str(project), "--repair"]) == 2
    assert not any(path.exists() for path in harmed)
    for path in harmed:  # a correction, which only a person can give again
        if (before / path.parent.name / path.name).read_bytes().startswith(b'{"index"'):
            shutil.copy(before / path.parent.name / path.name, path)
    assert film(project) == first


def test_a_project_s_own_model_is_asked_and_what_it_sees_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KOMADORI_MODEL", raising=False)
    project = tmp_path / "p.komadori"
    with Library.open(project, create=True) as library:
        library.set_settings(Settings(model="scripted"))
    for serves, sees in (serving_text_only(always("{}")), False), (serving(always("{}")), True):
        with serves as there:
            monkeypatch.setenv("OPENAI_BASE_URL", there.url)
            assert main(["doctor", str(project)]) == 0
            with Library.open(project, readonly=True) as library:
                assert recall_facts(library, there.server()).has_vision is sees


def test_a_file_that_cannot_be_read_is_named_as_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KOMADORI_MODEL", raising=False)
    project = tmp_path / "p.komadori"
    with Library.open(project, create=True) as library:
        kept = library.artifacts.keep(b"0123456789", "text/plain")
        path = library.artifacts.open(kept)
    path.unlink()
    path.mkdir()  # reading it fails, as on a failing disk
    assert main(["doctor", str(project)]) == 2
    assert kept.sha256[:12] in capsys.readouterr().out


def test_a_missing_correction_is_named_and_no_film_is_said_to_make_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KOMADORI_MODEL", raising=False)
    project = tmp_path / "p.komadori"
    with Library.open(project, create=True) as library:
        page = library.artifacts.keep(b"page", "image/png").sha256
        library.set_pages([PageImage(index=0, name="1.png", artifact=page, width=2, height=2)])
        reading = PageTranscript(index=0, image="1.png", width=2, height=2)
        correction = library.add_correction({page: reading}, author="hand", message="by hand")
        assert correction
        flip_bytes(library.artifacts.open(correction.pages[page]))
    assert main(["doctor", str(project), "--repair"]) == 2
    assert "the next film" not in capsys.readouterr().out
    main(["doctor", str(project)])
    said = capsys.readouterr().out
    assert "1 files made by correction" in said
    assert "the next film" not in said
    with Library.open(project) as library:
        stray = library.artifacts.keep(b"plate", "image/png")
        library.add_made("1", "outpaint", Made(artifacts={"plate": stray}))
        library.artifacts.remove([stray.sha256])
    main(["doctor", str(project)])
    assert "the next film makes again" in capsys.readouterr().out
