"""HunyuanVideo 1.5 films the whole plate, whatever size its pipeline chooses, with the guidance that is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools.animate import load_animator
from tools.diffusion import pipelines
from tools.plates import Plate


def test_the_plate_has_the_size_that_the_pipeline_chooses_so_that_nothing_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from diffusers import HunyuanVideo15ImageToVideoPipeline as Pipeline
    from diffusers.pipelines.hunyuan_video1_5.image_processor import HunyuanVideo15ImageProcessor as Processor

    seen, sizes, resize = list[dict[str, Any]](), list[tuple[Any, ...]](), Processor.resize

    def film(self: Any, **asked: Any) -> Any:
        seen.append({"guidance": self.guider.guidance_scale, "size": asked["image"].size})
        return call(self, **asked)

    def resized(self: Any, image: Any, height: int, width: int, **rest: Any) -> Any:
        sizes.append((image.size, (width, height)))
        return resize(self, image, height, width, **rest)

    call = Pipeline.__call__
    monkeypatch.setattr(Pipeline, "__call__", film)
    monkeypatch.setattr(Processor, "resize", resized)
    monkeypatch.setattr(pipelines, "FILM_TILE", 64)  # so that the plate is encoded and decoded in more than one tile
    art = lines(150, 64)
    backend = load_animator(
        "hunyuan15", model=str(checkpoint("hunyuan15")), steps=1, megapixels=0.004, frames=5, rate=8.0, guidance=1.0
    )
    motion = backend.animate(
        Plate(art, Box(0, 0, 150, 64), np.full(art.shape[:2], 255, np.uint8)),
        seconds=0.5, prompt="she turns", references=(), seed=1,
    )  # fmt: skip
    assert motion.frames.shape[1:] == art.shape
    assert [one["guidance"] for one in seen] == [1.0]
    before, after = sizes[0]
    assert before == after
    assert before[0] % 16 == before[1] % 16 == 0
    assert before[0] > before[1]
