"""Test that the faults of a script are reported before anything is made, with line and hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.scripting import checks, scripts
from storage.errors import KomadoriError
from tests.agents.scripting.test_production import room
from tests.conftest import transcript_of

__all__ = ["room"]


def test_what_cannot_be_is_refused_before_anything_is_made(room: Path) -> None:
    (room / "broken").mkdir()
    (room / "broken" / "mika.png").write_bytes(b"no picture")
    other = transcript_of(1).model_dump_json().replace("001.png", "cover.png")
    (room / "other.json").write_text(other, encoding="utf-8")
    for text, what in {
        'source = "nowhere"\n': "nowhere", "": "names no source",
        'source = "chapter"\naspects = ["16:9", "9:16"]\noutput = "film.mp4"\n': "films of 2 aspects would go to",
        'source = "chapter"\naspects = ["9:1"]\n': "too narrow",
        'source = "chapter"\ntranscript = "film.toml"\n': "film.toml:2: .*Invalid JSON",
        'source = "chapter"\n[settings]\ncolour = 1\n': "film.toml:3: there is no setting colour",
        'source = "chapter"\n[settings]\n\nvoice = "nobody"\n': "film.toml:4: there is no speak backend",
        'source = "chapter"\n[settings]\nvoice_fallback = "nobody"\n': "film.toml:3: there is no speak backend",
        'source = "chapter"\n[settings]\nvoice = "no/where"\n': "film.toml:3: there is no folder",
        'source = "chapter"\n[settings]\nsounds = "nowhere"\n': "film.toml:3: there is no folder",
        'source = "chapter"\n[settings]\nloudness = -99\n': "film.toml:3: loudness",
        'source = "chapter"\n\nprofile = "nowhere"\n': "film.toml:3: there is no profile",
        'source = "chapter"\npages = "9"\n': "film.toml:2: pages",
        'source = "chapter"\ncast = "nowhere"\n': "film.toml:2: the cast folder",
        'source = "chapter"\ncast = "broken"\n': r"film.toml:2: .*mika\.png",
        'source = "chapter"\n\ntranscript = "other.json"\n': r"film.toml:3: .*cover\.png",
        'source = "chapter"\nedits = ["film aspect 1:1"]\n': "film.toml:2: a script frames for all",
        'source = "chapter"\naspects = ["16:9", "1:1"]\n[[export]]\nwhat = ["srt"]\nto = "x"\n': "film.toml:5: the exp",
    }.items():  # fmt: skip
        (room / "film.toml").write_text(text)
        with pytest.raises(KomadoriError, match=what):
            checks.check_script(scripts.load_script(room / "film.toml"))


def test_edits_are_tried_on_the_plan_that_stands(filmed: Path) -> None:
    head = 'source = "chapter"\ntranscript = "transcript.json"\nfps = 12\nheight = 180\n'

    def tried(edits: str, more: str = "") -> bool:
        (filmed / "film.toml").write_text(f'{head}project = "chapter.komadori"\nedits = [\n{edits}]\n{more}')
        return checks.try_on_current_plan(scripts.load_script(filmed / "film.toml"))

    assert tried('"shot 3 drop",\n"shot 3 restore",\n')
    with pytest.raises(KomadoriError, match=r"film.toml:8: there is no shot 99"):
        tried('"shot 3 lock",\n"shot 99 slower",\n')
    with pytest.raises(KomadoriError, match=r"film.toml:7: .*no such file"):
        tried("""'shot 3 refs "gone.png"',\n""")
    with pytest.raises(KomadoriError, match=r"film.toml:7: .*no such file"):
        tried('"shot 3 sound door.wav",\n')
    (filmed / "door.wav").write_bytes(b"not looked at yet")
    assert tried('"shot 3 sound door.wav",\n"shot 3 sound door.wav none",\n"film music door.wav",\n')
    with pytest.raises(KomadoriError, match=r"film.toml:7: "):
        tried('"page 1 delete panel 77",\n')
    assert not tried('"page 1 swap panels 2 3",\n"shot 99 slower",\n'), "it is planned anew then"
    assert not tried('"shot 99 slower",\n', 'style = "calm"\n'), "another style is another plan"
    (filmed / "new.toml").write_text('source = "chapter"\nproject = "new.komadori"\nedits = ["shot 99 slower"]\n')
    assert not checks.try_on_current_plan(scripts.load_script(filmed / "new.toml"))
