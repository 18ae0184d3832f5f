"""What the model's process answers: numbers, whatever the model's code prints, and no result of random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from tests.magi import lettered_page, set_up
from tools.magi.process import ModelProcess, ModelProcessError


def test_tensors_become_lists_of_numbers(tmp_path: Path) -> None:
    answer = ModelProcess("magi3 pages", set_up("v3", tmp_path / "m"), "cpu").ask(lettered_page())
    assert np.asarray(answer["panels"]).shape == (3, 4)
    assert answer["character_cluster_labels"] == [0]


def test_weights_that_are_missing_are_not_replaced_by_random_ones(tmp_path: Path) -> None:
    folder = set_up("v2", tmp_path / "m")
    state = load_file(folder / "model.safetensors")
    del state["detection_transformer.encoder.layers.0.self_attn.out_proj.weight"]
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelProcessError, match=r"self_attn\.out_proj\.weight"):
        ModelProcess("magi2 pages", folder, "cpu")
