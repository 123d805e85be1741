"""The benchmark's own arithmetic."""

import json
import os

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from benchmarks.counting import Counts, billed_actions
from benchmarks.paths import most
from benchmarks.processes import CpuClock
from benchmarks.report import LIMIT, compare, count_lines, time_lines
from benchmarks.request import AMOUNT, plain_request
from benchmarks.rounds import Measured, ratio, spread


def event(name: str) -> HistoryEvent:
    return HistoryEvent(event_type=EventType.Value(f"EVENT_TYPE_{name}"))


def started(attempt: int) -> HistoryEvent:
    found = event("ACTIVITY_TASK_STARTED")
    found.activity_task_started_event_attributes.attempt = attempt
    return found


def marker(name: str, task: int) -> HistoryEvent:
    found = event("MARKER_RECORDED")
    found.marker_recorded_event_attributes.marker_name = name
    found.marker_recorded_event_attributes.workflow_task_completed_event_id = task
    return found


def test_billed_actions_are_counted_as_they_are_priced() -> None:
    priced = [
        event("WORKFLOW_EXECUTION_STARTED"),
        event("WORKFLOW_EXECUTION_UPDATE_ACCEPTED"),
        event("WORKFLOW_EXECUTION_SIGNALED"),
        event("TIMER_STARTED"),
        event("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"),
    ]
    free = [
        event("WORKFLOW_TASK_COMPLETED"),
        event("WORKFLOW_EXECUTION_UPDATE_COMPLETED"),
        event("ACTIVITY_TASK_SCHEDULED"),
        event("ACTIVITY_TASK_COMPLETED"),
        event("TIMER_CANCELED"),
        event("WORKFLOW_EXECUTION_COMPLETED"),
    ]
    assert billed_actions(WorkflowHistory("w", [*priced, *free])) == len(priced)


def test_a_childs_start_is_billed_to_its_parent() -> None:
    start = event("WORKFLOW_EXECUTION_STARTED")
    start.workflow_execution_started_event_attributes.parent_workflow_execution.workflow_id = "return-R-1"
    assert billed_actions(WorkflowHistory("w", [start])) == 0
    assert billed_actions(WorkflowHistory("w", [event("START_CHILD_WORKFLOW_EXECUTION_INITIATED")])) == 2


def test_every_try_of_an_activity_is_billed() -> None:
    assert billed_actions(WorkflowHistory("w", [started(1), started(3)])) == 4


def test_local_activities_of_one_workflow_task_are_one_action() -> None:
    local = [marker("core_local_activity", task) for task in (4, 4, 9)]
    assert billed_actions(WorkflowHistory("w", [*local, marker("core_patch", 4)])) == 2


def test_ratio_is_the_median_round_by_round() -> None:
    assert ratio([10.0, 30.0, 20.0], [20.0, 20.0, 20.0]) == 1.0


def test_bounds_are_judged() -> None:
    kept = count_lines(Counts(42, 10_240, 16), Counts(43, 7_800, 17))
    broken = count_lines(Counts(43, 10_241, 17), Counts(43, 7_800, 17))
    assert [line.kept for line in kept] == [True, True, True]
    assert [line.kept for line in broken] == [False, False, False]


def test_another_path_has_bounds_of_its_own_and_its_name_before_each_figure() -> None:
    plain, bounds = Counts(43, 11_000, 17), Counts(60, 14_336, 18)
    kept = count_lines(Counts(60, 14_336, 18), plain, bounds, of="repair")
    broken = count_lines(Counts(61, 14_337, 19), plain, bounds, of="repair")
    assert [line.kept for line in kept] == [True, True, True]
    assert [line.kept for line in broken] == [False, False, False]
    assert [line.what for line in kept] == ["repair: history events", "repair: history bytes", "repair: billed actions"]
    assert kept[0].ratio == 60 / 43


def test_a_path_costs_the_most_that_it_cost_in_any_of_its_plays() -> None:
    assert most([Counts(51, 12_900, 16), Counts(54, 12_700, 17)]) == Counts(54, 12_900, 17)


def test_above_its_limits_a_plain_return_fails_the_benchmark() -> None:
    floor = Counts(43, 7_800, 17)
    assert [line.kept for line in count_lines(Counts(48, 12_288, 17), floor, LIMIT)] == [True, True, True]
    assert [line.kept for line in count_lines(Counts(49, 12_289, 18), floor, LIMIT)] == [False, False, False]


def measured(per_second: float, worker: float, server: float, driver: float) -> Measured:
    return Measured([per_second], [worker], [server], [driver], [0.010], [0.010], [0.010])


def test_times_are_bound_by_their_ratio_to_the_floor() -> None:
    floor, sandboxed = measured(20.0, 0.010, 0.040, 0.004), measured(18.0, 0.015, 0.040, 0.004)
    slower = Measured([16.0], [0.015], [0.043], [0.005], [0.050], [0.013], [0.014])
    lines = time_lines(slower, floor, sandboxed)
    assert [line.kept for line in lines] == [True, False, False, False, True, True, False]
    assert [line.sandboxed for line in lines[:4]] == [59, 15, 40, 18]


def test_cpu_of_all_processes_is_that_of_worker_server_and_driver() -> None:
    assert measured(20.0, 1.0, 2.0, 4.0).all_processes == [7.0]


def test_a_bound_within_the_spread_of_the_rounds_is_not_judged() -> None:
    floor = [1.0] * 6
    found = [compare("CPU", ours, floor, at_most=1.25).verdict for ours in ([1.2] * 6, [1.3] * 6, [1.1, 1.3] * 3)]
    assert found == ["reached", "not reached", "too noisy to say"]


def test_the_spread_leaves_out_what_the_median_cannot_be() -> None:
    assert spread([3.0, 1.0, 2.0]) == (1.0, 3.0)
    # Of twelve the third and the tenth: the median lies outside of them once in 26 times.
    assert spread([float(number) for number in range(1, 13)]) == (3.0, 10.0)


def test_request_has_two_kilobytes_and_the_amount_that_is_checked() -> None:
    request = plain_request("R-1")
    assert 2000 <= len(json.dumps(request, separators=(",", ":"))) <= 2200
    line = request["order"]["lines"][0]
    # The first of three units: its price, less the larger part of the discount, plus the larger part of the tax.
    assert line["unit_price"] - 334 + 367 == AMOUNT
    tenders = request["order"]["tenders"]
    paid = sum(
        x["quantity"] * x["unit_price"] - x["discount_total"] + x["tax_total"] for x in request["order"]["lines"]
    )
    assert tenders[0]["captured"] == paid + 990


async def test_the_clock_counts_what_every_process_used() -> None:
    clock = CpuClock(os.getppid())
    before = await clock.seconds()
    sum(range(3_000_000))
    assert await clock.seconds() > before > 0
