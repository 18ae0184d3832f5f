"""Image-to-video pipelines: how many frames are requested, and what happens when memory runs out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import devices
from tools.devices import Relief
from tools.diffusion import image_to_video
from tools.diffusion.image_to_video import VideoRequest, VideoSampler
from tools.diffusion.pipelines import PipelineSpec, generator
from tools.diffusion.weights import Weights
from tools.plates import Plate


def sampler(**rest: Any) -> VideoSampler:
    pipe = PipelineSpec("WanImageToVideoPipeline", Weights(str(checkpoint("wan22_i2v"))))
    return VideoSampler(
        pipe, **{"megapixels": 0.016, "multiple": 16, "rate": 8.0, "frame_step": 4, "max_frames": 9, **rest}
    )


def plate() -> Plate:
    art = lines(96, 64)
    return Plate(art, Box(0, 0, 96, 64), np.full(art.shape[:2], 255, np.uint8))


class Starved:
    """Calls the pipeline on a device whose memory runs out `failures` times."""

    def __init__(self, failures: int) -> None:
        self.failures, self.sizes, self.told = failures, list[tuple[int, int]](), list[str]()

    def __call__(self, pipe: Any, asked: VideoRequest) -> Sequence[Any]:
        import torch

        self.sizes.append(asked.first.size)
        self.told.append(asked.prompt.removeprefix(f"{image_to_video.PROMPT_PREFIX}, "))
        if len(self.sizes) <= self.failures:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB.")
        film: Sequence[Any] = pipe(
            image=asked.first, prompt=asked.prompt, width=asked.first.width, height=asked.first.height,
            num_frames=asked.frames, num_inference_steps=1, generator=generator(asked.seed),
        ).frames[0]  # fmt: skip
        return film


@pytest.mark.parametrize(("seconds", "frames"), [(0.3, 5), (0.5, 5), (0.6, 9), (1.0, 9), (9.0, 9)])
def test_frames_are_wished_for_in_the_model_s_own_steps(seconds: float, frames: int) -> None:
    assert sampler().frame_count(seconds) == frames


def test_memory_that_runs_out_twice_ends_well_at_full_size() -> None:
    devices.release_model()
    call = Starved(2)
    with devices.measure_cost() as cost:
        motion = image_to_video.generate_motion(sampler(), plate(), call, seconds=1, prompt="", seed=1)
    assert motion.frames.shape == (9, 64, 96, 3)
    assert len(set(call.sizes)) == 1
    assert (cost.loads, cost.relief) == (1, Relief(batch=0.5, tile=True))


def test_memory_that_runs_out_four_times_ends_with_a_smaller_picture() -> None:
    devices.release_model()
    call = Starved(4)
    with devices.measure_cost() as cost:
        motion = image_to_video.generate_motion(sampler(), plate(), call, seconds=1, prompt="", seed=1)
    assert motion.frames.shape == (9, 64, 96, 3), "the plate's own size all the same"
    assert call.sizes[-1] < call.sizes[0]
    assert cost.relief.size == 0.75


def test_memory_that_never_suffices_fails_in_words() -> None:
    devices.release_model()
    with pytest.raises(BackendError, match="memory does not suffice"):
        image_to_video.generate_motion(sampler(), plate(), Starved(99), seconds=1, prompt="", seed=1)


@pytest.mark.parametrize(
    ("longer", "most", "seconds", "told"),
    [
        ("chain", 9, 1.0, ["she turns; a street", "smiles; a street"]),
        ("chain", 5, 2.0, ["she turns; a street"] * 2 + ["smiles; a street"] * 2),
        ("chain", 9, 0.5, ["she turns; a street", "smiles; a street"]),
        ("hold", 9, 1.0, ["she turns, then smiles; a street"]),
    ],
)
def test_a_chain_is_told_what_follows_when_its_time_has_come(
    longer: Any, most: int, seconds: float, told: list[str]
) -> None:
    call = Starved(0)
    motion = image_to_video.generate_motion(
        sampler(longer=longer, max_frames=most),
        plate(),
        call,
        seconds=seconds,
        prompt="she turns, then smiles; a street",
        seed=1,
    )
    assert call.told == told
    assert len(motion.frames) == round(seconds * 8) + 1
