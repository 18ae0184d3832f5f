"""The files of a model that are downloaded are those needed to load it."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from typing import NoReturn

import pytest

from storage.errors import BackendError, KomadoriError, StorageError
from storage.profiles.names import ModelName
from tools.diffusion.downloads import SMALL, Download, DownloadRequest, files_to_load, run_download


def test_weights_and_small_data_are_fetched_and_nothing_that_could_hold_code() -> None:
    found = {
        "model_index.json": 500, "README.md": 9000, "unet/config.json": 800, "run.py": 100,
        "unet/diffusion_pytorch_model.safetensors": 10**9, "unet/diffusion_pytorch_model.bin": 10**9,
        "unet/model.onnx": 10**9, "vae/weights.pt": 10**8, "tokenizer/spiece.model": 800_000, "huge.json": SMALL + 1,
    }  # fmt: skip
    assert list(files_to_load(found)) == [
        "model_index.json", "tokenizer/spiece.model", "unet/config.json", "unet/diffusion_pytorch_model.safetensors",
    ]  # fmt: skip


def test_weights_are_fetched_in_one_precision_and_not_as_one_file_beside_their_parts() -> None:
    found = {
        "model_index.json": 1, "everything.safetensors": 9, "unet/a.safetensors": 4, "unet/a.fp16.safetensors": 2,
        "text/b.fp16-00001-of-00002.safetensors": 2, "text/b.fp16-00002-of-00002.safetensors": 2,
    }  # fmt: skip
    assert set(files_to_load(found)) == {"model_index.json", "unet/a.safetensors"} | {
        name for name in found if name.startswith("text/")
    }
    assert list(files_to_load({"lora.safetensors": 5, "config.json": 1})) == ["config.json", "lora.safetensors"]


def test_half_precision_and_what_a_profile_replaces_spare_a_download() -> None:
    found = {
        "model_index.json": 1, "unet/config.json": 1, "unet/a.safetensors": 4, "unet/a.fp16.safetensors": 2,
        "vae/b.safetensors": 1, "transformer/config.json": 1, "transformer/c-00001-of-00002.safetensors": 25,
        "transformer/c-00002-of-00002.safetensors": 25, "transformer_2/d.safetensors": 9,
    }  # fmt: skip
    files = files_to_load(found, half=True, without=("transformer",))
    assert set(files) == {
        "model_index.json", "unet/config.json", "unet/a.fp16.safetensors", "vae/b.safetensors",
        "transformer/config.json", "transformer_2/d.safetensors",
    }  # fmt: skip
    assert set(files_to_load(found, data_only=True)) == {name for name in found if name.endswith(".json")}


def test_what_two_roles_need_of_a_model_is_fetched_for_both() -> None:
    name = ModelName("owner/model")
    one = DownloadRequest(name, half=True, without=("transformer",))
    assert one.merge(DownloadRequest(name, half=True)) == DownloadRequest(name, half=True)
    assert one.merge(DownloadRequest(name, without=("transformer", "vae"))) == replace(one, half=False)
    assert DownloadRequest(name, data_only=True).merge(one) == replace(one, without=(), half=False)


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, StorageError), (errno.EDQUOT, StorageError), (errno.ECONNRESET, BackendError)],
    ids=["full disk", "full quota", "network"],
)
def test_a_disk_that_runs_full_is_not_taken_for_the_network(
    number: int, kind: type[KomadoriError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*parts: object, **options: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(pytest.importorskip("huggingface_hub"), "snapshot_download", fail)
    with pytest.raises(kind):
        run_download(Download("owner/model", "0" * 40, "", {"a.safetensors": 1}, "unknown", 0))
