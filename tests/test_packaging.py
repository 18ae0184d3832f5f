"""The package as it is installed: declared dependencies, locked versions, the console script, no foreign pictures."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests import llama_server

pytestmark = pytest.mark.film


ROOT = Path(__file__).resolve().parents[1]
OTHERWISE_NAMED = {"pyopenjtalk": "pyopenjtalk-plus"}
"""Modules of extras that tests go without -> the packages that they come in, where these have other names."""
PACKAGES = ("komadori", "commands", "agents", "tools", "storage")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_package_that_is_imported_is_declared() -> None:
    declared = {_name(line) for line in PROJECT["dependencies"]}
    optional = {
        _name(line)
        for extra in ("gpu", "magi", "archives", "heif", "crisp", "psd", "quant", "voice", "music")
        for line in PROJECT["optional-dependencies"][extra]
    }
    undeclared = {
        f"{file}: {module}" for file, module in _imports() if not _distributions(module) & (declared | optional)
    }
    assert not undeclared


def test_every_dependency_is_locked() -> None:
    locked = {_name(line) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    extras = [line for extra in ("test", "llm") for line in PROJECT["optional-dependencies"][extra]]
    wanted = {_name(line) for line in [*PROJECT["dependencies"], *extras]}
    assert wanted - locked <= {"setuptools"}


def test_the_real_model_of_the_tests_is_locked_where_it_is_installed() -> None:
    locked = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert {f"{name}=={number}" for name, number in llama_server.PACKAGES.items()} <= set(locked)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "[test,llm]" in makefile
    assert all(name in makefile for name in llama_server.PACKAGES if name != "xllamacpp"), "the extra installs this one"


@pytest.mark.skipif(sys.platform == "win32", reason="scripts are .exe files there")
def test_the_console_script_runs_the_command_line() -> None:
    script = Path(sys.executable).with_name("komadori")
    done = subprocess.run([script, "--help"], capture_output=True, text=True, check=True)
    assert "animate" in done.stdout


def test_no_picture_by_others_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    pictures = [name for name in listed if Path(name).suffix in {".jpg", ".jpeg", ".png", ".gif", ".mp4", ".webp"}]
    assert not [name for name in pictures if not name.startswith(("examples/", "docs/"))]


def _imports() -> set[tuple[str, str]]:
    """Return (file, top-level module) of every import of somebody else's package in the product."""
    found = set[tuple[str, str]]()
    files = [ROOT / "main.py", *(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            tops = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {*PACKAGES, "prompts"}
            found |= {(str(path.relative_to(ROOT)), top) for top in tops}
    return found


@cache
def _installed() -> Mapping[str, list[str]]:
    """Return the distributions of each module that is installed; to find them, all their files are listed."""
    return packages_distributions()


def _distributions(module: str) -> set[str]:
    return {_name(name) for name in _installed().get(module, [OTHERWISE_NAMED.get(module, module)])}


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\[ ]", requirement.strip(), maxsplit=1)[0]).lower()
