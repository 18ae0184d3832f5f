"""Test that a worker process joins a film without loading the stages, the database or a model's client."""

from __future__ import annotations

import subprocess
import sys

from tests.program import HOUSE

HEAVY = ("agents.stages", "langgraph", "openai", "sqlmodel")


def test_the_job_loads_little() -> None:
    program = f"import sys; import agents.film_file; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], check=True, cwd=HOUSE, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
