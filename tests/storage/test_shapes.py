"""Test the base class of domain values and the geometry of boxes."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from storage import domain
from storage.shapes import NOT_UPRIGHT, Box, Shape, UprightBox


class Place(Shape):
    """A value with one box."""

    box: UprightBox


def test_values_are_frozen_and_know_their_fields() -> None:
    place = Place(box=Box(0, 0, 2, 1))
    assert place.model_copy(update={"box": Box(0, 0, 4, 1)}).box.aspect == 4
    with pytest.raises(TypeError):
        place.model_copy(update={"boxes": ()})
    with pytest.raises(ValidationError):
        place.box = Box(0, 0, 1, 1)


def test_a_box_that_does_not_stand_upright_is_refused_by_its_type() -> None:
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter(UprightBox).validate_python((4, 0, 1, 1))
    assert refusal.value.errors()[0]["type"] == NOT_UPRIGHT
    assert Box(4, 0, 1, 1).area == 0


def test_the_domain_gives_them_on() -> None:
    assert domain.Box is Box
    assert domain.Shape is Shape
