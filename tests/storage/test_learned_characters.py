"""Test what a project knows of learned characters: the newest LoRA of each for each model."""

from __future__ import annotations

from storage.domain import Made
from storage.learned_characters import LEARN, learned_characters
from storage.library import Library


def test_the_newest_lora_of_a_character_counts_for_each_model(library: Library) -> None:
    files = {}
    for key, character, base in (("a", "mika", "one"), ("b", "rei", "one"), ("c", "mika", "one"), ("d", "mika", "two")):
        artifact = library.artifacts.keep(key.encode(), "application/octet-stream")
        files[key] = artifact.sha256
        facts: dict[str, float | int | str | bool | list[float] | None] = {
            "character": character, "base": base, "sightings": 4, "steps": 800, "caption": ""
        }  # fmt: skip
        library.add_made(key, LEARN, Made(artifacts={"lora": artifact}, facts=facts))
    found = learned_characters(library)
    assert [(one.character, one.base, one.file) for one in found] == [
        ("rei", "one", files["b"]), ("mika", "one", files["c"]), ("mika", "two", files["d"])
    ]  # fmt: skip
    assert (found[0].sightings, found[0].steps, found[0].key) == (4, 800, "b")
