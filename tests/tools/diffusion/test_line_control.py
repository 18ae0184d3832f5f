"""The artist's own lines guide what SDXL paints: where they are known, as strongly and as long as the options say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image as Pictures

from storage.errors import BackendError
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends
from tools.diffusion import inpainting
from tools.diffusion.line_control import REACH, LineControl
from tools.diffusion.weights import Weights
from tools.plates import Image, Mask

NETS = {"controlnet_union": "sdxl_any", "controlnet_sdxl": "sdxl_inpaint"}
"""Each ControlNet with a model that it runs with: ControlNet++ needs one of 4 channels."""


def backend(capability: str = "outpaint", net: str = "controlnet_union", **options: Any) -> Any:
    given = {"steps": 2, "megapixels": 0.006, "guidance": 2.0, **options}
    if net:
        given["control"] = str(checkpoint(net))
    return backends.load_backend(
        capability, "sdxl_inpaint", model=str(checkpoint(NETS.get(net, "sdxl_any"))), **given
    )  # fmt: skip


def right_half() -> Mask:
    mask = np.zeros((64, 96), np.uint8)
    mask[:, 48:] = 255
    return mask


def paint(one: Any, picture: Image, seeds: tuple[int, ...] = (1,)) -> list[Image]:
    return inpainting.repaint(one.painter, picture, right_half(), prompt="a wall", references=(), seeds=seeds)


@pytest.mark.parametrize("net", NETS)
def test_the_network_is_shown_the_known_ink_and_changes_what_is_painted(net: str) -> None:
    picture = lines(96, 64)
    one, seen = backend(net=net), list[Any]()
    with one.painter.pipe.load(one.painter.assemble) as pipe:
        hook = pipe.controlnet.register_forward_pre_hook(
            lambda _, given, named: seen.append(named["controlnet_cond"]), with_kwargs=True
        )
    both = paint(one, picture, (1, 2))
    hook.remove()
    [alone] = paint(one, picture, (2,))
    assert (both[1] == alone).mean() > 0.99, "in a batch each has its own lines"
    assert all((made[:, :48] == picture[:, :48]).all() for made in both)
    condition = seen[0][0] if isinstance(seen[0], list) else seen[0]
    assert condition.shape[0] == 4, "two pictures, guided and unguided"
    ink = condition[0, 0].numpy()
    half = ink.shape[1] // 2
    assert 0.02 < ink[:, : half - 4].mean() < 0.7
    assert ink[:, half + 2 :].max() == 0
    unguided = paint(backend(net=net, control_strength=0.0), picture)
    assert (both[0] != unguided[0]).any()


def test_it_adds_nothing_where_no_lines_are_known() -> None:
    import torch

    one = backend(control_strength=1.0)
    size = (160, 64)
    mask = np.zeros((size[1], size[0]), np.uint8)
    mask[:, 48:] = 255
    added = list[Any]()
    control: LineControl = one.painter.control
    with one.painter.pipe.load(one.painter.assemble) as pipe, torch.inference_mode():
        picture, hole = Pictures.fromarray(lines(*size)), Pictures.fromarray(mask)
        with control.only_where_known(pipe, [hole]):
            watch = pipe.controlnet.register_forward_hook(lambda _, __, output: added.append(output))
            one.painter.paint(pipe, picture, hole, prompt="a wall", references=(), seeds=[1])
            watch.remove()
    down, _ = added[0]
    finest = down[0].abs().sum(dim=1)
    assert (finest[..., : 48 // 8] > 0).all()
    assert (finest[..., (48 + REACH) // 8 + 1 :] == 0).all()
    assert not pipe.controlnet._forward_hooks


def test_until_says_how_many_steps_it_takes_part_in() -> None:
    picture = lines(96, 64)
    made = {until: paint(backend(control_until=until, steps=4), picture)[0] for until in (0.01, 0.5, 1.0)}
    assert (made[0.01] == paint(backend(control_strength=0.0, steps=4), picture)[0]).mean() > 0.99
    assert (made[0.5] != made[0.01]).any()
    assert (made[0.5] != made[1.0]).any()


def test_a_drawing_that_is_changed_keeps_the_lines_under_its_mask() -> None:
    redrawer = backend("redraw")
    assert redrawer.painter.control.redraws
    picture, mask = Pictures.fromarray(lines(96, 64)), Pictures.fromarray(right_half())
    drawn = np.asarray(redrawer.painter.control.draw_lines(picture, mask))
    assert drawn[:, 52:].any()
    made, strong = (
        backend("redraw", control_strength=weight).redraw(
            lines(96, 64), right_half(), prompt="at night", references=(), seed=1
        )
        for weight in (0.0, 1.0)
    )
    assert (made != strong)[:, 48:].any()
    assert (strong[:, :48] == lines(96, 64)[:, :48]).all()


def test_lines_go_with_references_windows_and_other_methods() -> None:
    adapter = {"adapter": str(checkpoint("ip_adapter")), "adapter_file": "ip.safetensors"}
    one = backend(**adapter, share="story", blended=True)
    picture = lines(96, 64)
    [made] = inpainting.repaint(
        one.painter, picture, right_half(), prompt="a wall", references=[lines(40, 40)], seeds=[1], most_windows=8
    )
    assert (made[:, :48] == picture[:, :48]).all()


def test_what_cannot_run_is_refused_before_anything_is_loaded() -> None:
    union = str(checkpoint("controlnet_union"))
    inpainting_model = backends.load_backend(
        "outpaint", "sdxl_inpaint", model=str(checkpoint("sdxl_inpaint")), control=union
    )
    with pytest.raises(BackendError):
        paint(inpainting_model, lines(96, 64))
    with pytest.raises(BackendError):
        _ = LineControl(Weights(str(checkpoint("sparsectrl"))), 1.0, 1.0).classname


def test_prompts_are_encoded_without_the_network_and_painted_without_the_text_encoder() -> None:
    one = backend()
    encoder = one.prompt_encoder
    assert encoder.key("a") == backend(net="").prompt_encoder.key("a"), "other roles share the prompt"
    picture = lines(96, 64)
    embedded = one.with_prompt_embeds(encoder.encode("a wall"))
    [made] = inpainting.repaint(embedded.painter, picture, right_half(), prompt="", references=(), seeds=[1])
    assert (made[:, 48:] != picture[:, 48:]).any()
