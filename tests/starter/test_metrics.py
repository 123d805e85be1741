"""What Prometheus finds at a real process after real returns: the names of the docs, and nothing that names anybody."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import InspectedUnit, ReceiptUnits
from starter.demo.story import Stage, stage_at
from starter.health import fleet
from starter.local.temporal_server import free_port
from starter.local.up import Place, running
from tests.project.test_metrics_docs import told_metrics
from tests.workflows.returns.play import Play, make_request
from workers.setting_values import Subscriber
from workers.settings import Settings

Families = Mapping[str, Metric]
SUBSCRIBER = Subscriber.model_validate({"url": "http://127.0.0.1:9", "secret": "whsec_" + "QUJD" * 10})
#: Of the labels of ours and the SDK's: a word of the code or of the settings, never anybody's name or number.
WORD = re.compile(r"[A-Za-z][A-Za-z_]*([-.][A-Za-z_]+)*|[0-9.]+|\+Inf|")
#: What is there on SQLite, where no partner is down, nothing is orphaned and no books were compared.
ABSENT = {
    "homeward_breaker_open",
    "homeward_db_pool_in_use",
    "homeward_db_pool_waits_total",
    "homeward_orphans",
    "homeward_reconciled_timestamp",
}
#: The library that reads the page calls every counter a total.
EVICTIONS = "temporal_sticky_cache_total_forced_eviction_total"


@pytest.fixture(scope="module")
async def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory, port: int) -> AsyncIterator[Stage]:
    """`homeward up` with a health address, which measures each second; steps fail for good at once."""
    folder = tmp_path_factory.mktemp("metrics")
    settings = Settings(
        data_dir=folder,
        health_port=port,
        subscribers=[SUBSCRIBER],
        worker_cache=3,
        policy=Path(__file__).parent.parent.parent / "examples" / "policy.toml",
    )
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(fleet, "EVERY", timedelta(seconds=1))
        changed.setattr(fleet, "LOOKS_AGAIN", timedelta(seconds=0.5))
        place = Place(folder, temporal_port=0, ui_port=0, api_port=0)
        async with running(settings, place) as ready, stage_at(ready) as stage:
            yield stage


async def scraped(port: int) -> Families:
    async with httpx.AsyncClient(timeout=30) as client:
        text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    return {family.name: family for family in text_string_to_metric_families(text)}


async def until(port: int, true: Callable[[Families], bool]) -> Families:
    for _ in range(150):
        if true(found := await scraped(port)):
            return found
        await asyncio.sleep(0.2)
    raise AssertionError("it never came true")


def value(found: Families, name: str, **labels: str) -> float:
    """The sum of what has these labels; 0 where there is none."""
    samples = [sample for family in found.values() for sample in family.samples if sample.name == name]
    return sum(one.value for one in samples if labels.items() <= one.labels.items())


@pytest.fixture(scope="module")
async def played(stage: Stage) -> list[Play]:
    """One return that was refunded, one whose refund is refused, one whose label is tried again."""
    refunded = Play(stage, make_request())
    await refunded.start()
    await refunded.receipt(ReceiptUnits(line_id="1"))
    await refunded.inspection(InspectedUnit(unit_id="1-1", grade=Grade.A))
    await refunded.closed()
    refused = Play(stage, make_request(tender="pi_9 fault:refused"))
    await refused.start()
    await refused.receipt(ReceiptUnits(line_id="1"))
    await refused.inspection(InspectedUnit(unit_id="1-1", grade=Grade.A))
    await refused.attention("refund")
    waiting = Play(stage, make_request(line2="fault:down"))
    await waiting.start(until=None)
    return [refunded, refused, waiting]


async def test_returns_are_counted_as_they_go(played: list[Play], port: int) -> None:
    found = await until(port, lambda found: value(found, "homeward_steps_waiting", partner="carrier") == 1)
    calls = "homeward_partner_calls_total"
    assert value(found, "homeward_returns_started_total", method="mail", resolution="refund") >= 3
    assert value(found, "homeward_returns_settled_total", resolution="refund", promise="target") >= 1
    assert value(found, "homeward_refunded_minor_units_total", currency="USD") >= 4000
    assert value(found, calls, partner="payment", call="refund", outcome="done", code="") >= 1
    assert value(found, calls, partner="payment", call="refund", outcome="refused") >= 1
    assert value(found, calls, partner="carrier", call="buy_return_label", outcome="tried_again") >= 1
    assert value(found, "homeward_partner_call_seconds_count", partner="payment", call="refund") >= 2


async def test_the_fleet_is_measured(played: list[Play], port: int) -> None:
    found = await until(port, lambda found: value(found, "homeward_attention_oldest_seconds", step="refund") > 0)
    assert value(found, "homeward_attention", step="refund") == 1
    assert value(found, "homeward_steps_oldest_wait_seconds", partner="carrier") > 0
    assert value(found, "homeward_returns_open", status="requested") == 1
    assert value(found, "homeward_requested_oldest_seconds") > 0
    assert value(found, "homeward_queue_pollers", queue="returns-payment") >= 1
    assert value(found, "homeward_relay_up", relay="event-delivery") == 1
    assert value(found, "homeward_event_lag_seconds") > 0
    assert value(found, "homeward_schema_ok") == value(found, "homeward_build_info", role="up") == 1
    assert value(found, "homeward_disk_free_bytes") > 0


async def test_what_is_put_out_of_a_small_cache_is_counted(stage: Stage, played: list[Play], port: int) -> None:
    for _ in range(4):
        await Play(stage, make_request()).start()
    await until(port, lambda found: value(found, EVICTIONS, task_queue="returns") > 0)


async def test_names_are_those_of_the_docs_and_no_label_names_anybody(played: list[Play], port: int) -> None:
    found = await until(port, lambda found: value(found, "homeward_attention") > 0)
    told, ours = told_metrics(), set()
    for family in found.values():
        for sample in family.samples:
            said = dict(sample.labels)
            # A digest of its address, which operators set.
            assert re.fullmatch("[0-9a-f]{32}", said.pop("subscriber", "0" * 32))
            # Of the code that runs.
            assert re.fullmatch(r"[\w.+-]*", said.pop("commit", ""))
            assert all(WORD.fullmatch(text) for text in said.values()), sample
            if sample.name.startswith("homeward_"):
                ours.add(name := sample.name.removesuffix("_count").removesuffix("_sum").removesuffix("_bucket"))
                assert sample.labels.keys() - {"le"} == set(told[name]), sample
    assert ours == set(told) - ABSENT
