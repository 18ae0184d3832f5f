"""Test that --profile turns a name or a file into settings, checked against the backends that exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.profiles import apply_profile, check_profile, models_needed
from commands.cli.arguments import parse
from commands.cli.settings import settings_of
from main import main
from storage import profiles
from storage.errors import SettingsError
from storage.settings import Settings
from tests.program import HOUSE
from tools import backends

USED = [
    pytest.param(name, capability, id=f"{name}-{capability}")
    for name in profiles.BUILT_IN
    for capability in profiles.load_profile(name).roles
]


@pytest.mark.parametrize(("name", "capability"), USED)
def test_every_option_of_a_built_in_profile_is_taken_by_its_backend(name: str, capability: str) -> None:
    role = profiles.load_profile(name).roles[capability]
    if role.backend not in backends.backend_names(capability):
        pytest.skip(f"{capability}.{role.backend} is not here yet")
    backends.load_backend(capability, role.backend, **role.options)
    taken = backends.backend_options(capability, role.backend)
    assert taken is None or set(role.options) <= set(taken)


def test_the_command_line_chooses_a_profile_and_a_later_command_keeps_it() -> None:
    first = settings_of(parse(["animate", "book", "--profile", "24gb", "--max-generated", "0.3"]), None)
    assert (first.profile, first.backends.animate, first.max_generated) == ("24gb", "wan_i2v", 0.3)
    assert settings_of(parse(["animate", "book"]), first) == first
    assert settings_of(parse(["animate", "book", "--profile", "cpu"]), first).backends == Settings().backends
    with pytest.raises(SettingsError, match="not a share"):
        parse(["animate", "book", "--max-generated", "1.5"])


def test_a_backend_or_an_option_that_is_not_there_names_the_line_of_the_users_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[animate]\nbackend = "still"\n[composite]\nbackend = "camera"\nspan = 1.2\nspin = 3\n')
    with pytest.raises(SettingsError, match=r"line 6: composite.spin: camera takes no such option, but .*span"):
        check_profile(str(path))
    path.write_text('[animate]\nbackend = "quiet"\n')
    with pytest.raises(SettingsError, match=r"line 2: animate.backend: there is no backend quiet; .*still"):
        check_profile(str(path))
    path.write_text('[composite]\nbackend = "camera"\nspan = 1.2\n')
    assert apply_profile(str(path), Settings()).options == {"composite.camera": {"span": 1.2}}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[animate]\nbackend = "wan_i2v"\ncadence = "fours"\n', r"line 3: animate.cadence: 'fours' cannot be meant"),
        ('[animate]\nbackend = "wan_i2v"\n\nframes = 0\n', r"line 4: animate.frames: 0 cannot be meant: .*equal to 2"),
        ('[animate]\nbackend = "wan_i2v"\nrate = -3\n', r"line 3: animate.rate: -3 cannot be meant"),
        ('[outpaint]\nbackend = "klein_inpaint"\ncandidates = 0\n', r"line 3: outpaint.candidates: 0"),
        ('[outpaint]\nbackend = "klein_inpaint"\ngrid = "yes"\n', r"line 3: outpaint.grid: 'yes' .* valid boolean"),
        ('[clean]\nbackend = "klein_inpaint"\ncache = "pyramid"\n', r"line 1: clean: this model has no step cache"),
        (
            '[animate]\nbackend = "wan_i2v"\nlonger = "windows"\n',
            r"line 1: animate: .* by windows; write longer = hold",
        ),
    ],
)
def test_an_option_that_cannot_be_meant_names_its_line_before_anything_is_made(
    tmp_path: Path, text: str, what: str
) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(SettingsError, match=what):
        check_profile(str(tmp_path / "mine.toml"))


def test_what_is_wrong_with_a_profile_is_said_in_two_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[outpaint]\nbackend = "flux_fill"\n')
    assert main(["animate", "examples/komadori", "--profile", str(path), "--dry-run"]) == 2
    error, hint = capsys.readouterr().err.splitlines()
    assert error.startswith("error: ")
    assert "line 1" in error
    assert hint.startswith("hint: read it")


def test_a_profile_needs_what_its_backends_take_where_it_names_nothing_else(tmp_path: Path) -> None:
    assert models_needed(check_profile("cpu")) == []
    assert [*map(str, models_needed(check_profile("24gb")))] == [
        "black-forest-labs/FLUX.2-klein-4B", "google/owlv2-base-patch16-ensemble",
        "facebook/sam2.1-hiera-base-plus", "Wan-AI/Wan2.2-TI2V-5B-Diffusers",
    ]  # fmt: skip
    assert "h94/IP-Adapter:sdxl_models" in map(str, models_needed(check_profile("8gb")))
    path = tmp_path / "mine.toml"
    path.write_text(
        f'[animate]\nbackend = "animatediff"\nrevision = "abc"\ncontrol = "{tmp_path}"\n'
        'motion = "guoyww/animatediff-motion-adapter-v1-5-3@def"\n'
    )
    assert [*map(str, models_needed(check_profile(str(path))))] == [
        "stable-diffusion-v1-5/stable-diffusion-v1-5@abc", "guoyww/animatediff-motion-adapter-v1-5-3@def",
    ]  # fmt: skip


def test_the_profile_that_the_manual_shows_is_one(tmp_path: Path) -> None:
    shown = (HOUSE / "docs" / "drawing.md").read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    (tmp_path / "mine.toml").write_text(shown)
    assert check_profile(str(tmp_path / "mine.toml")).apply_to(Settings()).backends.animate == "ltx_i2v"
