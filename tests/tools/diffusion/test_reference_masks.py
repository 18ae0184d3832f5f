"""Each character gets the face of its own reference: the IP-Adapter looks at it in the character's place only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from storage.domain import Box
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends
from tools.diffusion.reference_masks import draw_reference_masks, with_reference_masks
from tools.outpaint import PlacesReferences
from tools.plates import Cutout, Image, Plate

FIELD = Box(-64, 0, 128, 96)
LEFT, RIGHT = Box(0, 20, 12, 80), Box(52, 20, 64, 80)


def backend(**options: Any) -> Any:
    adapter = {"adapter": str(checkpoint("ip_adapter")), "adapter_file": "ip.safetensors"}
    return backends.load_backend(
        "outpaint", "sdxl_inpaint", model=str(checkpoint("sdxl_any")), steps=2, megapixels=0.018, candidates=1,
        guidance=2.0, reference_scale=1.0, **{**adapter, **options},
    )  # fmt: skip


def painted(one: Any, references: list[Image]) -> Plate:
    cutout = Cutout(np.dstack([lines(64, 96), np.full((96, 64), 255, np.uint8)]), Box(0, 0, 64, 96))
    plate: Plate = one.outpaint(
        [cutout], FIELD, revealed=1, fill="auto", prompt="a street", references=references, seed=1
    )
    return plate


def tone(value: int) -> Image:
    return np.full((48, 48, 3), value, np.uint8)


def test_masks_lie_where_the_places_do_and_the_rest_is_for_references_without_one() -> None:
    masks = draw_reference_masks([[LEFT], [RIGHT], []], FIELD, (384, 192))
    assert masks is not None
    left, right, rest = masks
    assert left.shape == (192, 384)
    assert left[100, 2 * (64 + 6)] == 255
    assert left[100, 2 * (64 - 2)] == 255, "a little beyond the frame too"
    assert not (left & right).any()
    assert (np.maximum(left, right) == 255 - rest).all()
    assert draw_reference_masks([[], []], FIELD, (384, 192)) is None
    assert with_reference_masks(object(), masks, (slice(0, 9), slice(0, 9))) is not None


def test_another_portrait_changes_most_in_its_own_place() -> None:
    """Convolutions carry a little of it everywhere; without masks it changes both sides alike."""
    spread = {}
    for places in ([[LEFT], [RIGHT]], []):
        one = backend().with_reference_places(places)
        with one.painter.pipe.load(one.painter.assemble) as pipe:
            states = list[Any]()
            layer = pipe.unet.down_blocks[1].attentions[0].transformer_blocks[0].attn2
            hook = layer.register_forward_hook(lambda _, __, output, into=states: into.append(output))
        for other in (5, 120):
            painted(one, [tone(250), tone(other)])
        hook.remove()
        half = len(states) // 2
        changed = (states[0] - states[half])[1].abs().sum(dim=-1)
        height = round((changed.numel() / 2) ** 0.5)
        across = changed.reshape(height, -1).sum(dim=0)
        spread[bool(places)] = float(across[: across.numel() // 2].sum() / across.sum())
    assert spread[True] < 0.02
    assert spread[False] > 0.3


@pytest.mark.parametrize("options", [{"windows": "page"}, {"grid": True}, {"share": "story"}])
def test_places_go_with_windows_and_other_methods(options: dict[str, Any]) -> None:
    one = backend(**options)
    assert isinstance(one, PlacesReferences)
    plate = painted(one.with_reference_places([[LEFT], [RIGHT], []]), [tone(250), tone(5), lines(40, 40)])
    assert (plate.pixels[plate.original == 255] == lines(64, 96).reshape(-1, 3)).all()


def test_without_an_adapter_places_say_nothing() -> None:
    assert not backend(adapter="").places_references
    assert backend().places_references
