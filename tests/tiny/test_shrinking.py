"""Published configurations are those of their classes, and tiny ones differ from them only in size."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.tiny.published import Component, model_names, published
from tests.tiny.shrinking import small

SIZES = re.compile(
    r"(video_|audio_)?(connector_)?(vocab_size|d_model|d_kv|d_ff|.*num_layers|num_.*_layers|.*layers_per_block|depth|num_res_blocks|vace_layers|"
    r"fullatt_block_indexes|text_proj_in_factor|dim|n_(layers|refiner_layers|heads|kv_heads)|axes_dims|(bwe_)?hidden_channels|ch_mult|(num_)?heads|num_.*heads|attention_head_dim|head_dim|(decoder_)?base_dim|.*hidden_size|"
    r"intermediate_size|ffn_dim|.*_dim|.*_embed_dim|caption_channels|.*projection_dim|(decoder_)?block_out_channels|conditioning_embedding_out_channels|num_(trans|proj)_channel|num_trans_head|.*norm_num_groups|"
    r"backbone_channel_list|neck_hidden_sizes|(embed_dim|num_attention_heads|blocks)_per_stage|global_attention_blocks|"
    r"out_indices|axes_dims_rope|rope_axes_dim|mrope_section|transformer_layers_per_block|projection_class_embeddings_input_dim)"
)
"""Widths, depths and the size of a vocabulary."""
COMPONENTS = [
    pytest.param(component, id=f"{name}-{key}") for name in model_names()
    for key, component in published(name).components.items()
]  # fmt: skip


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_tiny_component_differs_in_widths_depths_and_vocabulary_only(component: Component) -> None:
    changed = list(_changed(component.config, small(component).config))
    assert [key for key in changed if not SIZES.fullmatch(key)] == []
    assert component.source


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_field_is_one_of_the_class(component: Component) -> None:
    if component.library == "diffusers":
        assert set(component.config) <= set(inspect.signature(component.kind.__init__).parameters)
    assert component.inferred <= {*component.config, "*"}


def _changed(before: Any, after: Any) -> Iterator[str]:
    for key, value in after.items():
        if isinstance(value, dict):
            yield from _changed(before[key], value)
        elif value != before[key]:
            yield key
