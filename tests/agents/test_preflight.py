"""Test that a model with a restricted licence runs only after the licence was accepted, wherever it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import preflight, run
from agents.editing import grammar, revise
from agents.scripting import checks, scripts
from storage import profiles
from storage.domain import AnimatePlan, ShotPlan
from storage.errors import BackendError, SettingsError
from storage.library import Library
from storage.settings import Backends, Settings

LTX = "Lightricks/LTX-Video"


def accepting(tmp_path: Path, *models: str) -> Settings:
    (tmp_path / "mine.toml").write_text(f"accepts = {[*models]}\n")
    return profiles.load_profile(str(tmp_path / "mine.toml")).apply_to(Settings())


def by_ltx(plan: ShotPlan) -> ShotPlan:
    options = plan.render_options.model_copy(update={"animate": AnimatePlan(backend="ltx_i2v")})
    return plan.model_copy(update={"render_options": options})


def test_a_shot_that_names_such_a_backend_is_refused_until_a_profile_accepts_its_model(
    filmed: Path, tmp_path: Path
) -> None:
    project = filmed / "chapter.komadori"
    asked = [grammar.parse_line("shot 3 animate ltx_i2v")]
    with pytest.raises(SettingsError) as refused:
        revise.revise(project, asked)
    assert refused.value.what.startswith("shot 3: ltx_i2v takes Lightricks/LTX-Video, under ltx-video-open-weights")
    assert f'accepts = ["{LTX}"]' in refused.value.hint
    with Library.open(project) as library:
        with pytest.raises(SettingsError, match="not free"):
            revise.preview_edits(library, asked)
        assert library.shots()[2].render_options.animate.backend is None, "nothing came of it"
        library.set_settings(accepting(tmp_path, LTX))
    with pytest.raises(BackendError, match="the weights of Lightricks/LTX-Video are not on this machine"):
        revise.revise(project, asked)
    with Library.open(project, readonly=True) as library:
        plans = [by_ltx(plan) for plan in library.shots()[2:3]]
        assert library.shots()[2].render_options.animate.backend is None
    with pytest.raises(SettingsError, match="shot 3: ltx_i2v"):
        preflight.refuse_plans(Settings(), plans)


def test_a_free_backend_and_a_model_in_a_folder_need_nobodys_word(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="weights of Wan-AI"):
        preflight.refuse_edits(Settings(), [grammar.parse_line("shot 3 animate wan_i2v")])
    preflight.refuse_edits(Settings(), [grammar.parse_line("shot 3 animate still")])
    preflight.refuse_edits(
        Settings(), [grammar.parse_line("shot 3 animate default"), grammar.parse_line("shot 3 lock")]
    )
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "config.json").write_text("{}")
    own = Settings(options={"animate.svd": {"model": str(tmp_path)}})
    preflight.refuse_edits(own, [grammar.parse_line("shot 3 animate svd")])
    strange = Settings(options={"animate.wan_i2v": {"model": "somebody/wan-tuned"}})
    with pytest.raises(SettingsError, match="under no known licence"):
        preflight.refuse_edits(strange, [grammar.parse_line("film animate wan_i2v")])


def test_settings_that_come_past_every_profile_are_refused_too(filmed: Path) -> None:
    project = filmed / "chapter.komadori"
    with pytest.raises(SettingsError, match="svd takes stabilityai"):
        run.animate(project, Settings(backends=Backends(animate="svd")), run.RunOptions())


def test_a_script_is_refused_before_it_makes_anything(tmp_path: Path, chapter: Path) -> None:
    (tmp_path / "film.toml").write_text('source = "chapter"\nedits = ["shot 1 animate svd"]\n')
    with pytest.raises(SettingsError, match="svd takes"):
        checks.check_script(scripts.load_script(tmp_path / "film.toml"))


def test_what_a_profile_accepts_goes_with_its_roles(tmp_path: Path) -> None:
    text = f'accepts = ["{LTX}"]\n[animate]\nbackend = "ltx_i2v"\n[outpaint]\nbackend = "flux_fill"\naccepted = true\n'
    (tmp_path / "mine.toml").write_text(text)
    applied = profiles.load_profile(str(tmp_path / "mine.toml")).apply_to(Settings())
    assert applied.accepted == (LTX, "black-forest-labs/FLUX.1-Fill-dev")
    with pytest.raises(BackendError):  # the licence is accepted, the weights are not there
        preflight.refuse_settings(applied)
    assert profiles.load_profile("24gb").apply_to(applied).accepted == ()


def test_all_weights_that_a_profile_lacks_are_named_at_once_with_the_command_that_fetches_them() -> None:
    with pytest.raises(BackendError) as refused:
        preflight.refuse_settings(profiles.load_profile("8gb").apply_to(Settings()))
    for name in (
        "stable-diffusion-xl-1.0-inpainting-0.1",
        "h94/IP-Adapter:sdxl_models and",
        "Wan2.1-VACE-1.3B-diffusers",
    ):
        assert name in refused.value.what
    assert refused.value.hint == "fetch them: python main.py fetch --profile 8gb"
    own = Settings(options={"outpaint.sdxl_inpaint": {"adapter": "h94/IP-Adapter@abc:sdxl_models"}})
    with pytest.raises(BackendError) as refused:
        preflight.refuse_settings(own.model_copy(update={"backends": Backends(outpaint="sdxl_inpaint")}))
    assert refused.value.hint.endswith("1.0-inpainting-0.1 h94/IP-Adapter@abc:sdxl_models")


def test_a_lora_is_asked_for_wherever_it_is_named() -> None:
    strange = Settings(options={"animate.wan_i2v": {"lora": "somebody/nc-lora"}})
    with pytest.raises(SettingsError, match="wan_i2v takes somebody/nc-lora, under no known licence"):
        preflight.refuse_edits(strange, [grammar.parse_line("film animate wan_i2v")])
