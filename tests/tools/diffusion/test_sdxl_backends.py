"""What all backends of Stable Diffusion XL offer."""

from __future__ import annotations

from typing import Any

import pytest

from agents.profiles import models_of_backends
from storage.settings import Options
from tests.tiny import checkpoint
from tools import backends
from tools.diffusion.sdxl_backends import LineControlled, SdxlBackend

ROLES = ("clean", "redraw", "outpaint")


@pytest.mark.parametrize("capability", ROLES)
def test_another_vae_takes_the_place_of_the_model_s_own(capability: str) -> None:
    model, other = checkpoint("sdxl_inpaint"), checkpoint("sdxl_any")
    own: Any = backends.load_backend(capability, "sdxl_inpaint", model=str(model))
    changed: Any = backends.load_backend(capability, "sdxl_inpaint", model=str(model), vae=f"{other}:vae")
    assert issubclass(type(own), SdxlBackend)
    assert own.usual_config, "a checkpoint in one file is taken"
    assert issubclass(type(own), LineControlled) == (capability != "clean")
    assert own.identity != changed.identity
    assert own.prompt_encoder.key("a") == changed.prompt_encoder.key("a")
    if capability == "clean":
        with changed.painter.pipe.load(changed.painter.assemble) as pipe:
            assert pipe.vae.config.force_upcast != own_upcast(own)


def own_upcast(backend: Any) -> bool:
    with backend.painter.pipe.load(backend.painter.assemble) as pipe:
        return bool(pipe.vae.config.force_upcast)


def test_all_models_of_a_backend_are_fetched() -> None:
    options: Options = {"control": "owner/lines", "vae": "owner/vae"}
    found = {name.model for name in models_of_backends([("outpaint", "sdxl_inpaint", options)])}
    assert {"owner/lines", "owner/vae"} < found
