"""Faulty weights of a vision model raise an error that says what is wrong."""

from __future__ import annotations

import pytest

from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends
from tools.likeness import load_likeness_measure


def test_weights_that_are_not_here_and_weights_of_something_else_are_named() -> None:
    with pytest.raises(BackendError, match="not on this machine") as missing:
        _ = backends.weights_identity(load_likeness_measure("dinov2", model="nobody/nothing"))
    assert "fetch" in missing.value.hint
    wrong = load_likeness_measure("siglip", model=str(checkpoint("sdxl_any")))
    with pytest.raises(BackendError, match="is no SiglipVisionModel"):
        wrong.embed(lines(20, 20))
