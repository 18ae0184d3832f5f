"""Test the built-in profiles, and the errors with line numbers for a user's own profile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storage import profiles
from storage.errors import SettingsError
from storage.profiles import licences
from storage.profiles.names import ModelName, hub_models, parse_model_name
from storage.settings import Backends, Settings

OWN = """about = "mine"
memory = 12

[animate]
backend = "wan_i2v"
model = "Wan-AI/Wan2.2-TI2V-5B-Diffusers"
steps = 8
shift = 3.5
"""


def own(tmp_path: Path, text: str) -> str:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    return str(tmp_path / "mine.toml")


def test_every_built_in_profile_is_under_licences_that_are_free_and_asks_for_more_memory_than_the_last() -> None:
    found = [profiles.load_profile(name) for name in profiles.BUILT_IN]
    assert [profile.memory for profile in found] == [0, 8, 12, 16, 24, 48, 80]
    for profile in found:
        assert profile.about
        assert (profile.ram > profile.memory / 2) == bool(profile.memory)
        for role in profile.roles.values():
            assert not role.model or licences.known_models()[role.model].is_free
            assert not role.model or licences.known_models()[role.model].licence == role.licence
            assert not role.accepted


def test_the_cpu_profile_is_the_default() -> None:
    assert profiles.load_profile("cpu").apply_to(Settings()) == Settings()


def test_a_profile_sets_backends_and_their_options_and_takes_those_of_the_last_away(tmp_path: Path) -> None:
    before = Settings(backends=Backends(transcribe="magi2"), options={"transcribe.magi2": {"device": "cpu"}})
    big = profiles.load_profile("80gb").apply_to(before)
    mine = profiles.load_profile(own(tmp_path, OWN)).apply_to(big)
    assert mine.backends == Backends(transcribe="magi2", animate="wan_i2v")
    assert mine.options == {
        "transcribe.magi2": {"device": "cpu"},
        "animate.wan_i2v": {"model": "Wan-AI/Wan2.2-TI2V-5B-Diffusers", "steps": 8, "shift": 3.5},
    }
    assert profiles.load_profile("cpu").apply_to(mine) == before


@pytest.mark.parametrize(
    ("changed", "line", "words"),
    [
        ("steps = 8 -> steps = 0", 7, "animate.steps"),
        ("steps = 8 -> offload = 'disk'", 7, "animate.offload"),
        ("steps = 8 -> cache = 'deep'", 7, "animate.cache"),
        ("steps = 8 -> sizes = [1, 2]", 7, "animate.sizes"),
        ("memory = 12 -> memory = -1", 2, "memory"),
        ("[animate] -> [animator]", 4, "animator"),
        ("memory = 12 -> colour = 12", 2, "colour"),
        ('backend = "wan_i2v" -> # none', 4, "animate.backend"),
        ('"mine" -> "mine', 1, "no TOML"),
    ],
)
def test_a_fault_in_the_users_own_names_its_line(tmp_path: Path, changed: str, line: int, words: str) -> None:
    old, _, new = changed.partition(" -> ")
    with pytest.raises(SettingsError) as refused:
        profiles.load_profile(own(tmp_path, OWN.replace(old, new)))
    assert f"line {line}" in refused.value.what
    assert words in refused.value.what


def test_a_licence_that_is_not_free_is_named_and_has_to_be_accepted(tmp_path: Path) -> None:
    text = '[outpaint]\nbackend = "flux_fill"\n'
    with pytest.raises(SettingsError) as refused:
        profiles.load_profile(own(tmp_path, text))
    assert "FLUX.1-Fill-dev is under flux-1-dev-non-commercial" in refused.value.what
    assert "accepted = true into [outpaint]" in refused.value.hint
    role = profiles.load_profile(own(tmp_path, f"{text}accepted = true\n")).roles["outpaint"]
    assert role.options == {"model": "black-forest-labs/FLUX.1-Fill-dev"}
    assert role.licence == "flux-1-dev-non-commercial"


def test_a_model_that_nobody_knows_has_to_say_its_licence_and_a_folder_does_not(tmp_path: Path) -> None:
    text = '[animate]\nbackend = "wan_i2v"\nmodel = "somebody/wan-tuned"\n'
    with pytest.raises(SettingsError, match=r"line 3.*not known here"):
        profiles.load_profile(own(tmp_path, text))
    assert profiles.load_profile(own(tmp_path, f'{text}licence = "mit"\n')).roles["animate"].licence == "mit"
    with pytest.raises(SettingsError, match="under secret"):
        profiles.load_profile(own(tmp_path, f'{text}licence = "secret"\n'))
    folder = text.replace("somebody/wan-tuned", str(tmp_path))
    assert profiles.load_profile(own(tmp_path, folder)).roles["animate"].model == str(tmp_path)


BESIDE = """[animate]
backend = "animatediff"
{option} = "{model}"
"""


@pytest.mark.parametrize(
    ("option", "model", "what"),
    [
        ("lora", "somebody/nc-lora", "line 3: animate.lora: the licence of somebody/nc-lora is not known here"),
        ("lora", "a/b:c.safetensors*0.5", "line 3: animate.lora: the licence of a/b is not known here"),
        ("motion", "somebody/motion@abc:v3", "line 3: animate.motion: the licence of somebody/motion is not known"),
        (
            "control",
            "black-forest-labs/FLUX.1-Kontext-dev@abc",
            "line 3: black-forest-labs/FLUX.1-Kontext-dev is",
        ),
    ],
)
def test_all_that_a_profile_names_has_a_licence_that_is_asked_for(
    tmp_path: Path, option: str, model: str, what: str
) -> None:
    text = BESIDE.format(option=option, model=model)
    with pytest.raises(SettingsError) as refused:
        profiles.load_profile(own(tmp_path, text))
    assert what in refused.value.what
    bare = re.split("[@:]", model)[0]
    for said in (f"{text}accepted = true\n", f'accepts = ["{bare}"]\n{text}', f'accepts = ["{model}"]\n{text}'):
        profile = profiles.load_profile(own(tmp_path, said))
        assert profile.roles["animate"].options[option] == model
        assert profile.apply_to(Settings()).accepted == (bare,)


def test_what_a_backend_takes_by_itself_beside_its_model_is_asked_for_too(tmp_path: Path) -> None:
    text = f'[animate]\nbackend = "framepack"\nmodel = "{tmp_path}"\ntransformer = "{tmp_path}"\n'
    with pytest.raises(SettingsError, match="line 1: lllyasviel/flux_redux_bfl is under flux-1-dev-non-commercial"):
        profiles.load_profile(own(tmp_path, text))
    with pytest.raises(SettingsError, match="framepack takes lllyasviel/FramePackI2V_HY, under tencent"):
        licences.refuse_unlicensed("framepack", {"model": str(tmp_path), "sight": ""}, ())
    licences.refuse_unlicensed("framepack", {"model": str(tmp_path), "sight": "", "transformer": str(tmp_path)}, ())
    whole = profiles.load_profile(own(tmp_path, '[animate]\nbackend = "framepack"\naccepted = true\n')).apply_to(
        Settings()
    )
    assert whole.accepted == (
        "hunyuanvideo-community/HunyuanVideo", "lllyasviel/FramePackI2V_HY", "lllyasviel/flux_redux_bfl",
    )  # fmt: skip


def test_a_model_is_named_with_its_commit_and_the_folder_within_it(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for text, wanted in {
        "owner/name": ModelName("owner/name"),
        "owner/name@abc": ModelName("owner/name", "abc"),
        "owner/name:some/folder": ModelName("owner/name", "", "some/folder"),
        "owner/name@refs/pr/3:folder": ModelName("owner/name", "refs/pr/3", "folder"),
        f"{tmp_path}/mine": ModelName(f"{tmp_path}/mine"),
        f"{tmp_path}:mine": ModelName(f"{tmp_path}", "", "mine"),
        "owner/name@abc:a/b.safetensors": ModelName("owner/name", "abc", "a/b.safetensors"),
        f"{tmp_path}:b.safetensors": ModelName(f"{tmp_path}", "", "b.safetensors"),
        "just words": ModelName("just words"),
    }.items():
        assert parse_model_name(text) == wanted
        assert str(wanted) == text
    (tmp_path / "b.safetensors").touch()
    assert parse_model_name(f"{tmp_path}/b.safetensors") == ModelName(f"{tmp_path}", "", "b.safetensors")
    loras = ["c/d", "c/d@def:e/f.safetensors*0.5", f"{tmp_path}*2"]
    found = hub_models({"model": "a/b", "revision": "abc", "lora": loras, "adapter": str(tmp_path), "share": "masa"})
    assert [(option, str(name)) for option, name in found] == [
        ("model", "a/b@abc"), ("lora", "c/d"), ("lora", "c/d@def:e/f.safetensors"),
    ]  # fmt: skip


def test_a_known_licence_counts_whatever_the_profile_says(tmp_path: Path) -> None:
    text = '[animate]\nbackend = "svd"\nlicence = "mit"\n'
    with pytest.raises(SettingsError, match="stable-video-diffusion-community"):
        profiles.load_profile(own(tmp_path, text))


def test_a_profile_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(SettingsError, match="there is no profile 13gb"):
        profiles.load_profile("13gb")
    with pytest.raises(SettingsError, match="cannot be read"):
        profiles.load_profile("nowhere.toml")


def test_a_profile_says_who_speaks_or_leaves_it_open(tmp_path: Path) -> None:
    text = '[speak]\nbackend = "openai"\nmodel = "someone/voices"\nprice = 4.0\n'
    settings = profiles.load_profile(own(tmp_path, text)).apply_to(Settings(voice="espeak"))
    assert settings.voice == "openai"
    assert settings.options_of("speak", "openai") == {"model": "someone/voices", "price": 4.0}
    assert settings.accepted == (), "what a server runs has no licence that is known here"
    later = profiles.load_profile("cpu").apply_to(settings)
    assert (later.voice, later.options) == ("openai", settings.options)
    with pytest.raises(SettingsError):
        profiles.load_profile(own(tmp_path, '[speak]\nmodel = "x"\n'))


def test_a_preset_stands_for_options_and_those_of_the_table_come_first(tmp_path: Path) -> None:
    text = '[animate]\nbackend = "wan_i2v"\npreset = "wan22-lightning"\nsteps = 6\n'
    options = profiles.load_profile(own(tmp_path, text)).roles["animate"].options
    assert options["model"] == "Wan-AI/Wan2.2-I2V-A14B-Diffusers"
    assert (options["steps"], options["guidance"], options["shift"]) == (6, 1.0, 5.0)
    assert {"lora_high_noise", "lora_low_noise"} <= set(options)
    assert "preset" not in options
    for other in ("qwen-2511-lightning", "none"):
        with pytest.raises(SettingsError, match=f"line 3: animate.preset: .* {other}"):
            profiles.load_profile(own(tmp_path, text.replace("wan22-lightning", other)))
