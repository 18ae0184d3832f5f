"""Test the dry run: it uses measurements where there are any, rules of thumb elsewhere, and makes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agents import run
from agents.estimates.dry_run import estimate
from agents.profiles import models_needed
from storage import profiles
from storage.domain import VideoFormat
from storage.errors import SettingsError, SourceError, WeightsMissing
from storage.library import Library
from storage.settings import Backends, Settings
from tests.conftest import SMALL, transcript_of
from tests.program import print_of

TINY = Settings(screen=SMALL, preset="ultrafast", crf=30)


def lines(project: Path, settings: Settings, wishes: run.RunOptions) -> dict[str, str]:
    return {line[:10].strip(): line[10:] for line in estimate(project, settings, wishes)}


def test_a_new_book_is_guessed_and_no_project_is_made(finished: Path, tmp_path: Path) -> None:
    told = lines(tmp_path / "new.komadori", Settings(pages="2"), run.RunOptions(finished / "chapter"))
    assert told["book"] == "chapter: 1 of its 2 pages"
    assert "(new)" in told["project"]
    assert told["to read"] == "1 pages"
    assert "1920 x 1080" in told["to film"]
    assert "by rule of thumb" in told["time"]
    assert "none" in told["money"]
    assert "classic" in told["read by"]
    assert not (tmp_path / "new.komadori").exists()


def test_pages_read_by_hand_need_no_reading(finished: Path, tmp_path: Path) -> None:
    wishes = run.RunOptions(finished / "chapter", corrections=transcript_of(1))  # of two pages
    assert lines(tmp_path / "new.komadori", Settings(), wishes)["to read"] == "1 pages"


def test_a_finished_film_costs_nothing_and_is_not_touched(finished: Path) -> None:
    before = print_of(finished)
    told = lines(finished / "chapter.komadori", TINY, run.RunOptions(finished / "chapter"))
    assert told["to read"] == "0 pages"
    assert told["to film"].startswith("nothing")
    assert "8 shots are planned, 8 of them stand" in told["project"]
    assert print_of(finished) == before


def test_another_picture_is_filmed_anew_at_the_pace_measured_here(finished: Path) -> None:
    larger = TINY.model_copy(update={"screen": VideoFormat(width=640, height=360, fps=12)})
    told = lines(finished / "chapter.komadori", larger, run.RunOptions(finished / "chapter"))
    assert told["to read"] == "0 pages"
    assert told["to film"].startswith("8 shots")
    assert "as measured" in told["time"]


def test_what_the_command_would_refuse_the_estimate_refuses(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        estimate(tmp_path / "new.komadori", Settings(), run.RunOptions(tmp_path / "nowhere"))


def test_several_takes_of_each_shot_are_counted(finished: Path, tmp_path: Path) -> None:
    moving, wishes = Backends(animate="tests.outside.Drifting"), run.RunOptions(finished / "chapter")
    one, three = (
        lines(tmp_path / "new.komadori", Settings(director="rules", backends=moving, best_of=takes), wishes)
        for takes in (1, 3)
    )
    assert "takes" not in one["to film"]
    assert "the best of 3 takes of each" in three["to film"]
    assert one["time"] != three["time"]


def test_what_a_profile_would_take_is_told_before_its_weights_are_fetched(finished: Path, tmp_path: Path) -> None:
    wanted = profiles.load_profile("24gb").apply_to(TINY)
    told = lines(tmp_path / "new.komadori", wanted, run.RunOptions(finished / "chapter"))
    named = {model.part for model in models_needed(profiles.load_profile("24gb"))}
    assert {name for name in named if name in told["missing"]} == named
    assert told["missing"].endswith("python main.py fetch --profile 24gb")
    assert "models that draw take longer" in told["time"]
    known = lines(finished / "chapter.komadori", wanted, run.RunOptions(finished / "chapter"))
    assert known["to film"].startswith("8 shots")
    assert "missing" in known
    with pytest.raises(WeightsMissing):
        run.check_run(wanted, run.RunOptions(finished / "chapter"))
    with pytest.raises(SettingsError, match="not free"):
        run.check_run(Settings(backends=Backends(animate="svd")), run.RunOptions(finished / "chapter"), planning=True)


def test_a_film_whose_weights_are_gone_is_counted_as_if_nothing_stood(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished / "chapter.komadori", tmp_path / "chapter.komadori")
    wanted = profiles.load_profile("24gb").apply_to(TINY)
    with Library.open(tmp_path / "chapter.komadori") as library:
        library.set_settings(wanted)
    told = lines(tmp_path / "chapter.komadori", wanted, run.RunOptions(finished / "chapter"))
    assert told["project"].endswith("8 shots are planned, 0 of them stand, as far as can be told without the weights")
    assert told["to film"].startswith("8 shots")


def test_what_a_profile_would_take_is_told_without_its_packages_too(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*packages: str) -> None:
        raise ModuleNotFoundError(name="torch")

    monkeypatch.setattr("tools.diffusion.pipelines.require", missing)
    wanted = profiles.load_profile("80gb").apply_to(TINY)
    found = estimate(tmp_path / "new.komadori", wanted, run.RunOptions(finished / "chapter"))
    at = next(number for number, line in enumerate(found) if line.startswith("missing"))
    assert found[at].endswith("needs the package torch: pip install -e '.[gpu]'")
    assert "Wan2.2-I2V-A14B-Diffusers are not on this machine" in found[at + 1]
