"""Sets the clocks of workflows: back before their first task, and on from there, so that they live the last weeks.

Time skipping leads forward from now. A workflow's own clock is the server's and the time that it has skipped, which the
development server keeps with the workflow; here that time is written, a negative one, while the server does not run.
What the workflow does it does itself, as any other, and its history says when.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

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
#: Of ``TimerInfo``: when it rings.
_RINGS: Final = 3
_TASKS: Final = "SELECT task_id, data FROM timer_tasks"
#: Later than any look that the server has taken before it was stopped.
_SURELY: Final = timedelta(seconds=4)
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
    """Set what workflows, by their ids, take for now; timers that are due by then ring once the server runs again."""
    now = datetime.now(UTC)
    with closing(sqlite3.connect(temporal_db)) as connection, connection:
        tasks = [task for task in _rows(connection, _TASKS) if _number(_TYPE, _OWN_TIMER) in task[1]]
        for workflow_id, then in clocks.items():
            ahead = timedelta(seconds=round((now - then) / timedelta(seconds=1)))
            # That worker has ended: it would be waited for.
            now_then = _bytes(_SKIPPED, _bytes(_HOW_LONG, _number(_SECONDS, -int(ahead.total_seconds()))))
            now_then += _bytes(_WORKER, b"")
            for run_id, info, _ in _rows(connection, _RUNS, workflow_id):
                # What is written behind a message is taken in the place of what stands in it.
                _write(connection, "UPDATE executions SET data = ? WHERE run_id = ?", info + now_then, run_id)
                _set_timers(connection, workflow_id, run_id, ahead, tasks)


def _set_timers(
    connection: sqlite3.Connection, workflow_id: str, run_id: bytes, ahead: timedelta, tasks: list[tuple[Any, ...]]
) -> None:
    """Have the server look at a run's timers when the first of them is due by the clock on the wall.

    It looks once: a moment too early, and the timer never rings.
    """
    asked = "SELECT data FROM timer_info_maps WHERE run_id = ?"
    rings = [_instant(timer) for (timer,) in _rows(connection, asked, run_id)]
    if not rings:
        return
    due = Timestamp()
    due.FromDatetime(max(min(rings) + ahead, datetime.now(UTC)) + _SURELY)
    for task_id, task in tasks:
        if _bytes(_OF_WORKFLOW, workflow_id.encode()) in task:
            change = "UPDATE timer_tasks SET visibility_timestamp = ?, data = ? WHERE task_id = ?"
            _write(connection, change, f"{due.ToDatetime():{_WRITTEN}}", task + _message(_DUE, due), task_id)


def _instant(timer: bytes) -> datetime:
    """When a timer rings by its workflow's clock."""
    return Timestamp.FromString(next(held for number, held in _held(timer) if number == _RINGS)).ToDatetime(tzinfo=UTC)


def _held(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a message that hold bytes or another message; it has no others but whole numbers."""
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        value, at = _read_varint(message, at)
        if key & 7 == 2:
            yield key >> 3, message[at : at + value]
            at += value


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = shift = 0
    while True:
        part = message[at]
        value, shift, at = value | (part & 0x7F) << shift, shift + 7, at + 1
        if part < 0x80:
            return value, at


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


def _rows(connection: sqlite3.Connection, question: str, *values: object) -> list[tuple[Any, ...]]:
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
