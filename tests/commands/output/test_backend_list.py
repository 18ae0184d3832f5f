"""Test `show backends`: which backends are ready, what the others lack, and how to get it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from commands.output.backend_list import _install_hint, _state, models_of
from main import main
from storage.errors import BackendError
from storage.profiles import licences
from tests.program import HOUSE
from tools import backends
from tools.magi import process
from tools.remote_code import IMPORTED

DRAWING = ("clean", "outpaint", "animate")


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert main(["show", "backends"]) == 0
    return capsys.readouterr().out.splitlines()


def test_every_backend_has_its_line_and_the_default_ones_are_ready(printed: list[str]) -> None:
    lines = {tuple(line.split()[:2]): line for line in printed}
    for item in backends.list_backends():
        assert item.about in lines[item.capability, item.name]
    for capability, name in (("clean", "classic"), ("outpaint", "extend"), ("animate", "still")):
        assert re.match(rf"{capability} +{name} +ready", lines[capability, name])


def test_weights_that_are_not_here_are_named_with_their_licence_and_the_command_that_brings_them(
    printed: list[str],
) -> None:
    for item in backends.list_backends():
        if item.capability not in DRAWING or not models_of(item):
            continue
        model = models_of(item)[0]
        (line,) = [line for line in printed if line.split()[:2] == [item.capability, item.name]]
        assert "no weights" in line
        assert licences.known_models()[model].licence in line, f"{model} has no line in storage/profiles/models.toml"
        assert any(line.endswith(f"main.py fetch {' '.join(models_of(item))}") for line in printed)
        assert list(licences.default_models(item.name).values()) == models_of(item)


def test_a_backend_that_lacks_packages_says_how_they_come() -> None:
    lacking = backends.BackendListing("animate", "wan_i2v", "x.", ("torch",), ("torch",))
    assert _install_hint(lacking) == "pip install -e '.[gpu]'"
    assert (
        _install_hint(backends.BackendListing("transcribe", "magi3", "x.", ("torch",), ("torch",)))
        == "pip install -e '.[magi]'"
    )


def test_magi_is_not_ready_before_its_packages_and_its_weights_are_there(
    printed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = {line.split()[1]: line for line in printed if line.startswith("transcribe")}
    (item,) = [
        backend for backend in backends.list_backends() if (backend.capability, backend.name) == ("transcribe", "magi2")
    ]
    for name in ("magi2", "magi3"):
        assert "academic, non-commercial use only *" in lines[name]
        assert "ready" not in lines[name]
    assert {"timm", "pulp", "torch"} <= {*item.needs}
    here = replace(item, missing=())
    monkeypatch.setattr(process, "FOLDER", tmp_path / "packages")
    assert str(_state(here)) == "lacks transformers==4.45.2"
    assert _install_hint(here) == process.install_command()
    for package in ("transformers-4.45.2", "tokenizers-0.20.3", "huggingface_hub-0.36.2"):
        (tmp_path / "packages" / f"{package}.dist-info").mkdir(parents=True)
    assert str(_state(here)) == "no weights"
    assert _install_hint(here).startswith("hf download ragavsachdeva/magiv2 --revision COMMIT")
    folder = tmp_path / "models--ragavsachdeva--magiv2" / "snapshots" / "abc"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert str(_state(here)) == "ready"


def test_what_lacks_torch_says_which_extra_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*packages: str) -> None:
        raise ModuleNotFoundError(name="torch")

    monkeypatch.setattr("tools.remote_code.require", missing)
    monkeypatch.setattr("tools.diffusion.pipelines.require", missing)
    for capability, name, extra in (("transcribe", "magi3", "magi"), ("animate", "svd", "gpu")):
        with pytest.raises(BackendError) as refusal:
            backends.load_backend(capability, name, **{"revision": "nowhere"})
        assert refusal.value.hint == f"pip install -e '.[{extra}]'"


def test_the_extra_magi_brings_what_its_code_imports() -> None:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    brought = {re.split(r"[<>=]", one)[0].replace("-", "_") for one in project["optional-dependencies"]["magi"]}
    assert brought == {*IMPORTED}
