"""Types and ranges of the options that backends take, and the check of given options against them.

Backends annotate their options with these types. A choice between words is a Literal in the backend that offers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from inspect import signature
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import AfterValidator, Field, PydanticSchemaGenerationError, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

Steps = Annotated[int, Field(ge=1, le=200)]
Guidance = Annotated[float, Field(ge=0, le=100)]
Megapixels = Annotated[float, Field(gt=0, le=16)]
Candidates = Annotated[int, Field(ge=1, le=16)]
Frames = Annotated[int, Field(ge=2, le=2000)]
Rate = Annotated[float, Field(gt=0, le=120)]
"""Frames per second."""
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=2)]
"""Strength of an influence: 1 is normal, 0 is none."""
Shift = Annotated[float, Field(gt=0, le=100)]
Names = str | list[str]
"""One name or several, of LoRAs for example; "" or an empty list for none."""
Precision = Literal["auto", "float32", "float16", "bfloat16"]


def _check_weights_name(name: str) -> str:
    """Refuse the name of a file that could contain code, or a path."""
    if not name.endswith(".safetensors") or "/" in name:
        raise PydanticCustomError("code", "input should be the name of a .safetensors file, which can hold no code")
    return name


Safetensors = Annotated[str, AfterValidator(_check_weights_name)]
"""The name of a weights file that can contain no code."""


def types_of(kind: type) -> dict[str, Any]:
    """Return the annotation of each argument of a class's constructor, with the metadata that pydantic reads.

    Raises NameError or TypeError for a class whose annotations cannot be evaluated at run time.
    """
    # a dataclass may inherit options from another module, whose names its own __init__ does not know
    annotations = get_type_hints(kind if is_dataclass(kind) else kind.__init__, include_extras=True)  # type: ignore[misc]
    return {name: annotations[name] for name in signature(kind).parameters if name in annotations}


def first_invalid_option(kind: type, options: Mapping[str, object]) -> tuple[str, str] | None:
    """Return the name of the first of `options` that `kind` does not accept, and the reason; None if all are valid.

    Only annotated arguments are checked, for type, range and choice, strictly: "8" is no number, and 1 is not True.
    """
    try:
        types = types_of(kind)
    except (NameError, TypeError):  # a class from outside whose types are not there when it runs
        return None
    for name in options.keys() & types.keys():
        try:
            TypeAdapter(types[name]).validate_python(options[name], strict=True)
        except ValidationError as error:
            message = error.errors()[0]["msg"]
            return name, f"{options[name]!r} cannot be meant: {message[0].lower()}{message[1:]}"
        except PydanticSchemaGenerationError:
            continue
    return None
