"""Words are encoded before anything is drawn, each prompt once, and change no key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from agents import hearing, making
from agents.executors import Done, Job
from agents.resolved_shot import ResolvedShot
from agents.shots import in_force
from agents.stages import animate, cast, clean, ingest, outpaint, read, storyboard
from agents.workshop import WORDS, Workshop
from storage.settings import Backends
from tools.filming import lossless

NAME = "tests.outside.Reciting"


class Seen:
    """An executor that notes what it is given."""

    def __init__(self, shop: Workshop) -> None:
        self.inner, self.jobs = shop.executor, list[Job]()

    def run(self, jobs: Iterable[Job]) -> Iterator[Done]:
        self.jobs += (given := list(jobs))
        return self.inner.run(given)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def planned(shop: Workshop) -> Workshop:
    for stage in (ingest, read, cast, storyboard):
        stage.run(shop, {})
    shop.settings = shop.settings.model_copy(update={"backends": Backends(animate=NAME)})
    return shop


def prompted(shop: Workshop, prompt: str) -> None:
    shots = [plan.model_copy(update={"prompt": prompt, "seconds": 1.0, "lines": ()}) for plan in shop.library.shots()]
    shop.library.add_revision(shots[:3], key="", author="hand", message="said")


def test_one_prompt_of_many_shots_is_encoded_once_and_all_before_the_first_picture(planned: Workshop) -> None:
    prompted(planned, "she turns")
    planned.executor = seen = Seen(planned)
    for stage in (clean, outpaint, animate):
        stage.run(planned, {})
    assert [job.tool for job in seen.jobs].index(WORDS) == 0
    assert [job.model for job in seen.jobs if job.tool == WORDS] == ["listener"]
    drawn = [job for job in seen.jobs if job.tool == "animate"]
    assert {job.model for job in drawn} == {"deaf"}
    made = planned.library.find_many([job.key for job in drawn])
    frames = [lossless.read(planned.library.artifacts.open(one.artifacts["motion"])) for one in made.values()]
    assert len(frames) == 3
    assert all((clip[:, 0, 0] == len("she turns")).all() for clip in frames)
    first = [job.key for job in seen.jobs]
    for stage in (clean, outpaint, animate):
        stage.run(planned, {})
    assert [job.key for job in seen.jobs] == first, "nothing is made again"


def test_the_key_of_a_picture_knows_its_prompt_and_not_whether_it_was_encoded(planned: Workshop) -> None:
    prompted(planned, "she turns")
    for stage in (clean, outpaint):
        stage.run(planned, {})
    resolved = ResolvedShot(next(in_force(planned, {})))
    animate.resolve_motions(planned, [resolved])
    job = (resolved.jobs("motions") or ())[0]
    made = planned.make(WORDS, [job.words] if job.words else []).made
    told = job.told(next(iter(made.values())))
    assert told.key == job.key == (animate.jobs(planned, resolved) or [])[0].key
    assert (job.model, told.model) == ("whole", "deaf")
    assert told.words is None
    assert planned.library.artifacts.open(told.arguments["words"]).read_bytes() == b"she turns"
    plan = resolved.shot.plan.model_copy(update={"prompt": "he sits"})
    other = ResolvedShot(next(in_force(planned, {}, [plan])))
    animate.resolve_motions(planned, [other])
    assert (other.jobs("motions") or ())[0].key != job.key


def test_words_that_cannot_be_encoded_leave_the_picture_to_the_whole_model(planned: Workshop) -> None:
    prompted(planned, "mumble")
    planned.executor = seen = Seen(planned)
    for stage in (clean, outpaint, animate):
        stage.run(planned, {})
    assert {job.model for job in seen.jobs if job.tool == "animate"} == {"whole"}
    assert any("nobody understands this" in event.text for event in planned.library.events(kinds={"failed"}))


def test_who_does_not_encode_apart_has_no_such_job(planned: Workshop) -> None:
    assert hearing.words(planned, "animate", "still", "s001", "she turns") is None
    assert hearing.words(planned, "animate", "tests.outside.Tuned", "s001", "she turns") is None
    job = making.job(planned, "animate", "still", "s001", animate.make, {"prompt": ""})
    assert (job.words, job.deaf) == (None, "")
