"""Frames, rate and support for a last frame are read from a model's own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storage.errors import BackendError
from tests.tiny import checkpoint
from tools.animate import wan_i2v
from tools.diffusion import model_specs
from tools.diffusion.model_specs import VideoModelSpec
from tools.diffusion.weights import Weights


def folder(place: Path, **files: dict[str, Any]) -> Weights:
    for name, held in files.items():
        path = place / ("model_index.json" if name == "index" else f"{name}/config.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(held))
    return Weights(str(place))


@pytest.mark.parametrize(
    ("index", "transformer", "family"),
    [
        ({"expand_timesteps": True}, {"image_dim": None}, VideoModelSpec(121, 24.0)),
        (
            {"expand_timesteps": False, "boundary_ratio": 0.9},
            {"image_dim": None},
            VideoModelSpec(81, 16.0, accepts_last_frame=True, has_experts=True, guidance=3.5, shift=5.0),
        ),
        ({}, {"image_dim": 1280}, VideoModelSpec(81, 16.0)),
        ({}, {"image_dim": 1280, "pos_embed_seq_len": 514}, VideoModelSpec(81, 16.0, accepts_last_frame=True)),
    ],
)
def test_the_wans_are_told_apart(tmp_path: Path, index: Any, transformer: Any, family: VideoModelSpec) -> None:
    assert model_specs.wan_spec(folder(tmp_path, index=index, transformer=transformer)) == family


def test_svd_says_what_it_was_taught_too(tmp_path: Path) -> None:
    assert model_specs.svd_spec(folder(tmp_path / "svd", unet={"num_frames": 14})) == VideoModelSpec(14, 7.0)
    assert model_specs.svd_spec(folder(tmp_path / "xt", unet={"num_frames": 25})) == VideoModelSpec(25, 7.0)


def test_a_folder_that_is_no_such_model_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=r"holds no model_index\.json"):
        model_specs.wan_spec(Weights(str(tmp_path)))
    (tmp_path / "model_index.json").write_text("[]")
    with pytest.raises(BackendError, match=r"holds no model_index\.json"):
        model_specs.wan_spec(Weights(str(tmp_path)))


def test_what_is_named_comes_before_what_was_taught() -> None:
    model = str(checkpoint("wan22_i2v"))
    specs = [
        one.sampler
        for one in (
            wan_i2v.Backend(model=model),
            wan_i2v.Backend(model=model, frames=9),
            wan_i2v.Backend(model=model, rate=8.0),
            wan_i2v.Backend(model=model, frames=9, rate=8.0),
        )
    ]
    assert [(reel.max_frames, reel.rate) for reel in specs] == [(81, 16.0), (9, 16.0), (81, 8.0), (9, 8.0)]
