"""Test that each prompt is encoded once, before any image is generated, and that this changes no content key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from agents import backend_jobs, prompt_encoding
from agents.executors import Job, JobResult
from agents.resolved_shot import ResolvedShot
from agents.run_context import PROMPT_ENCODING, RunContext
from agents.shots import shots_to_film
from agents.stages import animate, cast, clean, ingest, outpaint, read, storyboard
from storage.settings import Backends
from tools.video import lossless

NAME = "tests.outside.Reciting"


class Seen:
    """An executor that notes what it is given."""

    def __init__(self, context: RunContext) -> None:
        self.inner, self.jobs = context.executor, list[Job]()

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        self.jobs += (given := list(jobs))
        return self.inner.run(given)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def planned(context: RunContext) -> RunContext:
    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})
    context.settings = context.settings.model_copy(update={"backends": Backends(animate=NAME)})
    return context


def prompted(context: RunContext, prompt: str) -> None:
    shots = [
        plan.model_copy(update={"prompt": prompt, "seconds": 1.0, "balloons": ()}) for plan in context.library.shots()
    ]
    context.library.add_revision(shots[:3], key="", author="hand", message="said")


def test_one_prompt_of_many_shots_is_encoded_once_and_all_before_the_first_picture(planned: RunContext) -> None:
    prompted(planned, "she turns")
    planned.executor = seen = Seen(planned)
    for stage in (clean, outpaint, animate):
        stage.run(planned, {})
    assert [job.tool for job in seen.jobs].index(PROMPT_ENCODING) == 0
    assert [job.model for job in seen.jobs if job.tool == PROMPT_ENCODING] == ["listener"]
    drawn = [job for job in seen.jobs if job.tool == "animate"]
    assert {job.model for job in drawn} == {"deaf"}
    made = planned.library.find_many([job.key for job in drawn])
    frames = [lossless.read_lossless(planned.library.artifacts.open(one.artifacts["motion"])) for one in made.values()]
    assert len(frames) == 3
    assert all((clip[:, 0, 0] == len("she turns")).all() for clip in frames)
    first = [job.key for job in seen.jobs]
    for stage in (clean, outpaint, animate):
        stage.run(planned, {})
    assert [job.key for job in seen.jobs] == first, "nothing is made again"


def test_the_key_of_a_picture_knows_its_prompt_and_not_whether_it_was_encoded(planned: RunContext) -> None:
    prompted(planned, "she turns")
    for stage in (clean, outpaint):
        stage.run(planned, {})
    resolved = ResolvedShot(next(shots_to_film(planned, {})))
    animate.resolve_motions(planned, [resolved])
    job = (resolved.jobs("motions") or ())[0]
    made = planned.make(PROMPT_ENCODING, [job.encode_job] if job.encode_job else []).made
    told = job.with_prompt_embeds(next(iter(made.values())))
    assert told.key == job.key == (animate.jobs(planned, resolved) or [])[0].key
    assert (job.model, told.model) == ("whole", "deaf")
    assert told.encode_job is None
    assert planned.library.artifacts.open(told.arguments["words"]).read_bytes() == b"she turns"
    plan = resolved.shot.plan.model_copy(update={"prompt": "he sits"})
    other = ResolvedShot(next(shots_to_film(planned, {}, [plan])))
    animate.resolve_motions(planned, [other])
    assert (other.jobs("motions") or ())[0].key != job.key


def test_words_that_cannot_be_encoded_leave_the_picture_to_the_whole_model(planned: RunContext) -> None:
    prompted(planned, "mumble")
    planned.executor = seen = Seen(planned)
    for stage in (clean, outpaint, animate):
        stage.run(planned, {})
    assert {job.model for job in seen.jobs if job.tool == "animate"} == {"whole"}
    assert any("nobody understands this" in event.text for event in planned.library.events(kinds={"failed"}))


def test_who_does_not_encode_apart_has_no_such_job(planned: RunContext) -> None:
    assert prompt_encoding.encode_job(planned, "animate", "still", "s001", "she turns") is None
    assert prompt_encoding.encode_job(planned, "animate", "tests.outside.Tuned", "s001", "she turns") is None
    job = backend_jobs.build_job(planned, "animate", "still", "s001", animate.make, {"prompt": ""})
    assert (job.encode_job, job.denoiser_id) == (None, "")
