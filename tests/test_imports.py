"""Test that no two modules import each other, imports inside functions counted, and that workers import no database."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
PACKAGES = ("komadori", "commands", "agents", "tools", "storage")
Imports = Mapping[str, frozenset[str]]


def test_no_two_modules_import_each_other() -> None:
    assert circles(imports_of(HOUSE)) == []


def test_a_circle_that_is_hidden_in_functions_is_found(tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents/__init__.py").write_text("")
    (tmp_path / "agents/first.py").write_text("def one() -> None:\n    from agents import second\n")
    (tmp_path / "agents/second.py").write_text("import agents.third\n")
    (tmp_path / "agents/third.py").write_text("from agents.first import one\n")
    (tmp_path / "agents/fourth.py").write_text("from agents.first import one\n")
    (tmp_path / "main.py").write_text("from agents import fourth\n")
    assert circles(imports_of(tmp_path)) == [{"agents.first", "agents.second", "agents.third"}]


def test_worker_processes_import_no_database() -> None:
    imports = imports_of(HOUSE, only_at_import=True)
    workers = [name for name in imports if name.startswith(("agents.stages.", "agents.sound."))]
    workers += ["agents.characters.identify", "agents.looks", "agents.prompt_encoding", "agents.review.contact_sheet"]
    reached = {name: reachable(name, imports) for name in workers}
    assert [name for name in workers if "storage.models" in reached[name]] == []
    assert "storage.models" in reachable("agents.run", imports)


def imports_of(house: Path, *, only_at_import: bool = False) -> Imports:
    """Return the project modules that each project module imports, anywhere in its text, or where it is imported."""
    files = [house / "main.py", *(path for name in PACKAGES for path in sorted((house / name).rglob("*.py")))]
    modules = {name_of(path.relative_to(house)): path for path in files}
    return {
        name: frozenset(imported(ast.parse(path.read_text(encoding="utf-8")), modules.keys(), only_at_import)) - {name}
        for name, path in modules.items()
    }


def name_of(path: Path) -> str:
    """Return the name of a module from its file."""
    return ".".join(path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts)


def imported(tree: ast.Module, modules: object, only_at_import: bool) -> Iterator[str]:
    """Return the imported modules; a package counts only where something of its own is taken from it."""
    assert isinstance(modules, type({}.keys()))
    for node in tree.body if only_at_import else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from inside & modules
            if inside - modules and node.module in modules:
                yield node.module


def circles(imports: Imports) -> list[set[str]]:
    """Return the groups of modules that reach one another."""
    reached = {name: reachable(name, imports) for name in imports}
    groups = {frozenset(other for other in reached[name] if name in reached[other]) for name in imports}
    return sorted((set(group) for group in groups if group), key=min)


def reachable(start: str, imports: Imports) -> set[str]:
    """Return all modules that a module imports, also through others; itself only if it is in a circle."""
    found, ahead = set[str](), list(imports[start])
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead.extend(imports[name])
    return found
