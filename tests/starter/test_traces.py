"""Traces as a collector gets them: one from the call that starts a return to the carrier, and nothing personal."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from starter.cli.main import main
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.starter.test_up import Running, request

_ID = "R-TRACED"


class Collector(ThreadingHTTPServer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keeps)
        self.bodies: list[bytes] = []

    @property
    def spans(self) -> list[Span]:
        """All spans that have come."""
        return [
            span
            for body in self.bodies
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def until_ended(self, name: str) -> list[Span]:
        """Wait for a span of that name; what has come then."""
        for _ in range(200):
            if any(span.name == name for span in self.spans):
                return self.spans
            time.sleep(0.1)
        raise AssertionError(f"no {name} in {sorted({span.name for span in self.spans})}")


class _Keeps(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        yield collector
        collector.shutdown()


@pytest.fixture(scope="module")
def trace(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Span]]:
    """The spans of the call that starts a return whose label EasyPost sells."""
    carrier = EasyPostStandIn()
    with carrier.running(), pytest.MonkeyPatch.context() as environment:
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        environment.setenv("HOMEWARD_EASYPOST_KEY", "EZTK1")
        environment.setenv("HOMEWARD_EASYPOST_URL", f"{carrier.url}/v2")
        running = Running(tmp_path_factory.mktemp("traced"))
        try:
            answer = httpx.post(f"{running.ready['api']}/v1/returns", json=json.loads(request(_ID)), timeout=30)
            assert answer.status_code == 201, answer.text
            spans = collector.until_ended("RunActivity:buy_return_label")
        finally:
            running.stop(signal.SIGTERM)
            assert running.process.stdout is not None
            running.process.stdout.close()
        call = next(span for span in spans if span.name == "POST /v1/returns")
        yield [span for span in collector.spans if span.trace_id == call.trace_id]


def said(span: Span) -> dict[str, str]:
    """The attributes of a span that are texts."""
    return {attribute.key: attribute.value.string_value for attribute in span.attributes}


def _ancestors(spans: list[Span], span: Span) -> list[str]:
    by_id = {one.span_id: one for one in spans}
    names = []
    while span.parent_span_id in by_id:
        span = by_id[span.parent_span_id]
        names.append(span.name)
    return names


def test_a_call_to_the_carrier_goes_back_to_the_call_that_started_the_return(trace: list[Span]) -> None:
    bought = next(span for span in trace if span.name == "POST" and span.kind == Span.SPAN_KIND_CLIENT)
    assert _ancestors(trace, bought) == ["RunActivity:buy_return_label", "StartActivity:buy_return_label"]
    assert said(bought)["server.address"] == "127.0.0.1"


def test_statements_are_told_without_their_values(trace: list[Span]) -> None:
    [inserted] = [span for span in trace if said(span).get("db.statement", "").startswith("INSERT INTO returns ")]
    assert said(inserted)["db.statement"].endswith("VALUES (?, ?, ?, ?, ?, ?, ?)")


def test_nothing_personal_leaves(collector: Collector, trace: list[Span]) -> None:
    order = json.loads(request(_ID))["order"]
    personal = [order["customer"]["name"], order["customer"]["email"], order["customer"]["address"]["line1"]]
    sent = b"".join(collector.bodies)
    assert [value for value in personal if value.encode() in sent] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
)
def test_an_address_that_cannot_be_used_ends_the_start(name: str, value: str, tmp_path: Path) -> None:
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "HOMEWARD_DATA_DIR": str(tmp_path), name: value}
    result = CliRunner(env={**os.environ, **settings}).invoke(main, ["worker"])
    assert (result.exit_code, name in result.output) == (2, True)
