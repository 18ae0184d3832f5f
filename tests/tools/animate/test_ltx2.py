"""LTX-2 sees the plate as a film would show it, films 2.0 and 2.3 as each was made, and its padding is not stored."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from safetensors.torch import load

from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools.animate import load_animator, ltx2
from tools.plates import Plate


def backend(**options: Any) -> Any:
    small = {"steps": 2, "megapixels": 0.004, "frames": 9, "rate": 8.0, "cadence": "model"}
    return load_animator("ltx2", **{**small, "model": str(checkpoint("ltx2")), **options})


def calls(monkeypatch: pytest.MonkeyPatch, plate: Plate, **options: Any) -> list[dict[str, Any]]:
    """Film a plate, and return what the denoiser was asked for at each of its calls."""
    from diffusers import LTX2VideoTransformer3DModel

    seen, forward = list[dict[str, Any]](), LTX2VideoTransformer3DModel.forward

    def watched(self: Any, *args: Any, **asked: Any) -> Any:
        seen.append(asked)
        return forward(self, *args, **asked)

    monkeypatch.setattr(LTX2VideoTransformer3DModel, "forward", watched)
    backend(**options).animate(plate, seconds=1, prompt="", references=(), seed=1)
    return seen


def test_each_step_is_guided_by_the_prompt_and_by_a_left_out_attention_and_never_by_the_sound(
    monkeypatch: pytest.MonkeyPatch, plate: Plate
) -> None:
    seen = calls(monkeypatch, plate)
    assert [call["hidden_states"].shape[0] for call in seen] == [2, 1] * 2
    assert [call["spatio_temporal_guidance_blocks"] for call in seen] == [None, [ltx2.GUIDED_BLOCK]] * 2
    assert all(call["use_cross_timestep"] and not call["isolate_modalities"] for call in seen)


def test_a_distilled_model_takes_eight_steps_of_one_call(monkeypatch: pytest.MonkeyPatch, plate: Plate) -> None:
    seen = calls(monkeypatch, plate, distilled=True)
    assert [call["hidden_states"].shape[0] for call in seen] == [1] * 8
    assert all(call["spatio_temporal_guidance_blocks"] is None for call in seen)


@pytest.mark.parametrize(("number", "index"), [(0, 0), (1, 1), (4, 1), (6, 2), (9, 2), (16, 2)])
def test_a_key_picture_stands_in_the_latent_frame_that_begins_next_to_it(number: int, index: int) -> None:
    assert ltx2.latent_index(number, frames=17) == index


def test_a_key_picture_changes_the_clip_that_comes_to_it(plate: Plate) -> None:
    from tools.plates import KeyFrame

    free = backend().animate(plate, seconds=1, prompt="", references=(), seed=1)
    key = KeyFrame(1.0, np.full_like(plate.pixels, 40))
    led = backend().animate(plate, seconds=1, prompt="", references=(), seed=1, keys=[key])
    assert (led.frames[4] != free.frames[4]).any()
    assert (led.frames[-1] == 40).all()


def test_the_tokens_of_a_prompt_are_stored_and_no_padding() -> None:
    words = {name: tuple(value.shape) for name, value in load(backend().prompt_encoder.encode("she turns")).items()}
    assert words["prompt_embeds"][1] == words["prompt_attention_mask"][1] < ltx2.MAX_TOKENS // 4
    assert set(words) == set(ltx2.EMBED_ARGUMENTS)


def test_a_plate_is_compressed_as_a_film_or_left_as_it_is() -> None:
    from PIL import Image

    art = Image.fromarray(lines(96, 64))
    assert ltx2.compress_as_film(art, 0) is art
    little, much = (
        np.abs(np.asarray(ltx2.compress_as_film(art, crf), int) - np.asarray(art)).mean() for crf in (5, 45)
    )
    assert 0 < little < much < 64


@pytest.fixture
def plate() -> Plate:
    from storage.domain import Box

    art = lines(96, 64)
    return Plate(art, Box(0, 0, 96, 64), np.full(art.shape[:2], 255, np.uint8))
