"""The rules of the house that no tool knows: file length, first lines, the README's map, the mirror of the tests.

Run as a program it writes the map into the README.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
FLOORS = ("commands", "agents", "tools", "storage")
DOORS = ("main.py", "komadori/__init__.py")
EVERYWHERE = (*DOORS, *(f"{folder}/**/*.py" for folder in (*FLOORS, "benchmarks", "examples", "tests")))
ROOMS = sorted(
    path.relative_to(HOUSE) for where in EVERYWHERE for path in HOUSE.glob(where) if "versions" not in path.parts
)
MOST_LINES = 400
MAP = re.compile(r"(?<=<!-- map -->\n).*?(?=<!-- /map -->)", re.DOTALL)
NEVER = re.compile(r"^(utils?|helpers?|common|misc)$|Manager$|^Base[A-Z]")


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_a_room_has_one_matter_and_says_it_in_its_first_line(room: Path) -> None:
    lines = (HOUSE / room).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MOST_LINES, f"{room} has {len(lines)} lines: it wants to be two rooms"
    assert first_line(room).endswith((".", "!", ":", ";")) or len(first_line(room)) > 20, (
        f"{room} does not say what it is"
    )


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_names_say_what_things_are(room: Path) -> None:
    names = [room.stem] + [
        node.name
        for node in ast.walk(ast.parse((HOUSE / room).read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    ]
    assert not [name for name in names if NEVER.search(name)]


def test_every_room_has_its_test() -> None:
    tests = {path.relative_to(HOUSE / "tests") for path in (HOUSE / "tests").rglob("test_*.py")}
    missing = [
        str(room)
        for room in ROOMS
        if room.parts[0] in FLOORS and not room.stem.startswith("_") and not has_test(room, tests)
    ]
    assert not missing, f"rooms without a test: {missing}"


def has_test(room: Path, tests: set[Path]) -> bool:
    """A room's own test, or one for the folder it lives in (tests/agents/test_stages.py serves agents/stages/)."""
    own, folder = room.parent / f"test_{room.stem}.py", room.parent.parent / f"test_{room.parent.name}.py"
    return own in tests or folder in tests or not does_something(room)


def does_something(room: Path) -> bool:
    """Whether a room has code to test: a room of mere shapes has not."""
    tree = ast.parse((HOUSE / room).read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))


def test_the_readme_shows_the_map_of_the_house() -> None:
    readme = (HOUSE / "README.md").read_text(encoding="utf-8")
    found = MAP.search(readme)
    assert found, "the README has no place for the map"
    assert found[0] == drawn_map(), "the map is old: make fix"


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'langgraph', 'cv2', 'numpy', 'moviepy', 'rapidocr', 'torch', 'sqlmodel', 'openai', 'rich', 'pydantic'}"
    program = f"""
import sys, contextlib
sys.argv = ['main.py', '--help']
with contextlib.suppress(SystemExit):
    import main; main.main()
print('HEAVY', sorted({heavy} & set(sys.modules)))
"""
    said = subprocess.run([sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, check=True).stdout
    assert said.rstrip().endswith("HEAVY []"), said.splitlines()[-1]


def first_line(room: Path) -> str:
    """What a room says of itself."""
    tree = ast.parse((HOUSE / room).read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def drawn_map() -> str:
    """One line for all that stands on a floor, in the words of its own first line: folders first, then files."""
    rows = [(name.removesuffix("__init__.py"), first_line(Path(name))) for name in DOORS]
    for floor in FLOORS:
        inside = {room for room in ROOMS if room.parent == Path(floor) and room.name != "__init__.py"}
        folders = {Path(*room.parts[:2]) for room in ROOMS if room.parts[0] == floor and len(room.parts) > 2}
        rows += [("", ""), (f"{floor}/", first_line(Path(floor, "__init__.py")))]
        rows += [(f"  {folder.name}/", first_line(folder / "__init__.py")) for folder in sorted(folders)]
        rows += [(f"  {room.name}", first_line(room)) for room in sorted(inside)]
    return "\n".join(["```", *(f"{name:20} {about}".rstrip() for name, about in rows), "```", ""])


if __name__ == "__main__":
    page = (HOUSE / "README.md").read_text(encoding="utf-8")
    (HOUSE / "README.md").write_text(MAP.sub(lambda _: drawn_map(), page), encoding="utf-8")
