"""The model's process ends with its handle, and its end is reported."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from storage.errors import BackendError
from tests.magi import set_up
from tools.magi import process
from tools.magi.process import ModelProcess, ModelProcessError


def test_a_process_that_was_killed_cannot_be_asked_again(tmp_path: Path) -> None:
    model = ModelProcess("magi2 crops", set_up("v2", tmp_path / "m"), "cpu")
    crop = np.zeros((40, 30, 3), np.uint8)
    assert len(model.ask(crop)) == 16
    os.kill(model.pid, signal.SIGKILL)
    with pytest.raises(ModelProcessError, match="-9") as failure:
        model.ask(crop)
    assert failure.value.has_ended
    assert not model.is_running


def test_it_ends_when_it_is_released(tmp_path: Path) -> None:
    model = ModelProcess("magi2 crops", set_up("v2", tmp_path / "m"), "cpu")
    number = model.pid
    os.kill(number, 0)  # asks whether it is there
    del model
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_other_versions_of_its_packages_are_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "FOLDER", tmp_path)
    (tmp_path / "transformers-5.24.0.dist-info").mkdir()
    with pytest.raises(BackendError) as refusal:
        ModelProcess("magi2 pages", tmp_path, "cpu")
    assert refusal.value.hint.endswith(" ".join(process.PINNED))
