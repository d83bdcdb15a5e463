"""One batch to the end: bisection, memory, cancelling, answers that are no numbers, a lost device."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_core.errors import MlError, ModelUnavailable, OutOfMemory, OutputInvalid
from ml_core.model_store import ModelSpec, ModelStore
from ml_core.service.backlog import Work
from ml_core.service.execution import DeviceLost, Execution
from ml_core.service.metrics import OperationMetrics, Outcome
from ml_core.service.operations import Operation
from ml_core.service.tickets import Cancelled


class Bench:
    """Runs one operation over items and remembers the sizes of its calls and everybody's answers."""

    def __init__(self, run, items, store=None, **options):
        self.calls = []
        self.metrics = OperationMetrics()
        self.works = [Work(0, n, "draw", item, None, None, 0.0) for n, item in enumerate(items)]
        self.answers = {}

        def counted(batch):
            self.calls.append(len(batch.items))
            return run(batch)

        operation = Operation(counted, batch_limit=64, **options)
        self.execution = Execution(operation, store or ModelStore({}), self.metrics, self.give)

    def give(self, answer):
        assert answer.work.number not in self.answers, "one answer each"
        self.answers[answer.work.number] = answer

    def run(self):
        self.execution.run(self.works)
        assert sorted(self.answers) == [work.number for work in self.works]
        return self

    def outcomes(self):
        return [self.answers[work.number].outcome for work in self.works]


def doubled(bad):
    def run(batch):
        wrong = [item for item in batch.items if item in bad]
        if wrong:
            raise ValueError(f"cannot draw {wrong[0]}")
        return [item * 2 for item in batch.items]

    return run


@given(st.integers(1, 64), st.data())
def test_only_bad_items_fail(count, data):
    bad = data.draw(st.sets(st.integers(0, count - 1)))
    bench = Bench(doubled(bad), range(count)).run()
    for number, answer in bench.answers.items():
        if number in bad:
            assert answer.outcome is Outcome.FAILED
            assert str(answer.error) == f"cannot draw {number}"
        else:
            assert (answer.outcome, answer.value) == (Outcome.DONE, number * 2)
    depth = math.ceil(math.log2(count)) if count > 1 else 0
    assert len(bench.calls) <= 1 + 2 * len(bad) * depth
    assert len(bench.calls) == 1 + bench.metrics.retries
    assert sum(size * times for size, times in bench.metrics.batches.items()) == count - len(bad)


def test_one_poisoned_item_among_64_costs_nobody_else_an_answer():
    bench = Bench(doubled({41}), range(64)).run()
    assert bench.outcomes().count(Outcome.DONE) == 63
    assert len(bench.calls) == 13


def test_a_batch_without_memory_is_halved_until_it_fits():
    def run(batch):
        if len(batch.items) > 2:
            raise MemoryError("no room")
        return list(batch.items)

    bench = Bench(run, range(8)).run()
    assert bench.outcomes() == [Outcome.DONE] * 8
    assert bench.calls == [8, 4, 2, 2, 4, 2, 2]


def loaded(size):
    return ModelSpec(lambda path, device: np.zeros(size, np.uint8))


def test_an_item_that_does_not_fit_alone_is_tried_again_without_idle_models():
    store = ModelStore({"idle": loaded(1000), "needed": loaded(10)})
    with store.lease() as models:
        models["idle"]

    def run(batch):
        batch.models["needed"]
        if any(model.name == "idle" for model in store.status().models):
            raise MemoryError("the idle model takes too much")
        return list(batch.items)

    bench = Bench(run, [1, 2], store, models=("needed",)).run()
    assert bench.outcomes() == [Outcome.DONE, Outcome.DONE]
    assert bench.calls == [2, 1, 1, 1], "halved, evicted, tried again; the second fits at once"
    assert [model.name for model in store.status().models] == ["needed"], "what is needed stays"


def test_an_item_that_never_fits_fails_alone():
    def run(batch):
        if "huge" in batch.items:
            raise MemoryError("no room for it")
        return list(batch.items)

    bench = Bench(run, ["a", "huge", "b"]).run()
    assert bench.outcomes() == [Outcome.DONE, Outcome.FAILED, Outcome.DONE]
    error = bench.answers[1].error
    assert isinstance(error, OutOfMemory)
    assert not error.permanent
    assert bench.calls == [3, 2, 1, 1, 1, 1], "the huge one once more after eviction, then no more"


