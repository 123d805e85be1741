"""What one workflow has cost, counted from its history; independent of the machine."""

from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle, WorkflowHistory

_LOCAL_ACTIVITY = "core_local_activity"
#: Temporal's price list: each of these is one action; a child workflow is two.
_ACTIONS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: 1,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: 1,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: 1,
    EventType.EVENT_TYPE_TIMER_STARTED: 1,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: 1,
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: 2,
}


@dataclass(frozen=True)
class Counts:
    """``size`` is the history's bytes as the server counts them, ``actions`` are the billed ones."""

    events: int
    size: int
    actions: int


async def counts_of(handle: WorkflowHandle[object, object]) -> Counts:
    """Count one workflow."""
    history = await handle.fetch_history()
    described = (await handle.describe()).raw_description.workflow_execution_info
    return Counts(len(history.events), described.history_size_bytes, billed_actions(history))


def billed_actions(history: WorkflowHistory) -> int:
    """Actions that Temporal Cloud bills for this history.

    A child's start is billed to its parent. Every try of an activity counts. All local activities
    of one workflow task count as one. Queries and refused updates would count too but leave nothing in a history.
    """
    of_events = sum(_ACTIONS.get(event.event_type, 0) for event in history.events if not _is_child_start(event))
    tries = sum(
        event.activity_task_started_event_attributes.attempt
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    )
    tasks_with_local = {
        event.marker_recorded_event_attributes.workflow_task_completed_event_id
        for event in history.events
        if _is_local_activity(event)
    }
    return of_events + tries + len(tasks_with_local)


def _is_child_start(event: HistoryEvent) -> bool:
    return bool(event.workflow_execution_started_event_attributes.parent_workflow_execution.workflow_id)


def _is_local_activity(event: HistoryEvent) -> bool:
    return event.marker_recorded_event_attributes.marker_name == _LOCAL_ACTIVITY
