"""Which work is taken when, with times handed in: no threads, no clock, no sleeping."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_core.service.backlog import LANES_KEPT, Backlog, Later, Ready, Work
from ml_core.service.operations import Operation
from ml_core.service.tickets import Priority

numbers = itertools.count()


def work(item=0, operation="draw", key=None, priority=Priority.INTERACTIVE, at=0.0, deadline=None):
    return Work(priority, next(numbers), operation, item, key, deadline, at)


def backlog(**options):
    draw = Operation(lambda batch: batch.items, **{"batch_limit": 4, "window_s": 1.0} | options)
    return Backlog({"draw": draw, "read": Operation(lambda batch: batch.items, batch_limit=2)})


def items(taken):
    assert isinstance(taken, Ready)
    return [each.item for each in taken.works]


def served(log, count, now):
    """Put ``count`` in, take them at once, and end them at ``now``."""
    for number in range(count):
        log.put(work(number))
    taken = log.take(now, in_a_hurry=True)
    log.ended(taken.works, now)


def test_an_empty_backlog_waits_for_something():
    assert backlog().take(0.0) == Later(None)


def test_a_caller_who_is_alone_never_waits():
    log = backlog()
    for now in (1.0, 1.1, 1.2, 50.0):
        log.put(work("mine"))
        taken = log.take(now)
        assert items(taken) == ["mine"]
        log.ended(taken.works, now)


def test_what_gathered_meanwhile_is_one_batch():
    log = backlog()
    for number in range(6):
        log.put(work(number))
    assert items(log.take(0.0)) == [0, 1, 2, 3]
    assert items(log.take(0.0)) == [4, 5]


def test_a_batch_waits_for_callers_who_have_just_got_their_answers():
    log = backlog()
    served(log, 3, now=10.0)
    log.put(work("first back"))
    assert log.take(10.1) == Later(11.0)
    log.put(work("second back"))
    assert log.take(10.2) == Later(11.0)
    log.put(work("third back"))
    assert items(log.take(10.3)) == ["first back", "second back", "third back"]


def test_the_window_ends_and_callers_who_left_are_not_waited_for_again():
    log = backlog()
    served(log, 3, now=10.0)
    log.put(work("alone now"))
    assert log.take(10.99) == Later(11.0)
    taken = log.take(11.0)
    assert items(taken) == ["alone now"]
    log.ended(taken.works, 11.5)
    log.put(work("still alone"))
    assert items(log.take(11.6)) == ["still alone"]


def test_long_after_a_batch_nobody_is_waited_for():
    log = backlog()
    served(log, 3, now=10.0)
    log.put(work("a stranger"))
    assert items(log.take(12.0)) == ["a stranger"]


def test_a_full_batch_does_not_wait():
    log = backlog()
    served(log, 4, now=10.0)
    for number in range(4):
        log.put(work(number))
    assert items(log.take(10.0)) == [0, 1, 2, 3]


def test_those_who_queued_during_a_batch_are_expected_beside_its_callers():
    log = backlog()
    log.put(work("one"))
    first = log.take(0.0)
    log.put(work("two"))
    log.ended(first.works, 1.0)
    assert log.take(1.0) == Later(2.0), "one comes back beside two"
    log.put(work("one again"))
    assert items(log.take(1.1)) == ["two", "one again"]


def test_nobody_new_is_waited_for_when_the_service_stops():
    log = backlog()
    served(log, 3, now=10.0)
    log.put(work("last"))
    assert items(log.take(10.0, in_a_hurry=True)) == ["last"]


def test_a_deadline_closes_the_window_before_it_passes():
    log = backlog()
    served(log, 3, now=10.0)
    log.put(work("urgent", deadline=10.4))
    assert log.take(10.1) == Later(10.4)
    taken = log.take(10.4)
    assert items(taken) == ["urgent"]
    assert not taken.works[0].expired(10.4)
    assert taken.works[0].expired(10.41)


def test_keys_do_not_share_a_batch():
    log = backlog()
    for number, key in enumerate(["a", "b", "a", "b", "a"]):
        log.put(work(number, key=key))
    assert items(log.take(0.0)) == [0, 2, 4]
    assert items(log.take(0.0)) == [1, 3]


def test_the_most_urgent_goes_first_across_operations_and_fills_its_batch_by_urgency():
    log = backlog()
    log.put(work("batch", priority=Priority.BATCH))
    log.put(work("pack", operation="read", priority=Priority.PACK))
    for number in range(4):
        log.put(work(number))
    assert items(log.take(0.0)) == [0, 1, 2, 3]
    assert items(log.take(0.0)) == ["pack"]
    assert items(log.take(0.0)) == ["batch"]


def test_less_urgent_work_rides_along():
    log = backlog()
    log.put(work("batch", priority=Priority.BATCH))
    log.put(work("person"))
    assert items(log.take(0.0)) == ["person", "batch"]


def test_each_operation_has_its_own_bound():
    log = backlog(queue_limit=2)
    log.put(work())
    assert not log.full("draw")
    log.put(work())
    assert log.full("draw")
    assert not log.full("read")
    log.take(0.0)
    assert not log.full("draw")


def test_forgotten_shapes_take_no_memory():
    log = backlog()
    for number in range(3 * LANES_KEPT):
        log.put(work(key=number))
        log.ended(log.take(0.0).works, 0.0)
    assert len(log._lanes) <= LANES_KEPT + 1


@given(
    st.lists(
        st.tuples(st.sampled_from(["draw", "read"]), st.sampled_from("ab"), st.sampled_from(list(Priority))),
        max_size=40,
    )
)
def test_everything_comes_out_once_in_batches_of_one_kind(submitted):
    log = backlog()
    works = [work(n, operation, key, priority) for n, (operation, key, priority) in enumerate(submitted)]
    for each in works:
        log.put(each)
    seen = []
    while len(log):
        most_urgent = min(each for each in works if each not in seen)
        taken = log.take(0.0, in_a_hurry=True).works
        assert taken[0] is most_urgent
        assert len({(each.operation, each.key) for each in taken}) == 1
        assert len(taken) <= {"draw": 4, "read": 2}[taken[0].operation]
        assert list(taken) == sorted(taken)
        seen += taken
        log.ended(taken, 0.0)
    assert sorted(each.number for each in seen) == [each.number for each in works]


def test_clearing_hands_everything_back():
    log = backlog()
    for number in range(3):
        log.put(work(number))
    assert sorted(each.item for each in log.clear()) == [0, 1, 2]
    assert len(log) == 0
    assert log.take(0.0) == Later(None)


@pytest.mark.parametrize("callers", [1, 3, 4])
def test_closed_loop_callers_settle_into_full_batches(callers):
    """As many callers as fit a batch, each coming back as soon as it has its answer, are served together."""
    log = backlog()
    sizes = []
    for number in range(callers):
        log.put(work(number))
        if number == 0:
            first = log.take(0.0)
    now, taken = 1.0, first
    for _ in range(4):
        log.ended(taken.works, now)
        for each in taken.works:
            log.put(work(each.item, at=now))
        taken = log.take(now)
        assert isinstance(taken, Ready)
        sizes.append(len(taken.works))
        now += 1.0
    assert sizes[-3:] == [callers] * 3
