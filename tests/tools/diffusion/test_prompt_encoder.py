"""Separately encoded prompts give the same result, and the text encoder is not in memory during denoising."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load

from storage.domain import Balloon, Box, Panel
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends, devices
from tools.diffusion.pipelines import TEXT_ENCODER_PARTS
from tools.diffusion.prompt_encoder import split_embeds
from tools.plates import Cutout, Plate
from tools.prompt_embeds import SupportsPromptEmbeds

SAID = "she turns. Never: rain"
SMALL: dict[str, Any] = {"steps": 1, "megapixels": 0.004}
MOVING: dict[str, Any] = {**SMALL, "frames": 5, "rate": 4.0}
ALONE: dict[str, Any] = {**SMALL, "candidates": 1}
CASES: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "wan 2.1": ("animate", "wan_i2v", "wan21_i2v", MOVING),
    "wan 2.2": ("animate", "wan_i2v", "wan22_i2v", MOVING),
    "wan, unguided": ("animate", "wan_i2v", "wan22_i2v", {**MOVING, "guidance": 1.0}),
    "vace": ("animate", "wan_vace", "wan_vace", MOVING),
    "ltx": ("animate", "ltx_i2v", "ltx_i2v", {**MOVING, "frames": 9, "steps": 2}),
    "ltx2": ("animate", "ltx2", "ltx2", {**MOVING, "frames": 9, "steps": 2}),
    "hunyuan15": ("animate", "hunyuan15", "hunyuan15", MOVING),
    "framepack": ("animate", "framepack", "framepack", {**MOVING, "window": 3, "transformer": "", "sight": ""}),
    "sdxl, two at once": ("outpaint", "sdxl_inpaint", "sdxl_inpaint", {**SMALL, "candidates": 2}),
    "sdxl, unguided": ("outpaint", "sdxl_inpaint", "sdxl_any", {**ALONE, "guidance": 1.0}),
    "klein": ("outpaint", "klein_inpaint", "klein_inpaint", ALONE),
    "klein, guided": ("outpaint", "klein_inpaint", "klein_inpaint", {**ALONE, "guidance": 4.0}),
    "flux": ("outpaint", "flux_fill", "flux_fill", {**ALONE, "grid": True}),
    "zimage": ("outpaint", "zimage_inpaint", "zimage_inpaint", ALONE),
    "zimage, guided": ("outpaint", "zimage_inpaint", "zimage_inpaint", {**ALONE, "guidance": 3.0}),
    "sdxl cleans": ("clean", "sdxl_inpaint", "sdxl_inpaint", SMALL),
    "klein cleans": ("clean", "klein_inpaint", "klein_inpaint", SMALL),
    "sdxl redraws": ("redraw", "sdxl_inpaint", "sdxl_inpaint", {**SMALL, "steps": 2}),
    "klein redraws": ("redraw", "klein_inpaint", "klein_inpaint", SMALL),
}


def made(capability: str, backend: Any, prompt: str) -> np.ndarray[Any, Any]:
    """Return what a backend makes of a drawing."""
    art, whole = lines(64, 64), Box(0, 0, 64, 64)
    opaque = np.full(art.shape[:2], 255, np.uint8)
    found: np.ndarray[Any, Any]
    if capability == "animate":
        plate = Plate(art, whole, opaque)
        found = backend.animate(plate, seconds=1, prompt=prompt, references=(), seed=1).frames
    elif capability == "outpaint":
        cutout = Cutout(np.dstack([art, opaque]), whole)
        field, seen = (0.0, 0.0, 96.0, 64.0), [lines(32, 32)]
        found = backend.outpaint(
            [cutout], field, revealed=1, fill="auto", prompt=prompt, references=seen, seed=1
        ).pixels  # fmt: skip
    elif capability == "redraw":
        found = backend.redraw(art, opaque, prompt=prompt, references=[lines(32, 32)], seed=1)
    else:
        balloon = Balloon(id="t", order=0, box=Box(10, 10, 40, 30))
        panel, remove = Panel(id="p", order=0, box=whole), frozenset({"lettering"})
        found = backend.clean(art, panel, others=[], balloons=[balloon], remove=remove, seed=1).pixels
    return found


def there(pipe: Any) -> set[str]:
    return {name for name, part in pipe.components.items() if part is not None}


@pytest.mark.parametrize("case", CASES)
def test_words_encoded_apart_give_the_same_picture_and_no_weight_is_loaded_twice(case: str) -> None:
    capability, name, weights, settings = CASES[case]
    backend: Any = backends.load_backend(capability, name, model=str(checkpoint(weights)), **settings)
    together = made(capability, backend, SAID)
    devices.release_model()
    with devices.measure_cost() as cost:
        words = backend.prompt_encoder.encode(SAID)
        assert words == backend.prompt_encoder.encode(SAID)
        with devices.load_model(backend.prompt_encoder.encoder_id, never) as pipe:
            hears = there(pipe)
        apart = made(capability, backend.with_prompt_embeds(words), "")
    # two candidates go in one batch: one prompt encoded twice is not to the last bit one encoded once
    assert np.abs(apart.astype(int) - together).max() <= (1 if case == "sdxl, two at once" else 0)
    assert cost.loads == 2
    with devices.load_model(backend.prompt_encoder.denoiser_id, never) as pipe:
        films = there(pipe)
    assert hears & films <= {"scheduler"}
    assert films.isdisjoint(TEXT_ENCODER_PARTS)
    assert hears & {"text_encoder", "text_encoder_2"}


def test_what_follows_is_encoded_by_itself_and_gives_the_same_film() -> None:
    given = {**MOVING, "longer": "chain", "model": str(checkpoint("wan22_i2v"))}
    backend: Any = backends.load_backend("animate", "wan_i2v", **given)
    both, each = "she turns, then smiles", ("she turns", "smiles")
    assert len({backend.prompt_encoder.key(prompt) for prompt in (both, *each)}) == 3
    words = backend.prompt_encoder.encode(both)
    for heard, prompt in zip(split_embeds(load(words)), each, strict=True):
        alone = load(backend.prompt_encoder.encode(prompt))
        assert heard.keys() == alone.keys()
        assert all(heard[name].equal(alone[name]) for name in alone)
    assert (made("animate", backend.with_prompt_embeds(words), "") == made("animate", backend, both)).all()


@pytest.mark.parametrize("case", ["wan 2.1", "wan, unguided", "vace", "ltx", "klein, guided", "sdxl, two at once"])
def test_what_must_not_be_seen_is_the_negative_prompt_where_one_is_heard_and_a_sentence_elsewhere(case: str) -> None:
    capability, name, weights, settings = CASES[case]
    backend: Any = backends.load_backend(capability, name, model=str(checkpoint(weights)), **settings)
    encoder = backend.prompt_encoder
    plain, never = (load(encoder.encode(prompt)) for prompt in ("she turns", SAID))
    heard = {name for name, value in never.items() if value.shape != plain[name].shape or not value.equal(plain[name])}
    assert heard
    negative = case not in ("wan, unguided", "klein, guided")
    assert all(name.startswith("negative") == negative for name in heard)


def never() -> None:
    pytest.fail("another pipeline was awake")


def test_the_key_of_words_is_the_encoder_and_the_text_and_no_more() -> None:
    def encoder(**settings: Any) -> Any:
        backend = backends.load_backend(
            "outpaint", "sdxl_inpaint", **{"model": str(checkpoint("sdxl_inpaint")), **settings}
        )
        assert isinstance(backend, SupportsPromptEmbeds)
        return backend.prompt_encoder

    key = encoder().key("a room")
    assert key == encoder(steps=7, candidates=3, offload="model").key("a room")
    others = {encoder().key("a street"), encoder(guidance=1.0).key("a room"), encoder(dtype="float16").key("a room")}
    others.add(encoder(model=str(checkpoint("sdxl_any"))).key("a room"))
    cleaner: Any = backends.load_backend("clean", "sdxl_inpaint", model=str(checkpoint("sdxl_inpaint")))
    others.add(cleaner.prompt_encoder.key("a room"))
    assert len(others | {key}) == 6
    assert cleaner.prompt_encoder.key("a room") == cleaner.prompt_encoder.key("a street"), (
        "a shot's prompt says nothing of what is cleaned"
    )


WHOLE: dict[str, Callable[[], Any]] = {
    "a LoRA may have taught the encoder": lambda: backends.load_backend("clean", "sdxl_inpaint", lora="/somewhere"),
    "DIFT asks it again": lambda: backends.load_backend("outpaint", "sdxl_inpaint", rank="dift"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_who_needs_the_encoder_beside_the_picture_keeps_it(case: str) -> None:
    assert WHOLE[case]().prompt_encoder is None
