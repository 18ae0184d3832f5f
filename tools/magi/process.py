"""Start the process of a Manga Whisperer model and ask it.

The code that comes with Magi was written for transformers 4.45.2; the files of v3 name that version. Transformers 5
cannot load it, and has other names for the weights of its detector. So it runs in a process that finds the pinned
packages below before those of this environment. torch and all others are shared.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from storage.errors import BackendError
from tools.magi import worker
from tools.plates import Image

PINNED = ("transformers==4.45.2", "tokenizers==0.20.3", "huggingface-hub==0.36.2")
"""The packages that only the model's process sees."""
FOLDER = Path(sys.prefix) / "komadori-magi"
"""Where they are installed: in the environment that runs Komadori, beside its own packages."""


class ModelProcessError(Exception):
    """The model, or its code, failed; the message names the exception that it raised.

    Attributes:
        has_ended: Whether the process can no longer be asked.
    """

    def __init__(self, message: str, *, has_ended: bool = False) -> None:
        super().__init__(message)
        self.has_ended = has_ended


class ModelProcess:
    """A model in a process of its own, which ends when this object is released."""

    def __init__(self, task: str, folder: Path, device: str) -> None:
        """Start the process and load the model.

        Args:
            task: A key of `worker.TASKS`.
            folder: The folder with the model's code and weights.
            device: Torch's name of the device, "" for the GPU if there is one.

        Raises:
            BackendError: The pinned packages are not installed.
            ModelProcessError: The model cannot be loaded.
        """
        require_pinned()
        self._process = subprocess.Popen(
            [sys.executable, "-P", worker.__file__, task, str(folder), device],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(),
        )  # fmt: skip
        weakref.finalize(self, _stop, self._process)
        self._receive()

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Return whether the process still runs."""
        return self._process.poll() is None

    def ask(self, image: Image) -> Any:
        """Return the model's answer for an image, (h, w, 3) RGB uint8: numbers, strings, lists and dicts.

        Raises:
            ModelProcessError: The model fails on this image, or its process has ended.
        """
        pixels = np.ascontiguousarray(image)
        try:
            stream = _pipe(self._process.stdin)
            stream.write(json.dumps({"shape": pixels.shape}).encode() + b"\n" + pixels.tobytes())
            stream.flush()
        except OSError:
            raise self._ended() from None
        return self._receive()

    def _receive(self) -> Any:
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise self._ended()
        reply: Mapping[str, Any] = json.loads(line)
        if "error" in reply:
            raise ModelProcessError(f"{reply['error']}: {reply['message']}")
        return reply["answer"]

    def _ended(self) -> ModelProcessError:
        return ModelProcessError(f"its process ended with {self._process.wait()}", has_ended=True)


def environment() -> dict[str, str]:
    """Return the variables of a process that finds the pinned packages first, and downloads nothing."""
    paths = [str(FOLDER), *filter(None, [os.environ.get("PYTHONPATH")])]
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **offline}


def is_installed() -> bool:
    """Return whether the pinned packages are installed, in these versions."""
    return all((FOLDER / f"{package.replace('-', '_').replace('==', '-')}.dist-info").is_dir() for package in PINNED)


def install_command() -> str:
    """Return the shell command that installs the pinned packages."""
    python, folder = shlex.quote(sys.executable), shlex.quote(str(FOLDER))
    return f"{python} -m pip install --upgrade --no-deps --target {folder} {' '.join(PINNED)}"


def require_pinned() -> None:
    """Raise BackendError if the pinned packages are not installed."""
    if not is_installed():
        raise BackendError(f"Magi needs {PINNED[0]} in a folder of its own", install_command())


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and wait until it is gone: only then is its memory free."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        try:
            _pipe(stream).close()
        except OSError:  # a request that was cut off
            continue
