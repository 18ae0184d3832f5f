"""Step caches save computation, and nothing is carried over from one call to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import devices
from tools.animate import load_animator
from tools.diffusion import inpainting, step_caches
from tools.outpaint import load_outpainter
from tools.plates import Image, Plate

FILMS: dict[str, tuple[str, float]] = {
    "wan_i2v": ("wan21_i2v", 5.0),
    "wan_vace": ("wan_vace", 1.0),
    "ltx_i2v": ("ltx_i2v", 3.0),
    "ltx2": ("ltx2", 3.0),
    "hunyuan15": ("hunyuan15", 1.0),
}
PICTURES = {"klein_inpaint": "klein_inpaint", "flux_fill": "flux_fill"}
WAYS = [
    ("wan_i2v", "first_block"), ("wan_i2v", "taylor"), ("wan_vace", "taylor"), ("ltx_i2v", "first_block"),
    ("ltx_i2v", "pyramid"),
    ("ltx2", "taylor"), ("hunyuan15", "taylor"),
    ("ltx_i2v", "taylor"), ("klein_inpaint", "taylor"),
    ("flux_fill", "first_block"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_caches, "THRESHOLD", 0.3)  # untrained models change much from step to step


def made(name: str, cache: str) -> tuple[Any, Callable[[str], Image]]:
    """Return the pipeline spec of a backend, and its result for a prompt."""
    small: dict[str, Any] = {"steps": 6, "megapixels": 0.004, "cache": cache}
    art = lines(64, 64)
    if name in FILMS:
        model, guidance = FILMS[name]
        animator: Any = load_animator(
            name, model=str(checkpoint(model)), guidance=guidance, frames=9, rate=8.0, **small
        )
        plate = Plate(art, Box(0, 0, 64, 64), np.full(art.shape[:2], 255, np.uint8))
        film = lambda prompt: animator.animate(plate, seconds=1, prompt=prompt, references=(), seed=1).frames  # noqa: E731
        return animator.sampler.pipe.load, film
    outpainter: Any = load_outpainter(name, model=str(checkpoint(PICTURES[name])), **small)
    mask = np.zeros((64, 64), np.uint8)
    mask[:, 30:] = 255

    def paint(prompt: str) -> Image:
        return inpainting.repaint(outpainter.painter, art, mask, prompt=prompt, references=(), seeds=[1])[0]

    return (lambda: outpainter.painter.pipe.load(outpainter.painter.assemble)), paint


@contextmanager
def counted(awake: Any) -> Iterator[list[str]]:
    """Count every attention layer that is really computed, by its name."""
    asked, hooks = list[str](), []
    with awake() as pipe:
        for name, layer in pipe.transformer.named_modules():
            if name.endswith(("to_q", "to_qkv_mlp_proj")):
                hooks.append(layer.register_forward_pre_hook(lambda *_, name=name: asked.append(name)))
        yield asked
        for hook in hooks:
            hook.remove()


@pytest.mark.parametrize(("name", "cache"), WAYS)
def test_a_cache_saves_work_and_the_next_film_is_as_by_a_fresh_pipeline(name: str, cache: str) -> None:
    (awake, plain), (_, spared) = made(name, "none"), made(name, cache)
    devices.release_model()
    with counted(awake) as asked:
        whole = plain("she turns")
        every = len(asked)
        spared("a dog runs in the rain")
        after_another = spared("she turns")
        assert len(asked) < every + 2 * 0.95 * every
    assert (after_another != whole).any()
    devices.release_model()
    assert (spared("she turns") == after_another).all()


@pytest.mark.parametrize("name", ["wan_i2v", "flux_fill"])
def test_a_call_that_fails_half_way_leaves_nothing_behind(name: str) -> None:
    awake, film = made(name, "taylor")
    devices.release_model()
    good = film("she turns")
    with awake() as pipe:
        forwards = [name for name, layer in pipe.transformer.named_modules() if "forward" in vars(layer)]
        calls = list[int]()

        def fail(*_: Any) -> None:
            calls.append(1)
            if len(calls) == 6:
                raise RuntimeError("the lamp went out")

        hook = pipe.transformer.register_forward_pre_hook(fail)
        with pytest.raises(RuntimeError, match="lamp"):
            film("a dog")
        hook.remove()
        assert not pipe.transformer.is_cache_enabled
        assert [name for name, layer in pipe.transformer.named_modules() if "forward" in vars(layer)] == forwards
        assert (film("she turns") == good).all()


def test_a_cache_that_would_do_harm_is_refused() -> None:
    for name, cache in (("wan_i2v", "pyramid"), ("wan_vace", "first_block")):
        with pytest.raises(BackendError, match=f"no step cache {cache}"):
            load_animator(name, model=str(checkpoint("wan_vace")), cache=cache)
    with pytest.raises(BackendError, match="does not go with shuffle"):
        load_outpainter("flux_fill", shuffle=True, cache="taylor")
    with pytest.raises(BackendError, match="does not go with resample"):
        load_outpainter("qwen_edit", resample=1, cache="taylor")
