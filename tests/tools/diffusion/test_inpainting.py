"""Inpainting with a real pipeline: batches, memory that runs out, and a seam that changes no pixel outside the mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from storage.errors import BackendError
from tests.tiny import checkpoint
from tools import devices
from tools.devices import Relief
from tools.diffusion import inpainting
from tools.diffusion.inpainters.sdxl import Sdxl
from tools.diffusion.pipelines import PipelineSpec
from tools.diffusion.weights import Weights


@dataclass(frozen=True)
class Starved(Sdxl):
    """The painter on a device whose memory runs out `failures` times."""

    failures: int = 0
    asked: list[tuple[int, tuple[int, int]]] = field(default_factory=list)

    def paint(self, pipe: Any, picture: Any, mask: Any, **rest: Any) -> list[Any]:
        import torch

        self.asked.append((len(rest["seeds"]), picture.size))
        if len(self.asked) <= self.failures:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB.")
        return super().paint(pipe, picture, mask, **rest)


def starved(failures: int, **rest: Any) -> Starved:
    devices.release_model()
    pipe = PipelineSpec("StableDiffusionXLInpaintPipeline", Weights(str(checkpoint("sdxl_inpaint"))))
    return Starved(pipe, steps=2, guidance=1.0, megapixels=0.016, failures=failures, **rest)


def paint(painter: Starved, seeds: Sequence[int] = (1, 2)) -> list[Any]:
    picture, mask = np.full((60, 90, 3), 180, np.uint8), np.zeros((60, 90), np.uint8)
    mask[:, 50:] = 255
    return inpainting.repaint(painter, picture, mask, prompt="a wall", references=(), seeds=seeds)


@pytest.mark.parametrize("resample", [0, 1])
def test_seeds_go_in_one_batch_and_give_what_each_gives_alone(resample: int) -> None:
    together, alone = starved(0, resample=resample), starved(0, resample=resample)
    both = paint(together)
    assert [count for count, _ in together.asked] == [2]
    singly = [paint(alone, [seed])[0] for seed in (1, 2)]
    for one, other in zip(both, singly, strict=True):
        assert np.abs(one.astype(int) - other.astype(int)).max() <= 2
        assert (one[:, :50] == 180).all()


def test_memory_that_runs_out_twice_halves_the_batch_then_tiles_and_ends_well() -> None:
    painter = starved(2)
    with devices.measure_cost() as cost:
        made = paint(painter)
    assert len(made) == 2
    assert [count for count, _ in painter.asked] == [2, 1, 1, 1]
    assert cost.relief == Relief(batch=0.5, tile=True)
    assert cost.loads == 1


def test_memory_that_never_suffices_fails_in_words() -> None:
    painter = starved(99)
    with pytest.raises(BackendError, match="memory does not suffice"):
        paint(painter)
    assert painter.asked[-1][1] < painter.asked[0][1], "a smaller picture was tried last"


def test_steps_gone_through_again_ask_the_model_that_often_and_leave_the_scheduler_as_it_was() -> None:
    asked = list[float]()
    for again in (0, 2):
        painter = starved(0, resample=again)
        with painter.pipe.load(painter.assemble) as pipe:
            hook = pipe.unet.register_forward_pre_hook(lambda _, given: asked.append(float(given[1])))
        paint(painter, [1])
        hook.remove()
        assert "step" not in vars(pipe.scheduler)
    once, often = asked[:2], asked[2:]
    assert once == sorted(set(once), reverse=True)
    schedule = sorted(set(often), reverse=True)
    assert often == [time for time in schedule for _ in range(3)]
    assert once[0] < schedule[0], "a picture is not painted from noise alone"
    assert len(once) == len(schedule)
