"""Weights: where they are located, how they are identified, and which files are never opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.errors import BackendError
from tools.diffusion.weights import Weights, refuse_pickles, translate_load_errors


def test_a_folder_is_told_apart_by_what_lies_in_it(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, tail in ((one, b"a"), (other, b"b")):
        (folder / "unet").mkdir(parents=True)
        (folder / "unet" / "model.safetensors").write_bytes(b"0" * 3_000_000 + tail)
    assert Weights(str(one)).identity != Weights(str(other)).identity
    (tmp_path / "moved").mkdir()
    one.rename(tmp_path / "moved" / "one")
    assert Weights(str(tmp_path / "moved" / "one")).identity.startswith("folder@")
    assert Weights(str(tmp_path / "moved" / "one")).folder == tmp_path / "moved" / "one"


@pytest.mark.parametrize("model", ["./nowhere", "/nowhere/at/all", "just-a-word", "a/b/c"])
def test_a_folder_that_is_not_there_is_said(model: str) -> None:
    with pytest.raises(BackendError, match="no model folder"):
        _ = Weights(model).identity
    assert not Weights(model).is_present


def test_weights_that_were_not_fetched_give_the_command_that_fetches_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    weights = Weights("komadori/nowhere", "a" * 40)
    with pytest.raises(BackendError, match="not on this machine") as refusal:
        _ = weights.folder
    assert f"python main.py fetch komadori/nowhere --revision {'a' * 40}" in refusal.value.hint


def test_a_part_of_a_model_that_was_not_fetched_gives_the_command_that_fetches_that_part(tmp_path: Path) -> None:
    part = Weights("komadori/adapters@abc:small")
    assert (part.model, part.revision, part.inside) == ("komadori/adapters", "abc", "small")
    assert part.fetch_command == "python main.py fetch komadori/adapters:small --revision abc"
    with pytest.raises(BackendError, match="the weights of komadori/adapters:small at abc are not on this machine"):
        _ = part.folder
    with pytest.raises(BackendError, match="there is no folder small in"):
        _ = Weights(f"{tmp_path}:small").identity


def test_a_folder_of_the_hubs_cache_is_known_by_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    home = tmp_path / "models--owner--name"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(commit)
    (home / "snapshots" / commit).mkdir(parents=True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert Weights("owner/name").identity == f"owner/name@{commit}"


@pytest.mark.parametrize(("name", "what"), [("model.bin", "pickles"), ("readme.md", "no weights")])
def test_only_safetensors_are_weights(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(BackendError, match=what):
        refuse_pickles(tmp_path)
    (tmp_path / "model.safetensors").touch()
    refuse_pickles(tmp_path)


@pytest.mark.parametrize(
    ("reason", "what"),
    [
        (RuntimeError("size mismatch\nfor a.weight"), "owner/name is no Painter: size mismatch for a.weight"),
        (StopIteration(), "owner/name is no Painter: StopIteration"),
        (ImportError("needs timm"), "owner/name needs what is not installed: needs timm"),
    ],
)
def test_whatever_goes_wrong_while_weights_are_loaded_is_one_line(reason: Exception, what: str) -> None:
    with pytest.raises(BackendError) as refusal, translate_load_errors("Painter", Weights("owner/name")):
        raise reason
    assert refusal.value.what == what
    assert "\n" not in refusal.value.hint


def test_memory_that_ran_out_and_what_is_said_in_two_lines_already_stay_what_they_are() -> None:
    for reason in (RuntimeError("CUDA out of memory."), MemoryError(), BackendError("it is none", "choose another")):
        with pytest.raises(type(reason)) as raised, translate_load_errors("Painter", Weights("owner/name")):
            raise reason
        assert raised.value is reason