def test_memory_of_a_failed_attempt_is_free_before_the_next():
    """The traceback must not keep the failed attempt's arrays alive."""
    import weakref

    held = []

    def run(batch):
        if held:
            assert held[0]() is None, "the array of the failed attempt is still alive"
            return list(batch.items)
        array = np.zeros(1000)
        held.append(weakref.ref(array))
        raise MemoryError("no room")

    assert Bench(run, [1, 2]).run().outcomes() == [Outcome.DONE, Outcome.DONE]


def test_nan_is_a_failure_of_its_own_item():
    def run(batch):
        return [{"drawing": np.array([1.0, item])} for item in batch.items]

    bench = Bench(run, [1.0, math.nan, math.inf, 2.0], finite=True).run()
    assert bench.outcomes() == [Outcome.DONE, Outcome.FAILED, Outcome.FAILED, Outcome.DONE]
    assert isinstance(bench.answers[1].error, OutputInvalid)
    assert bench.answers[1].error.code == "result_not_finite"
    assert bench.calls == [4], "nothing is computed again"
    assert Bench(run, [math.nan]).run().outcomes() == [Outcome.DONE], "unless the operation asks for it"


def test_cancelling_in_a_batch_costs_the_others_nothing():
    def run(batch):
        bench.works[1].ticket.cancel()
        batch.report("drawing", 50)
        assert [batch.wanted(n) for n in range(3)] == [True, False, True]
        return list(batch.items)

    bench = Bench(run, "abc")
    bench.run()
    assert bench.outcomes() == [Outcome.DONE, Outcome.CANCELLED, Outcome.DONE]
    assert bench.calls == [3]


def test_a_batch_nobody_waits_for_stops_at_the_next_report():
    def run(batch):
        for work in bench.works:
            work.ticket.cancel()
        batch.report("drawing", 50)
        raise AssertionError("it went on")

    bench = Bench(run, "abc")
    bench.run()
    assert bench.outcomes() == [Outcome.CANCELLED] * 3
    assert bench.calls == [3]


def test_the_cancelled_are_left_out_of_retries():
    def run(batch):
        if len(batch.items) == 4:
            bench.works[0].ticket.cancel()
            raise ValueError("broken")
        return list(batch.items)

    bench = Bench(run, "abcd")
    bench.run()
    assert bench.outcomes() == [Outcome.CANCELLED, *[Outcome.DONE] * 3]
    assert isinstance(bench.answers[0].error, Cancelled)
    assert bench.calls == [4, 2, 1]


def test_who_cancels_while_the_first_half_is_repeated_is_not_computed_in_the_second():
    def run(batch):
        if len(batch.items) == 4:
            raise ValueError("broken")
        bench.works[3].ticket.cancel()
        return list(batch.items)

    bench = Bench(run, "abcd")
    bench.run()
    assert bench.outcomes() == [*[Outcome.DONE] * 3, Outcome.CANCELLED]
    assert bench.calls == [4, 2, 1]


def test_progress_reaches_every_caller_or_one():
    def run(batch):
        batch.report("drawing", 10)
        batch.report("lips", 20, item=1)
        return list(batch.items)

    bench = Bench(run, "ab").run()
    for answer in bench.answers.values():
        answer.work.ticket.finish(answer.value)
    assert list(bench.works[0].ticket.events()) == [("drawing", 10)]
    assert list(bench.works[1].ticket.events()) == [("drawing", 10), ("lips", 20)]


def test_a_wrong_number_of_results_is_an_error_of_the_operation():
    bench = Bench(lambda batch: [1, 2, 3], [1]).run()
    assert "3 results for 1 items" in str(bench.answers[0].error)


def test_a_model_that_cannot_be_loaded_fails_the_batch_once():
    tries = []

    def load(path, device):
        tries.append(1)
        raise KeyError("conv1.weight")

    store = ModelStore({"broken": ModelSpec(load)})
    bench = Bench(doubled(()), range(8), store, models=("broken",)).run()
    assert bench.outcomes() == [Outcome.FAILED] * 8
    assert isinstance(bench.answers[3].error, ModelUnavailable)
    assert (tries, bench.calls) == ([1], [])


def test_a_lost_device_ends_the_batch_and_keeps_what_was_answered():
    def run(batch):
        if "deadly" in batch.items:
            if len(batch.items) == 1:
                raise RuntimeError("CUDA error: an illegal memory access was encountered")
            raise ValueError("look closer")
        return list(batch.items)

    bench = Bench(run, ["a", "b", "deadly", "c"])
    with pytest.raises(DeviceLost, match="illegal memory access"):
        bench.execution.run(bench.works)
    assert sorted(bench.answers) == [0, 1]


def test_typed_errors_reach_the_caller_as_they_are():
    def run(batch):
        raise MlError("no_face", "No face.")

    bench = Bench(run, [1]).run()
    assert bench.answers[0].error.code == "no_face"
