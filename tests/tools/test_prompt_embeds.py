"""Backends that can encode prompts separately are recognised by their protocol, and others are not."""

from __future__ import annotations

import pytest

from tools import backends
from tools.prompt_embeds import SupportsPromptEmbeds

APART = (
    ("clean", "klein_inpaint"), ("clean", "sdxl_inpaint"), ("outpaint", "flux_fill"), ("outpaint", "klein_inpaint"),
    ("outpaint", "sdxl_inpaint"), ("redraw", "klein_inpaint"), ("redraw", "sdxl_inpaint"),
    ("clean", "zimage_inpaint"), ("outpaint", "zimage_inpaint"), ("redraw", "zimage_inpaint"),
    ("animate", "hunyuan15"), ("animate", "ltx2"), ("animate", "framepack"),
    ("animate", "ltx_i2v"), ("animate", "wan_i2v"), ("animate", "wan_vace"),
)  # fmt: skip
EVERY = [
    (capability, name)
    for capability in ("clean", "redraw", "outpaint", "animate")
    for name in backends.backend_names(capability)
    if name != "comfy"  # its server encodes prompts, and it is nothing without a workflow
]


@pytest.mark.parametrize(("capability", "name"), EVERY, ids="-".join)
def test_a_backend_that_encodes_apart_can_be_told(capability: str, name: str) -> None:
    backend = backends.load_backend(capability, name)
    encoder = backend.prompt_encoder if isinstance(backend, SupportsPromptEmbeds) else None
    assert (encoder is not None) == ((capability, name) in APART)
    assert encoder is None or callable(encoder.encode)
