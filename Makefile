# The commands of the house. `make film` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
BIN := .venv/bin

film: .venv/film  ## animate the sample chapter into film.mp4
	$(BIN)/python main.py animate examples/komadori -o film.mp4

# every program that a test starts finds its bytecode, wherever writing it is switched off
test: export PYTHONDONTWRITEBYTECODE :=
test: export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/pycache
test: .venv/test check  ## every check and every test
	$(BIN)/python -m pytest -n 2

check: .venv/test  ## the rules of the house, without the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/typos
	$(BIN)/python -m pytest -q tests/test_house.py

fix: .venv/test  ## mend what a machine can mend, the README's map included
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/typos --write-changes
	$(BIN)/python tests/test_house.py

bench: .venv/test  ## speed and memory, measured here and now against bounds
	$(BIN)/python -m benchmarks

gpu-check: .venv/test  ## full-size models with random weights on this machine's GPU: does every role run, and how fast
	$(BIN)/python -m benchmarks.gpu_check

.venv/film: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Komadori needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/test: .venv/film
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	touch $@

.PHONY: film test check fix bench gpu-check
