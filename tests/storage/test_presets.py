"""Presets name options that their backends take."""

from __future__ import annotations

import pytest

from storage.profiles import licences, presets
from storage.profiles.names import hub_models
from tools import backends


@pytest.mark.parametrize(
    ("capability", "backend"), [("animate", "wan_i2v"), ("outpaint", "qwen_edit"), ("redraw", "qwen_edit")]
)
def test_every_preset_can_be_made_and_has_a_licence_for_each_of_its_models(capability: str, backend: str) -> None:
    assert presets.preset_names(backend)
    for name in presets.preset_names(backend):
        options = presets.preset_options(name)
        backends.load_backend(capability, backend, **options)
        models = [model.model for _, model in hub_models(options)]
        assert len(models) >= 2
        assert all(licences.known_models()[model].is_free for model in models)
    assert not presets.preset_names("still")
