"""The options of every backend are checked against its annotations before it runs."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from storage.errors import BackendError
from tools import backends
from tools.options import first_invalid_option, types_of

DRAWING = [
    (role, name) for role in ("clean", "outpaint", "animate", "likeness") for name in backends.backend_names(role)
]


@pytest.mark.parametrize(
    ("capability", "name", "option", "value"),
    [
        ("animate", "wan_i2v", "cadence", "fours"),
        ("animate", "wan_i2v", "frames", 0),
        ("animate", "ltx_i2v", "rate", 0),
        ("animate", "svd", "rate", -3),
        ("animate", "svd", "rate", "fast"),
        ("animate", "svd", "motion", 300),
        ("animate", "ltx_i2v", "longer", "stretch"),
        ("animate", "framepack", "dtype", "float8"),
        ("outpaint", "klein_inpaint", "candidates", 0),
        ("outpaint", "klein_inpaint", "grid", "yes"),
        ("outpaint", "klein_inpaint", "guidance", "high"),
        ("outpaint", "flux_fill", "shuffle", 1),
        ("outpaint", "sdxl_inpaint", "share", "everyone"),
        ("outpaint", "sdxl_inpaint", "adapter_file", "ip.bin"),
        ("outpaint", "extend", "dim", 2),
        ("clean", "qwen_edit", "steps", 8.0),
        ("clean", "qwen_edit", "offload", "disk"),
        ("likeness", "dinov2", "side", 200),
        ("composite", "camera", "span", 1),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_before_anything_is_drawn(
    capability: str, name: str, option: str, value: Any
) -> None:
    with pytest.raises(BackendError, match=rf"{capability}.{name}: {option}: {value!r} cannot be meant") as refusal:
        backends.load_backend(capability, name, **{option: value})
    assert refusal.value.hint == "correct the profile"


@pytest.mark.parametrize(("capability", "name"), DRAWING)
def test_every_backend_may_be_made_with_its_own_choices(capability: str, name: str) -> None:
    kind = backends.backend_class(capability, name)
    parameters = inspect.signature(kind).parameters
    given = {key: one.default for key, one in parameters.items() if one.default is not one.empty}
    assert first_invalid_option(kind, given) is None
    assert set(parameters) == set(types_of(kind)), "each of its options bears a type"


def test_a_whole_number_is_a_number_and_a_class_from_outside_is_not_looked_at() -> None:
    class Foreign:
        def __init__(self, *, size: Unknown = 3) -> None:  # type: ignore[name-defined]  # noqa: F821
            self.size = size

    assert first_invalid_option(backends.backend_class("animate", "svd"), {"rate": 7, "guidance": 3}) is None
    assert first_invalid_option(Foreign, {"size": "large"}) is None


def test_a_file_of_weights_that_could_hold_code_is_refused_in_words() -> None:
    with pytest.raises(BackendError, match=r"'ip.bin' cannot be meant: input should be .* which can hold no code"):
        backends.load_backend("outpaint", "sdxl_inpaint", adapter_file="ip.bin")
    with pytest.raises(BackendError, match="can hold no code"):
        backends.load_backend("outpaint", "sdxl_inpaint", adapter_file="../elsewhere.safetensors")
