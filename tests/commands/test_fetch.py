"""Test `fetch` against a local hub: its messages, its downloads, and how it continues after an interruption."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hub import COMMIT, Hub, serving
from tests.program import HOUSE
from tools.diffusion.weights import MARK

pytestmark = pytest.mark.film


WEIGHTS = bytes(range(256)) * 4096 * 12  # 12 MiB: hub clients take files in pieces of 10
MODELS = {
    "owner/model": {
        "model_index.json": b"{}", "unet/weights.safetensors": WEIGHTS, "unet/weights.bin": b"\x80pickle",
        "unet/weights.fp16.safetensors": b"half", "setup.py": b"import os",
    },
    "owner/pickled": {"weights.bin": b"\x80", "config.json": b"{}"},
}  # fmt: skip
FIND = (
    "from tools.diffusion.weights import Weights; w = Weights(%r); "
    "print(w.is_present and w.folder, w.is_present and w.identity)"
)

FILE = "from tools.diffusion.weights import Weights; w = Weights(%r); print(w.file.name, w.identity)"


def program(place: Path, hub: Hub | str, *words: str) -> subprocess.CompletedProcess[str]:
    url = hub if isinstance(hub, str) else hub.url
    env = {**os.environ, "HF_ENDPOINT": url, "HF_HOME": str(place), "HF_HUB_DISABLE_TELEMETRY": "1"}
    env |= {"no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1", "HF_HUB_ETAG_TIMEOUT": "3", "PYTHONPATH": str(HOUSE)}
    return subprocess.run(
        [sys.executable, *words], cwd=HOUSE, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def fetch(place: Path, hub: Hub | str, *words: str) -> subprocess.CompletedProcess[str]:
    return program(place, hub, "main.py", "fetch", *words)


def test_a_model_is_fetched_without_pickles_and_code_and_is_then_found(tmp_path: Path) -> None:
    with serving(MODELS) as hub:
        said = fetch(tmp_path, hub, "owner/model", "--yes")
        assert said.returncode == 0, said.stderr
        assert "owner/model: 12.0 MiB in 2 files, licence apache-2.0" in said.stderr
        assert f"owner/model at {COMMIT}" in said.stderr
        assert set(hub.fetched()) == {"model_index.json", "unet/weights.safetensors"}
        hub.asked.clear()
        again = fetch(tmp_path, hub, "owner/model")
        assert again.returncode == 0, "nothing is asked where nothing is to come"
        assert "0 bytes of it still to come" in again.stderr
        assert not hub.fetched()
    folder, identity = program(tmp_path, "http://127.0.0.1:9", "-c", FIND % "owner/model").stdout.split()
    assert (Path(folder) / "unet/weights.safetensors").read_bytes() == WEIGHTS
    assert identity == f"owner/model@{COMMIT}"
    assert (Path(folder) / MARK).is_file()


def test_nothing_is_fetched_before_somebody_agrees(tmp_path: Path) -> None:
    with serving(MODELS) as hub:
        said = fetch(tmp_path, hub, "owner/model")
        assert said.returncode == 2
        assert said.stderr.splitlines()[-2:] == [
            "error: nobody is here to agree to this", "hint: say it beforehand with --yes",
        ]  # fmt: skip
        assert not hub.fetched()


def test_what_broke_off_is_no_model_and_the_same_command_goes_on(tmp_path: Path) -> None:
    with serving(MODELS) as hub:
        hub.broken = frozenset({"unet/weights.safetensors"})
        first = fetch(tmp_path, hub, "owner/model", "--yes")
        assert first.returncode == 2, first.stderr
        assert "owner/model could not be fetched" in first.stderr
        assert "run the same command" in first.stderr.splitlines()[-1]
        assert program(tmp_path, "http://127.0.0.1:9", "-c", FIND % "owner/model").stdout.split()[0] == "False"
        hub.asked.clear()
        hub.broken = frozenset()
        assert fetch(tmp_path, hub, "owner/model", "--yes").returncode == 0
        assert hub.fetched() == ["unet/weights.safetensors"], "what came whole is not fetched again"
    assert program(tmp_path, "http://127.0.0.1:9", "-c", FIND % "owner/model").stdout.split()[0] != "False"


@pytest.mark.parametrize(
    ("words", "what", "hint"),
    [
        (["owner/nothing"], "there is no model owner/nothing on the hub", "owner/name"),
        (["owner/pickled"], "owner/pickled holds no safetensors", "safetensors"),
        (["owner/secret"], "owner/secret is handed out only to those who agreed to its licence", "hf auth login"),
        (["--profile", "cpu"], "the profile cpu needs no weights", "as it is"),
        ([], "there is nothing to fetch", "--profile"),
    ],
)
def test_what_cannot_be_fetched_is_said_in_two_lines(tmp_path: Path, words: list[str], what: str, hint: str) -> None:
    with serving(MODELS, gated=frozenset({"owner/secret"})) as hub:
        said = fetch(tmp_path, hub, *words, "--yes")
    assert said.returncode == 2
    error, cure = said.stderr.splitlines()
    assert error == f"error: {what}"
    assert hint in cure


def test_without_a_network_it_says_so(tmp_path: Path) -> None:
    said = fetch(tmp_path, "http://127.0.0.1:9", "owner/model", "--yes")
    assert said.returncode == 2
    error, hint = said.stderr.splitlines()
    assert error.startswith("error: owner/model could not be fetched")
    assert hint == "hint: look after the network, then run the same command"


def test_a_profile_is_fetched_whole(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'accepts = ["owner/lora"]\n'
        '[clean]\nbackend = "sdxl_inpaint"\nmodel = "owner/model"\nlicence = "mit"\nlora = "owner/lora"\n'
    )
    lora = {"owner/lora": {"lora.safetensors": b"weights"}}
    with serving({**MODELS, **lora}) as hub:
        said = fetch(tmp_path, hub, "--profile", str(tmp_path / "mine.toml"), "--yes")
        assert said.returncode == 0, said.stderr
        assert "together    12.0 MiB" in said.stderr
        assert set(hub.fetched()) == {"model_index.json", "unet/weights.safetensors", "lora.safetensors"}


def test_a_profile_fetches_one_file_of_weights_and_no_part_that_it_replaces(tmp_path: Path) -> None:
    text = (
        'accepts = ["owner/wan", "owner/files"]\n[animate]\nbackend = "wan_i2v"\nmodel = "owner/wan"\n'
        'dtype = "bfloat16"\ntransformer = "owner/files:high/a.gguf"\nlora = ["owner/files:b.safetensors*0.5"]\n'
    )
    (tmp_path / "mine.toml").write_text(text)
    wan = {"model_index.json": b"{}"} | {
        f"{part}/{name}": f"{part}/{name}".encode()
        for part in ("transformer", "vae")
        for name in ("config.json", "a.safetensors", "a.fp16.safetensors")
    }
    files = {"high/a.gguf": b"a", "low/c.gguf": b"c", "b.safetensors": b"b", "d.safetensors": b"d"}
    with serving({"owner/wan": wan, "owner/files": files}) as hub:
        said = fetch(tmp_path, hub, "--profile", str(tmp_path / "mine.toml"), "--yes")
        assert said.returncode == 0, said.stderr
        assert set(hub.fetched()) == {
            "model_index.json", "transformer/config.json", "vae/config.json", "vae/a.fp16.safetensors", "high/a.gguf",
            "b.safetensors",
        }  # fmt: skip
        missing = fetch(tmp_path, hub, "owner/files:e.safetensors", "--yes")
        assert missing.returncode == 2
        assert "there is no file e.safetensors in owner/files" in missing.stderr
    for name in ("owner/files:high/a.gguf", "owner/files:b.safetensors"):
        found = program(tmp_path, "http://127.0.0.1:9", "-c", FILE % name).stdout.split()
        assert found == [name.partition(":")[2].rpartition("/")[2], f"owner/files@{COMMIT}/{name.partition(':')[2]}"]


def test_a_part_of_a_model_at_a_commit_is_fetched_alone_and_found_as_it_was_named(tmp_path: Path) -> None:
    parts = {"owner/adapters": {"small/a.safetensors": b"a", "large/b.safetensors": b"b", "small/config.json": b"{}"}}
    named = f"owner/adapters@{COMMIT}:small"
    with serving(parts) as hub:
        assert fetch(tmp_path, hub, named, "--yes").returncode == 0
        assert set(hub.fetched()) == {"small/a.safetensors", "small/config.json"}
        assert any(f"revision/{COMMIT}" in path for _, path, _ in hub.asked)
    folder, identity = program(tmp_path, "http://127.0.0.1:9", "-c", FIND % named).stdout.split()
    assert {path.name for path in Path(folder).iterdir()} == {"a.safetensors", "config.json"}
    assert identity == f"owner/adapters@{COMMIT}/small"
    assert program(tmp_path, "http://127.0.0.1:9", "-c", FIND % "owner/adapters:large").stdout.split()[0] == "False"
