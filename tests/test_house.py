"""The house rules that no tool knows: length, docstrings and names of modules, a test for each, the map of the code.

Run this file as a program to write the map, docs/architecture.md.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("komadori", "commands", "agents", "tools", "storage")
MODULES = sorted(
    path.relative_to(ROOT)
    for pattern in ("main.py", *(f"{name}/**/*.py" for name in (*PACKAGES, "benchmarks", "examples", "tests")))
    for path in ROOT.glob(pattern)
    if "versions" not in path.parts
)
MAP = ROOT / "docs" / "architecture.md"
MOST_LINES = 400
RIDDLE = re.compile(r"\bin[,;:]? .*\bout\b[.;:,]?")
"""The form "X in, Y out", which says nothing to a reader who does not know the module yet."""
EMPTY_NAMES = re.compile(r"^(utils?|helpers?|common|misc)$|Manager$|^Base[A-Z]")
PRIVATE_WORDS = frozenset(
    (
        "ear",
        "deaf",
        "hearing",
        "told",
        "worded",
        "unheard",
        "rung",
        "rungs",
        "rival",
        "rivals",
        "rushes",
        "desk",
        "shelf",
        "workshop",
        "onlooker",
        "wishes",
        "guest",
        "belief",
        "kin",
    )
)
"""Words of the first version's private language; house.md lists the terms of the field that replaced them."""


def test_every_module_is_short_and_named_and_described_plainly() -> None:
    assert [fault for module in MODULES for fault in _faults(module)] == []


def test_no_class_name_has_two_meanings() -> None:
    """Only `Backend` stands in many modules: it is the class of every backend, and their protocol."""
    places: dict[str, list[str]] = {}
    for module in MODULES:
        for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and module.parts[0] != "tests":
                places.setdefault(node.name, []).append(str(module))
    assert {name: found for name, found in places.items() if len(found) > 1 and name != "Backend"} == {}


def test_every_module_has_a_test() -> None:
    tests = {path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    product = [module for module in MODULES if module.parts[0] in PACKAGES and not module.stem.startswith("_")]
    assert [str(module) for module in product if not _has_test(module, tests)] == []


def test_the_map_shows_the_code_as_it_is() -> None:
    assert MAP.read_text(encoding="utf-8") == draw_map(), "run: make fix"


def _faults(module: Path) -> Iterator[str]:
    text = (ROOT / module).read_text(encoding="utf-8")
    if len(text.splitlines()) > MOST_LINES:
        yield f"{module}: more than {MOST_LINES} lines"
    line = _summary(module)
    if not line.endswith((".", "?")) or " " not in line:
        yield f"{module}: its first line is no sentence: {line!r}"
    if RIDDLE.search(line):
        yield f"{module}: its first line has the form 'X in, Y out': {line!r}"
    tree = ast.parse(text)
    defined = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    retired = PRIVATE_WORDS if module.parts[0] in PACKAGES else frozenset[str]()
    for name in (module.stem, *defined):
        if EMPTY_NAMES.search(name) or name.lstrip("_").lower() in retired:
            yield f"{module}: the name {name} does not say what it is"


def _has_test(module: Path, tests: set[Path]) -> bool:
    """Whether a module has its own test, or one for its folder, or nothing to test."""
    own, folder = module.parent / f"test_{module.stem}.py", module.parent.parent / f"test_{module.parent.name}.py"
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    return own in tests or folder in tests or not any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))


def _summary(module: Path) -> str:
    """Return the first line of a module's docstring."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def draw_map() -> str:
    """Return docs/architecture.md: one line for each package, folder and module, taken from its docstring."""
    rows = [f"main.py  -  {_summary(Path('main.py'))}"]
    for package in PACKAGES:
        rows += ["", f"{package}/  -  {_summary(Path(package, '__init__.py'))}"]
        rows += _rows(Path(package), "  ")
    head = (
        "# The code, one line a module\n\n"
        "Imports go one way: `main -> commands | komadori -> agents -> tools -> storage`. import-linter checks this,\n"
        "and the layers inside `agents/`. The docstrings make this page: `make fix` writes it, a test compares it.\n"
    )
    return head + "\n```\n" + "\n".join(rows) + "\n```\n"


def _rows(folder: Path, indent: str) -> Iterator[str]:
    inside = [module for module in MODULES if module.is_relative_to(folder)]
    names = sorted({module.relative_to(folder).parts[0] for module in inside} - {"__init__.py", "migrations"})
    for name in sorted(names, key=lambda name: (name.endswith(".py"), name)):
        if name.endswith(".py"):
            yield f"{indent}{name}  -  {_summary(folder / name)}"
        else:
            yield f"{indent}{name}/  -  {_summary(folder / name / '__init__.py')}"
            yield from _rows(folder / name, indent + "  ")


if __name__ == "__main__":
    MAP.write_text(draw_map(), encoding="utf-8")
