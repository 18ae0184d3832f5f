"""Backends that run a pipeline of diffusers: their identity in content keys, construction and copies."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from safetensors.numpy import save

from storage.keys import content_key
from tools import backends
from tools.diffusion.model_specs import VideoModelSpec
from tools.diffusion.pipeline_backends import PipelineAnimator, PipelineBackend, PipelineCleaner, PipelineOutpainter
from tools.prompt_embeds import SupportsPromptEmbeds

KEYS = {
    ("clean", "klein_inpaint"): "8acc703ad8cf",
    ("clean", "qwen_edit"): "1293bff0b6c6",
    ("clean", "sdxl_inpaint"): "da6a7b52cfc7",
    ("outpaint", "flux_fill"): "14c115f436f6",
    ("outpaint", "klein_inpaint"): "5035030f8d70",
    ("outpaint", "qwen_edit"): "17d9b2156ae4",
    ("outpaint", "sdxl_inpaint"): "e463bca203d1",
    ("animate", "animatediff"): "506d3b6e7813",
    ("animate", "framepack"): "b114beaa601f",
    ("animate", "ltx_i2v"): "93eb45121cf3",
    ("animate", "svd"): "ce1719891fd8",
    ("animate", "wan_i2v"): "b4d00978e7ef",
    ("animate", "wan_vace"): "7255f5442201",
    ("likeness", "dinov2"): "6e197929671b",
    ("likeness", "siglip"): "877476bda2dc",
}
"""The beginning of a key of all that a backend tells of itself; a new one films every film of its users again."""
SHARED = {"clean": PipelineCleaner, "outpaint": PipelineOutpainter, "animate": PipelineAnimator}
PIPELINES = [case for case in KEYS if case[0] != "likeness"]


@pytest.fixture
def options(tmp_path: Path) -> dict[str, dict[str, object]]:
    """Return the options of backends that must name more than one model; none for all others."""
    for name in ("model_index.json", "transformer/config.json", "unet/config.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    model: dict[str, object] = {"model": str(tmp_path)}
    return {
        "": model,
        "framepack": {**model, "transformer": "", "sight": ""},
        "animatediff": {**model, "motion": str(tmp_path), "control": str(tmp_path)},
    }


@pytest.mark.parametrize(("capability", "name"), KEYS)
def test_what_enters_the_content_keys_stays_as_it_was(
    options: dict[str, dict[str, object]], capability: str, name: str
) -> None:
    backend = backends.load_backend(capability, name, **options.get(name, options[""]))
    encoder = backend.prompt_encoder if isinstance(backend, SupportsPromptEmbeds) else None
    key = content_key(
        capability,
        name,
        backend.version,
        weights=backends.weights_identity(backend),
        words=encoder.key("a, then b. Never: c") if encoder else "",
    )
    assert key[:12] == KEYS[capability, name]


@pytest.mark.parametrize(("capability", "name"), PIPELINES)
def test_every_backend_of_diffusers_has_the_common_options(capability: str, name: str) -> None:
    kind = backends.backend_class(capability, name)
    assert issubclass(kind, PipelineBackend)
    common = {"model", "revision", "dtype", "steps", "guidance", "megapixels", "offload", "lora"}
    video = {"frames", "rate", "cadence", "longer"} if capability == "animate" else set()
    parameters = inspect.signature(kind).parameters
    assert common | video <= set(parameters)
    assert all(parameter.default is not inspect.Parameter.empty for parameter in parameters.values())
    assert {"clean": PipelineCleaner, "outpaint": PipelineOutpainter, "animate": PipelineAnimator}[
        capability
    ] in kind.mro()


@pytest.mark.parametrize(("capability", "name"), PIPELINES)
def test_a_copy_with_prompt_embeddings_is_of_the_same_weights_and_goes_by_the_model_without_encoder(
    options: dict[str, dict[str, object]], capability: str, name: str
) -> None:
    backend = backends.load_backend(capability, name, **options.get(name, options[""]))
    assert isinstance(backend, SupportsPromptEmbeds)
    if backend.prompt_encoder is None:
        return
    before, fresh = backends.device_model(backend), backend.with_prompt_embeds(save({}))
    assert type(fresh) is type(backend)
    assert backends.weights_identity(fresh) == backends.weights_identity(backend)
    assert (
        backends.device_model(fresh) == backend.prompt_encoder.denoiser_id != before == backends.device_model(backend)
    )


def test_what_the_model_was_trained_on_fills_in_what_nobody_named(options: dict[str, dict[str, object]]) -> None:
    taught = backends.load_backend("animate", "wan_i2v", **options[""])
    named = backends.load_backend("animate", "wan_i2v", **options[""], frames=9)
    assert isinstance(taught, PipelineAnimator)
    assert isinstance(named, PipelineAnimator)
    assert VideoModelSpec(taught.sampler.max_frames, taught.sampler.rate) == VideoModelSpec(81, 16.0)
    assert VideoModelSpec(named.sampler.max_frames, named.sampler.rate) == VideoModelSpec(9, 16.0)
