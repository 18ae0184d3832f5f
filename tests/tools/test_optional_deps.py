"""Missing packages are named, and libraries that load weights draw no progress bars."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import HOUSE
from tools.optional_deps import require, silence_loading

STOPPED = """
import multiprocessing, sys
import transformers
from tqdm.auto import tqdm
from tools.optional_deps import silence_loading

def work(line):
    silence_loading(transformers)
    list(tqdm(range(3), disable=True))
    line.send("at work")
    line.recv()

if __name__ == "__main__":
    near, far = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=work, args=(far,))
    process.start()
    near.recv()
    process.terminate()
    process.join()
"""


def test_the_first_missing_package_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="'no_such_package'") as caught:
        require("json", "no_such_package", "nor_this_one")
    assert caught.value.name == "no_such_package"


def test_packages_that_are_there_raise_nothing() -> None:
    require("json", "numpy")


def test_a_hushed_library_draws_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    transformers = pytest.importorskip("transformers")
    silence_loading(transformers)
    for _ in transformers.utils.logging.tqdm(range(3)):
        pass
    transformers.utils.logging.get_logger("transformers").warning("not to be heard")
    said = capsys.readouterr()
    assert said.out + said.err == ""


def test_a_worker_that_is_stopped_leaves_no_lock_behind(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    (tmp_path / "stopped.py").write_text(STOPPED, encoding="utf-8")
    given = {**os.environ, "PYTHONPATH": str(HOUSE)}
    said = subprocess.run(
        [sys.executable, "stopped.py"], cwd=tmp_path, env=given, capture_output=True, text=True, check=True
    )
    assert "leaked" not in said.stderr
