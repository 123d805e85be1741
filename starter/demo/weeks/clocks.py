"""Sets the clocks of workflows: back before their first task, and on from there, so that they live the last weeks.

Time skipping leads forward from now. A workflow's own clock is the server's and the time that it has skipped, which the
development server keeps with the workflow; here that time is written, a negative one, while the server does not run.
What the workflow does it does itself, as any other, and its history says when.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.history.v1 import History

#: Fields of the server's own messages (``temporal.server.api.persistence.v1``). Of ``WorkflowExecutionInfo``: when it
#: started, when it may begin, and what it has skipped, of which the second is how long, in seconds first.
_STARTED: Final = 20
_MAY_BEGIN: Final = 60
_SKIPPED: Final = 115
_HOW_LONG: Final = 2
_SECONDS: Final = 1
#: Also of it: the queue of the worker that had its last task.
_WORKER: Final = 33
#: Of ``WorkflowExecutionState``: when it started.
_STATE_STARTED: Final = 6
#: Of ``TimerTaskInfo``: its workflow, its type, of which one is a timer of the workflow's own, and when it is due.
_OF_WORKFLOW: Final = 2
_TYPE: Final = 4
_OWN_TIMER: Final = 14
_DUE: Final = 11
_RUNS: Final = "SELECT run_id, data, state FROM executions WHERE workflow_id = ?"
_WRITTEN: Final = "%Y-%m-%d %H:%M:%S.%f+00:00"


def begin_back_then(temporal_db: Path, began: Mapping[str, datetime]) -> None:
    """Have workflows, by their ids, begin at these instants, in the database of a server that does not run.

    They have been started, and no worker has taken a task of theirs yet.
    """
    with closing(sqlite3.connect(temporal_db)) as connection, connection:
        for workflow_id, then in began.items():
            _begin(connection, workflow_id, then)
    set_clocks(temporal_db, began)


def set_clocks(temporal_db: Path, clocks: Mapping[str, datetime]) -> None:
    """Set what workflows, by their ids, take for now; their timers are looked at once the server runs again."""
    now = datetime.now(UTC)
    with closing(sqlite3.connect(temporal_db)) as connection, connection:
        for workflow_id, then in clocks.items():
            seconds = round((then - now) / timedelta(seconds=1))
            # That worker has ended: it would be waited for.
            now_then = _bytes(_SKIPPED, _bytes(_HOW_LONG, _number(_SECONDS, seconds))) + _bytes(_WORKER, b"")
            for run_id, info, _ in _rows(connection, _RUNS, workflow_id):
                # What is written behind a message is taken in the place of what stands in it.
                _write(connection, "UPDATE executions SET data = ? WHERE run_id = ?", info + now_then, run_id)
        _look_at_timers(connection, set(clocks), now)


def _begin(connection: sqlite3.Connection, workflow_id: str, then: datetime) -> None:
    started = Timestamp()
    started.FromDatetime(then)
    for run_id, info, state in _rows(connection, _RUNS, workflow_id):
        info_then = info + _message(_STARTED, started) + _message(_MAY_BEGIN, started)
        state_then = state + _message(_STATE_STARTED, started)
        _write(connection, "UPDATE executions SET data = ?, state = ? WHERE run_id = ?", info_then, state_then, run_id)
        for node_id, node in _rows(connection, "SELECT node_id, data FROM history_node WHERE tree_id = ?", run_id):
            history = History.FromString(node)
            for event in history.events:
                event.event_time.CopyFrom(started)
            change = "UPDATE history_node SET data = ? WHERE tree_id = ? AND node_id = ?"
            _write(connection, change, history.SerializeToString(), run_id, node_id)
    listed = "UPDATE executions_visibility SET start_time = ?, execution_time = ? WHERE workflow_id = ?"
    _write(connection, listed, *(f"{then.astimezone(UTC):{_WRITTEN}}",) * 2, workflow_id)


def _look_at_timers(connection: sqlite3.Connection, workflow_ids: set[str], now: datetime) -> None:
    """Have the server look at the timers of workflows at once: it sets those anew that are not due by their clocks."""
    due = Timestamp()
    due.FromDatetime(now)
    kind = _number(_TYPE, _OWN_TIMER)
    heads = tuple(_bytes(_OF_WORKFLOW, workflow_id.encode()) for workflow_id in workflow_ids)
    for task_id, task in _rows(connection, "SELECT task_id, data FROM timer_tasks"):
        if kind in task and any(head in task for head in heads):
            change = "UPDATE timer_tasks SET visibility_timestamp = ?, data = ? WHERE task_id = ?"
            _write(connection, change, f"{now:{_WRITTEN}}", task + _message(_DUE, due), task_id)


def _rows(connection: sqlite3.Connection, question: str, *values: object) -> list[tuple[bytes, ...]]:
    return connection.execute(question, values).fetchall()


def _write(connection: sqlite3.Connection, change: str, *values: object) -> None:
    connection.execute(change, values)


def _message(number: int, message: Message) -> bytes:
    return _bytes(number, message.SerializeToString())


def _bytes(number: int, content: bytes) -> bytes:
    """A field that holds bytes or another message, as Protocol Buffers write it."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    """A field that holds a whole number; 0 is written too."""
    return _varint(number << 3) + _varint(value & (1 << 64) - 1)


def _varint(value: int) -> bytes:
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
