"""Logs: JSON lines on stderr, with the return's id and never anything personal.

What may be logged is listed, everything else is left out: a known key whose value looks
like an id or is a number. An event's text is a constant in the code; its placeholders
are not filled in, and an exception is shown by its types and places, because the texts of
both come from outside and may quote a name or an address.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import structlog
from structlog.contextvars import bound_contextvars
from structlog.typing import EventDict, Processor, WrappedLogger
from temporalio import activity, workflow
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from client.names import RETURN_PREFIX

#: Keys that may stand in a log line, besides event, level, timestamp and logger.
KEYS: Final = frozenset({
    "return_id", "order_id", "unit_id", "case_id", "mail_id", "workflow_id", "run_id", "workflow_type",
    "activity_id", "activity_type", "task_queue", "attempt", "step", "effect", "kind", "role", "roles",
    "status", "state", "outcome", "code", "error", "exception", "where", "count", "seconds", "port", "pid",
    "signal", "version", "update", "handler", "template", "server", "attention",
    "carrier", "payment", "mail", "orders", "stock", "relay", "partner", "fields",
    "request_id", "caller", "method", "route", "ms", "frames", "act", "asked_by",
})  # fmt: skip
_IDENTIFIER: Final = re.compile(r"^[A-Za-z0-9][\w.:/+-]{0,199}$")
_MAIL_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_FROM_TEMPORAL: Final = ("workflow_id", "run_id", "workflow_type", "activity_id", "activity_type", "attempt")
_OWN: Final = frozenset({"event", "level", "timestamp", "logger"})


def only_ids(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep what is known not to be personal; name the keys that were left out.

    The last processor before rendering, so nothing gets past it.
    """
    text = str(event.get("event", "")).partition("\n")[0]
    kept: dict[str, Any] = {"event": _MAIL_ADDRESS.sub("[mail]", text)}
    left_out = []
    for key, value in event.items():
        if key in _OWN:
            kept.setdefault(key, value)
        elif key in KEYS and (clean := _clean(key, value)) is not None:
            kept[key] = clean
        elif value is not None:
            left_out.append(key)
    if left_out:
        kept["left_out"] = sorted(left_out)
    return kept


def _clean(key: str, value: Any) -> Any:
    if key in ("exception", "frames", "where", "route", "caller"):  # from the code or the settings, not from outside
        return value
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [item for item in map(str, value) if _IDENTIFIER.match(item)]
    text = str(value)
    return text if _IDENTIFIER.match(text) else None


def exception_types(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Turn ``exc_info`` into the chain of exception types and the places of the last one."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if not isinstance(error, BaseException):
        return event
    chain: list[str] = []
    link: BaseException | None = error
    while link is not None and len(chain) < 10:
        chain.append(type(link).__qualname__)
        link = link.__cause__ or link.__context__
    event["exception"] = " < ".join(chain)
    if code := getattr(error, "code", None) or getattr(error, "errno", None):
        event.setdefault("code", code)
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    event["where"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def from_temporal(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Lift the ids that Temporal's loggers carry, and name the return they belong to."""
    for source in ("temporal_workflow", "temporal_activity"):
        info = event.pop(source, None)
        if isinstance(info, Mapping):
            event.update({key: info[key] for key in _FROM_TEMPORAL if key in info})
    event.pop("temporal_log", None)
    if (found := return_of(event.get("workflow_id"))) and "return_id" not in event:
        event["return_id"] = found
    return event


def return_of(workflow_id: object) -> str | None:
    """Give the return's id in ``return-{return_id}``; None for another workflow."""
    text = str(workflow_id or "")
    return text.removeprefix(RETURN_PREFIX) if text.startswith(RETURN_PREFIX) else None


def unformatted(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take a foreign record's constant text: its arguments may be personal, unless all are numbers."""
    values = event.pop("positional_args", None)
    if record := event.get("_record"):
        event["event"] = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        if values and all(isinstance(value, int | float) for value in values):
            event["event"] %= tuple(values)
    return event


def configure_logging(level: str = "INFO") -> None:
    """Send structlog's, the standard library's and Temporal's own lines to stderr, as JSON."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), unformatted],
        pass_foreign_args=True,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            from_temporal,
            exception_types,
            only_ids,
            structlog.processors.JSONRenderer(),
        ],
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.captureWarnings(True)
    # Their informational lines tell of libraries, not of returns.
    for noisy in ("alembic", "asyncio", "httpx", "sqlalchemy", "temporalio.worker", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False


def temporal_runtime(metrics_at: str | None = None) -> Runtime:
    """Temporal's runtime for long-lived processes: its own warnings go through our logs too.

    By default they would be printed to stdout, with whatever they quote. ``metrics_at`` is the HOST:PORT at which
    Prometheus finds its metrics, in seconds; None keeps none.
    """
    forwarding = LogForwardingConfig(
        logger=logging.getLogger("temporalio.core"),
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    level = TelemetryFilter(core_level="WARN", other_level="ERROR")
    logs = LoggingConfig(filter=level, forwarding=forwarding)
    metrics = PrometheusConfig(bind_address=metrics_at, durations_as_seconds=True) if metrics_at else None
    return Runtime(telemetry=TelemetryConfig(logging=logs, metrics=metrics))


class LogContext(Interceptor):
    """Binds the return's id, the step and the attempt to every line an activity logs."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """See the SDK: called once for each activity."""
        return _ActivityContext(next)


class _ActivityContext(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 (the SDK's name)
        info = activity.info()
        bound = {"workflow_id": info.workflow_id, "step": info.activity_id, "attempt": info.attempt}
        with bound_contextvars(**bound):
            return await self.next.execute_activity(input)
