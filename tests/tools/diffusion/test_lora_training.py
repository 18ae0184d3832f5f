"""Test the training of LoRAs itself: the loss falls, the pipeline is left as it was, and holes are within pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.tiny import checkpoint
from tests.tools.test_learn import FAMILIES, dark_circle
from tools.diffusion.lora_training import random_hole
from tools.learn import load_trainer


@pytest.mark.parametrize("name", FAMILIES)
def test_a_lora_knows_the_subject_better_than_the_model_did(name: str) -> None:
    import torch
    from PIL import Image
    from safetensors.torch import load

    trainer: Any = load_trainer(
        FAMILIES[name][0], model=str(checkpoint(name)), steps=40, rate=0.02, rank=8, megapixels=0.0042
    )
    data = trainer.train([dark_circle()], caption="a circle", seed=1)

    def loss() -> float:
        """Return the mean loss of the subject over noises that are the same at every call."""
        noises = [torch.Generator().manual_seed(seed) for seed in range(100, 112)]
        return float(np.mean([float(loss_of(sample, noise)) for noise in noises]))

    with trainer.pipe.load() as pipe, torch.no_grad():
        sample = trainer._prepare(pipe, Image.fromarray(dark_circle()), torch.Generator().manual_seed(5))
        loss_of = trainer._new_loss(pipe, "a circle")
        before = loss()
        pipe.load_lora_weights(load(data), adapter_name="new")
        assert loss() < 0.98 * before
        pipe.delete_adapters(["new"])
        assert loss() == before


def test_training_leaves_no_adapter_and_no_gradient_behind() -> None:
    trainer: Any = load_trainer("klein", model=str(checkpoint("klein_inpaint")), steps=1, rank=2, megapixels=0.0042)
    trainer.train([dark_circle()], caption="", seed=0)
    with trainer.pipe.load() as pipe:
        assert pipe.get_list_adapters() == {}
        assert not any(weight.requires_grad for weight in pipe.transformer.parameters())
        assert not pipe.transformer.is_gradient_checkpointing
        assert not pipe.transformer.training


@pytest.mark.parametrize("seed", range(8))
def test_a_hole_is_a_rectangle_of_at_least_a_quarter_of_each_side(seed: int) -> None:
    import torch

    mask = random_hole(12, 20, torch.Generator().manual_seed(seed))[0, 0].numpy()
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert mask.sum() == len(rows) * len(columns)
    assert len(rows) >= 3
    assert len(columns) >= 5
