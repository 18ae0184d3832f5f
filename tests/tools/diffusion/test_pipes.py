"""A real pipeline with tiny weights, loaded, kept awake, and refused where it is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storage.errors import BackendError
from tests.tiny import checkpoint
from tools import devices
from tools.diffusion import pipes
from tools.diffusion.pipes import Pipe
from tools.diffusion.weights import Weights


def test_a_pipeline_is_loaded_once_and_paints_the_same_for_the_same_seed() -> None:
    from PIL import Image

    pipe = Pipe("StableDiffusionXLInpaintPipeline", Weights(str(checkpoint("sdxl_inpaint"))))

    def paint(seed: int) -> Any:
        with pipe.awake() as painter:
            return painter(
                prompt="a street", image=Image.new("RGB", (32, 32), "white"), mask_image=Image.new("L", (32, 32), 255),
                width=32, height=32, num_inference_steps=2, strength=1.0, output_type="np",
                generator=pipes.generator(seed),
            ).images  # fmt: skip

    devices.sleep()
    with devices.metered() as cost:
        first, second, other = paint(1), paint(1), paint(2)
    assert cost.loads == 1
    assert (first == second).all()
    assert (first != other).any()


def test_where_weights_wait_changes_no_key_of_a_picture() -> None:
    weights = Weights(str(checkpoint("sdxl_inpaint")))
    here, there = (Pipe("X", weights, offload=offload) for offload in ("none", "group"))
    assert here.identity == there.identity
    assert here.name != there.name


@pytest.mark.parametrize(
    ("classname", "what"), [("NoSuchPipeline", "has no NoSuchPipeline"), ("FluxFillPipeline", "is no FluxFill")]
)
def test_what_is_no_such_pipeline_is_said(classname: str, what: str) -> None:
    pipe = Pipe(classname, Weights(str(checkpoint("sdxl_inpaint"))))
    with pytest.raises(BackendError, match=what), pipe.awake():
        pass


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionXLInpaintPipeline"}')
    (tmp_path / "unet.bin").write_bytes(b"cos\nsystem\n(S'touch /nowhere'\ntR.")
    with pytest.raises(BackendError, match="pickles"), Pipe("FluxFillPipeline", Weights(str(tmp_path))).awake():
        pass


def test_sizes_keep_the_aspect_and_fit_the_model() -> None:
    assert pipes.bucket(1600, 900, megapixels=1.0, multiple=16) == (1328, 752)
    assert pipes.bucket(100, 100, megapixels=0.004, multiple=16) == (64, 64)
    wide, tall = pipes.bucket(1000, 10, megapixels=0.25, multiple=32)
    assert tall >= 32
    assert wide % 32 == 0
