"""Test that a model that reads pages is loaded in the model process and released before the next model is loaded."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

from agents.executors import Job
from agents.executors.local import LocalExecutor
from agents.run_context import RunContext
from agents.stages import ingest, read
from storage.artifacts import Artifacts
from storage.domain import Made
from storage.library import Library
from storage.settings import Backends, MagiConsent, Settings
from tests.magi import set_up
from tools import devices
from tools.magi.process import ModelProcess


def alive() -> int:
    """How many processes of models belong to this process."""
    return sum(isinstance(one, ModelProcess) and one.is_running for one in gc.get_objects())


def load_another(artifacts: Artifacts) -> Made:
    """Say what belonged to this process before another model was loaded, and while it was."""
    before, then = devices.current(), alive()
    with devices.load_model("another", alive) as while_loading:
        return Made(facts={"name": before, "before": then, "after": while_loading, "process": os.getpid()})


@pytest.mark.parametrize("name", ["magi2", "magi3"])
def test_magi_reads_in_the_process_of_the_models_and_is_released_for_the_next(
    name: str, chapter: Path, tmp_path: Path
) -> None:
    devices.release_model()
    consent = MagiConsent(model=str(set_up(f"v{name[-1]}", tmp_path / name)), licence_accepted=True)
    settings = Settings(
        backends=Backends(transcribe=name), magi=consent, options={f"transcribe.{name}": {"device": "cpu"}}
    )
    with Library.open(tmp_path / "book.komadori", create=True) as library:
        executor = LocalExecutor(library.artifacts.root, workers=1)
        context = RunContext(library, settings, executor, chapter)
        own = alive()
        try:
            for stage in (ingest, read):
                stage.run(context, {})
            events = [event.facts for event in library.events(kinds={"made"}) if event.facts["tool"] == "read"]
            assert len(events) == 2
            assert sum(int(str(facts.get("loads", 0))) for facts in events) == 1, "it is loaded once for all pages"
            assert (devices.current(), alive()) == ("", own), "nothing of it belongs to this process"
            (done,) = executor.run([Job("another", "test", "another", load_another, {}, model="another")])
        finally:
            executor.close()
    assert done.made is not None, done.error
    facts = done.made.facts
    assert facts["process"] != os.getpid()
    assert str(facts["name"]).startswith(name)
    assert (facts["before"], facts["after"]) == (1, 0), "it is gone before the next one is loaded"
