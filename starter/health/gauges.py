"""Gauges whose values are asked for all at once, and shown until they are asked for again."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

#: By name: what it means, and its labels.
Table = Mapping[str, tuple[str, tuple[str, ...]]]
#: By name, and by the values of its labels, a tuple.
Values = Mapping[str, Mapping[Any, float]]

#: What is true of all processes together, given by the one that looks for orphaned returns.
FLEET: Final[Table] = {
    "homeward_steps_waiting": ("Steps that failed and are tried again", ("partner", "code")),
    "homeward_steps_oldest_wait_seconds": ("Since when the longest waiting of them fails", ("partner",)),
    "homeward_breaker_open": (
        "Whether a partner that fails for everybody is tried by one step alone",
        ("partner", "code"),
    ),
    "homeward_partner_paused": ("Whether an operator has paused it", ("partner",)),
    "homeward_attention": ("Workflows with a step that waits for an operator", ("step",)),
    "homeward_attention_oldest_seconds": ("How long the oldest of them waits", ("step",)),
    "homeward_returns_open": ("Open returns", ("status",)),
    "homeward_promise_overdue": ("Open returns whose next promise to the customer is broken", ()),
    "homeward_requested_oldest_seconds": ("The age of the oldest return without its way home", ()),
    "homeward_outbox_queued": ("Mails that have not gone out", ()),
    "homeward_outbox_oldest_seconds": ("How long the oldest of them waits", ()),
    "homeward_inbox_waiting": ("Partners' events that no return has taken", ()),
    "homeward_inbox_oldest_seconds": ("How long the oldest of them waits", ()),
    "homeward_event_lag_seconds": ("How long the oldest event for a subscriber waits", ("subscriber",)),
    "homeward_relay_up": ("Whether it runs, and has said so lately", ("relay",)),
    "homeward_queue_pollers": ("Workers that take what fewest take, workflows or steps", ("queue",)),
    "homeward_queue_backlog_age_seconds": ("How long the oldest task waits", ("queue",)),
    "homeward_workflow_tasks_wedged": ("Workflows that cannot go on because their code fails", ()),
    "homeward_orphans": ("What nothing carries or no book knows, and nobody has acknowledged", ("kind",)),
    "homeward_reconciled_timestamp": ("When our books were last compared with partners and Temporal", ()),
}
#: What each process says of itself.
PROCESS: Final[Table] = {
    "homeward_build_info": ("Which version does what, always 1", ("version", "commit", "role")),
    "homeward_schema_ok": ("Whether this version works with the database's schema", ()),
    "homeward_db_pool_in_use": ("Connections to PostgreSQL in use", ()),
    "homeward_db_pool_waits_total": ("How often all of them were in use", ()),
    "homeward_disk_free_bytes": ("What is free where the SQLite database is", ()),
}


class Gauges(Collector):
    """Shows what was asked for last."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._values: Values = {}

    def show(self, values: Values) -> None:
        """Show these values, and no others."""
        self._values = values

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """See the library."""
        for name, found in self._values.items():
            what, labels = self._table[name]
            family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            shown = family(name, what, labels=labels)
            for values, value in found.items():
                shown.add_metric(values, value)
            yield shown
