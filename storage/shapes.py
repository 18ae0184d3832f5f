"""The geometry and the base class of all domain values; `storage.domain` gives them on to every layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object as it was parsed or is stored; pydantic checks its values where they are used."""
NOT_UPRIGHT = "box_not_upright"
"""The type of pydantic's error for a box without x0 < x1 and y0 < y1."""


class Box(NamedTuple):
    """A rectangle in page pixels, x0 < x1 and y0 < y1; it may reach outside the page."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Return the width in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Return the height in pixels."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Return the area in square pixels; 0 if the edges are in the wrong order."""
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def aspect(self) -> float:
        """Return the width divided by the height."""
        return self.width / self.height

    @property
    def center(self) -> tuple[float, float]:
        """Return the centre as (x, y) in pixels."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


def _upright(box: Box) -> Box:
    if not (box.x0 < box.x1 and box.y0 < box.y1):
        raise PydanticCustomError(NOT_UPRIGHT, "a box needs x0 < x1 and y0 < y1, got {box}", {"box": list(box)})
    return box


UprightBox = Annotated[Box, AfterValidator(_upright)]
"""A `Box` that is validated: x0 < x1 and y0 < y1."""
Point = tuple[float, float]
"""A point (x, y) in page pixels."""
Polygon = tuple[Point, ...]
"""The corners of a polygon in page pixels; empty where it is not known."""
Unit = Annotated[float, Field(ge=0, le=1)]
"""A number from 0 to 1."""


class Shape(BaseModel):
    """The base of all domain values: frozen, without unknown fields, and without NaN or infinite numbers."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_by_name=True, serialize_by_alias=True
    )

    def model_copy(self, *, update: Mapping[str, object] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields changed.

        Args:
            update: The new values by field name; they are not validated.
            deep: Copy nested values too.

        Raises:
            TypeError: `update` names a field that does not exist (pydantic would add it).
        """
        if update and (unknown := set(update) - type(self).model_fields.keys()):
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        return super().model_copy(update=update, deep=deep)
