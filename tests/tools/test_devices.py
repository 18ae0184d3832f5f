"""One large model is loaded at a time, relief increases when memory runs out, and costs are measured."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from storage.errors import BackendError
from tools import devices
from tools.devices import LADDER, Relief


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    devices.release_model()
    yield
    devices.release_model()


def test_a_model_is_loaded_once_and_gives_way_to_another() -> None:
    woken: list[str] = []

    def wake(name: str) -> str:
        woken.append(name)
        return f"the model {name}"

    def use(name: str) -> str:
        with devices.load_model(name, lambda: wake(name)) as model:
            return str(model)

    with devices.measure_cost() as cost:
        assert [use(name) for name in ("a", "a", "b", "b", "a")] == [f"the model {name}" for name in "aabba"]
    assert woken == ["a", "b", "a"]
    assert cost.loads == 3


def test_each_thread_counts_what_it_spends_and_how_long_the_device_was_another_s() -> None:
    at_work, found = threading.Event(), dict[str, devices.LoadCost]()

    def work(name: str) -> None:
        with devices.measure_cost() as cost, devices.load_model("a", lambda: "the model a"):
            at_work.set()
            found[name] = cost

    with devices.load_model("a", lambda: "the model a"):
        other = threading.Thread(target=work, args=("other",))
        other.start()
        assert not at_work.wait(0.1), "two are at the device"
    other.join()
    work("after")
    assert found["other"].waited >= 0.1
    assert (found["other"].loads, found["after"].loads) == (0, 0)
    assert found["after"].waited < found["other"].waited


def test_memory_that_runs_out_twice_steps_down_and_ends_well() -> None:
    tried: list[Relief] = []

    def draw(relief: Relief) -> str:
        tried.append(relief)
        if len(tried) < 3:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return "a picture"

    with devices.measure_cost() as cost:
        assert devices.with_relief(draw) == "a picture"
    assert tried == list(LADDER[:3])
    assert cost.relief == Relief(batch=0.5, tile=True)


def test_what_helped_is_kept_while_the_model_is_awake_but_not_a_smaller_picture() -> None:
    tried: list[Relief] = []

    def fits(need: Relief) -> None:
        def draw(relief: Relief) -> None:
            tried.append(relief)
            if LADDER.index(relief) < LADDER.index(need):
                raise MemoryError

        devices.with_relief(draw)

    with devices.measure_cost() as cost, devices.load_model("a", lambda: "model"):
        fits(LADDER[-1])
        fits(LADDER[0])
        assert cost.relief == LADDER[-1], "one of the two pictures is a smaller one"
        assert tried[-1] == LADDER[-2], "the next shot is drawn at full size again"
    with devices.load_model("b", lambda: "model"):
        fits(LADDER[0])
        assert tried[-1] == LADDER[0], "another model may well fit"


def test_memory_that_never_suffices_is_said_with_its_cure() -> None:
    def draw(relief: Relief) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    with pytest.raises(BackendError, match="memory does not suffice") as refusal:
        devices.with_relief(draw)
    assert "profile" in refusal.value.hint


def test_another_error_is_not_taken_for_memory() -> None:
    def draw(relief: Relief) -> None:
        raise RuntimeError("the shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        devices.with_relief(draw)


def test_a_card_that_only_emulates_bfloat16_computes_in_float16(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation)
    assert devices.torch_dtype("auto", "cuda") is torch.float16
    assert devices.torch_dtype("bfloat16", "cuda") is torch.bfloat16
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: True)
    assert devices.torch_dtype("auto", "cuda") is torch.bfloat16


def test_a_cpu_computes_in_float32() -> None:
    torch = pytest.importorskip("torch")
    assert devices.torch_dtype("bfloat16", "cpu") is torch.float32
    assert devices.torch_dtype("auto", "cpu") is torch.float32
    with pytest.raises(BackendError, match="no precision"):
        devices.torch_dtype("softmax", "cpu")
