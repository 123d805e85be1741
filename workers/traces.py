"""Traces: one from an API call through its workflow and steps to the partner, sent by OpenTelemetry's protocol.

Where to is OpenTelemetry's own matter: ``OTEL_EXPORTER_OTLP_ENDPOINT`` and its kin. As in logs, what may be sent is
listed, and everything else is left out: addresses, queries and texts of errors come from outside and may quote a name.
"""

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from workers.settings import SettingsError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from opentelemetry.sdk.trace.export import SpanExporter
    from temporalio.client import Plugin

_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP: Final = "http/protobuf"
#: What a span may say, besides its name, times, status and the type of an exception. A statement has no values in it.
KEPT: Final = frozenset({
    "temporalWorkflowID", "temporalRunID", "temporalActivityID", "temporalUpdateID",
    "http.request.method", "http.response.status_code", "http.route", "server.address", "server.port",
    "db.system", "db.statement",
    "exception.type", "error.type",
})  # fmt: skip
#: Called every few seconds by whoever watches the process.
_UNTRACED: Final = "healthz,readyz,metrics"


def traced(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether an address is set to send traces to."""
    return any(environ.get(name) for name in _ENDPOINTS) and environ.get("OTEL_SDK_DISABLED", "").lower() != "true"


def start_tracing(environ: Mapping[str, str] = os.environ) -> None:
    """Trace this process from now on, if an address is set to send to; what is left is sent at its end.

    Raises ``SettingsError`` that names the variable.
    """
    if not traced(environ):
        return
    _require_usable(environ)
    # Imported here: most processes are not traced, and the command line shall be quick.
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    from opentelemetry.instrumentation.requests import RequestsInstrumentor
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from temporalio.contrib.opentelemetry import create_tracer_provider

    # The names of today's conventions; unset, the instrumentations speak those of before.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    named = {} if environ.get("OTEL_SERVICE_NAME") else {"service.name": "homeward"}
    provider = create_tracer_provider(resource=Resource.create(named | {"service.version": version("homeward")}))
    provider.add_span_processor(BatchSpanProcessor(_without_what_is_not_listed(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)
    HTTPXClientInstrumentor().instrument()
    RequestsInstrumentor().instrument()  # EasyPost's
    # It names no SQLAlchemy as new as ours among those that it knows; the events that it listens to are the same.
    SQLAlchemyInstrumentor().instrument(skip_dep_check=True)


def trace_calls(app: "FastAPI") -> None:
    """Begin a trace, or go on with the caller's, for each call of the application."""
    if traced():
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

        FastAPIInstrumentor.instrument_app(app, excluded_urls=_UNTRACED, exclude_spans=["receive", "send"])


def temporal_plugins() -> "list[Plugin]":
    """What carries a trace through Temporal, for a client and its workers; nothing where none is sent."""
    if not traced():
        return []
    from temporalio.contrib.opentelemetry import OpenTelemetryPlugin

    return [OpenTelemetryPlugin(add_temporal_spans=True)]


def _require_usable(environ: Mapping[str, str]) -> None:
    for name in _ENDPOINTS:
        address = environ.get(name)
        if address and (urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname):
            raise SettingsError(f"{name}: expected an address such as http://collector:4318")
    for name in _PROTOCOLS:
        if environ.get(name) not in (None, "", _HTTP):
            raise SettingsError(f"{name}: expected {_HTTP}")


def _without_what_is_not_listed(exporter: "SpanExporter") -> "SpanExporter":
    """The exporter, which gets of each span only what may be said."""
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
    from opentelemetry.trace import Status

    def listed(span: ReadableSpan) -> ReadableSpan:
        return ReadableSpan(
            name=span.name,
            context=span.context,
            parent=span.parent,
            resource=span.resource,
            attributes=_kept(span.attributes),
            events=[Event(event.name, _kept(event.attributes), event.timestamp) for event in span.events],
            links=span.links,
            kind=span.kind,
            status=Status(span.status.status_code),
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )

    class Listed(SpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            return exporter.export([listed(span) for span in spans])

        def shutdown(self) -> None:
            exporter.shutdown()

    return Listed()


def _kept(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (attributes or {}).items() if name in KEPT}
