"""The rules as Prometheus' own tool judges them, and each alert by series of our real names: when it fires, and not."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from starter.health.gauges import FLEET, PROCESS
from tests.alerts.server import OPS, RULES, program
from tests.project.test_metrics_docs import PAGE, known_metrics

ALERTS = re.findall(r"- alert: (\w+)", RULES.read_text())
#: For each alert: series by minutes, the minute at which it fires, and one at which it does not yet.
CASES: dict[str, tuple[dict[str, str], int, int]] = {
    "ProcessDown": ({'up{job="homeward",instance="a:1"}': "1x4 0x10"}, 9, 6),
    "FleetUnmeasured": ({'homeward_queue_pollers{queue="returns"}': "1x4 stale"}, 14, 4),
    "QueueWithoutWorker": ({'homeward_queue_pollers{queue="support"}': "1x4 0x10"}, 9, 6),
    "ReturnsWedged": ({"homeward_workflow_tasks_wedged": "0x4 3x10"}, 9, 6),
    "PaidTwiceOrUnbooked": ({'homeward_orphans{kind="refund_not_booked"}': "0x4 1x10"}, 6, 4),
    "ReturnOrphaned": ({'homeward_orphans{kind="return_terminated"}': "0x4 1x10"}, 6, 4),
    "PromiseOverdue": ({"homeward_promise_overdue": "0x4 1x10"}, 6, 4),
    "RelayDown": ({'homeward_relay_up{relay="outbox-relay"}': "1x4 0x10"}, 9, 6),
    "PartnerDown": (
        {
            'homeward_steps_waiting{partner="carrier",code="down"}': "8x30",
            'homeward_steps_waiting{partner="carrier",code="busy"}': "3x30",
            'homeward_steps_oldest_wait_seconds{partner="carrier"}': "0+60x30",
        },
        12,
        9,
    ),
    "AttentionStorm": (
        {"homeward_promise_overdue": "0x30", 'homeward_attention{step="label"}': "_x9 25x20"},
        11,
        8,
    ),
    "SchemaWrong": ({'homeward_schema_ok{instance="a:1"}': "1x4 0x10"}, 7, 5),
    "AttentionOld": ({'homeward_attention_oldest_seconds{step="refund"}': "80000+60x200"}, 120, 60),
    "RequestedOld": ({"homeward_requested_oldest_seconds": "0+60x100"}, 67, 59),
    "OutboxLag": ({"homeward_outbox_oldest_seconds": "0+60x30"}, 17, 14),
    "WebhookLag": ({'homeward_event_lag_seconds{subscriber="a"}': "0+60x30"}, 7, 4),
    "BreakerOpen": ({'homeward_breaker_open{partner="carrier",code="503"}': "0x4 1x20"}, 12, 8),
    "PartnerPausedLong": ({'homeward_partner_paused{partner="payment"}': "1x300"}, 245, 230),
    "CacheEvictions": ({'temporal_sticky_cache_total_forced_eviction{instance="a:1"}': "0x4 3x10"}, 6, 4),
    "SlotsExhausted": (
        {
            'temporal_worker_task_slots_available{instance="a:1",task_queue="returns",worker_type="WorkflowWorker"}': (
                "9x4 0x20"
            )
        },
        16,
        10,
    ),
    "DbPoolExhausted": ({'homeward_db_pool_waits_total{instance="a:1"}': "0x4 1+1x20"}, 13, 7),
    "BooksDiffer": ({'homeward_orphans{kind="hold_open"}': "0x4 1x10"}, 6, 4),
    "ReconcilerStale": ({"homeward_reconciled_timestamp": "0x1700"}, 1565, 1550),
    "PolicyRefused": ({'homeward_policy_refused{instance="a:1"}': "0x4 1x10"}, 6, 4),
    "DiskLow": ({'homeward_disk_free_bytes{instance="a:1"}': "2e9x4 5e8x10"}, 6, 4),
}
#: The other half of rules that say "or", and a restart of what measures amid many old ones, which is no storm.
OTHERS: list[tuple[str, dict[str, str], int, bool]] = [
    ("WebhookLag", {"homeward_inbox_oldest_seconds": "0+60x30"}, 7, True),
    (
        "ReturnsWedged",
        {'temporal_workflow_task_execution_failed{failure_reason="NonDeterminismError"}': "0x4 1x10"},
        8,
        True,
    ),
    (
        "AttentionStorm",
        {"homeward_promise_overdue": "_x9 0x20", 'homeward_attention{step="a"}': "_x9 25x20"},
        11,
        False,
    ),
    (
        "BooksDiffer",
        {'homeward_orphans{kind="overpaid"}': "1x10", 'homeward_orphans{kind="orphaned"}': "1x10"},
        6,
        False,
    ),
    ("PartnerDown", {'homeward_steps_waiting{partner="mail",code="a"}': "50x30"}, 12, False),
]


def _question(alert: str, minute: int, *, fires: bool) -> dict[str, object]:
    asked = f'count(ALERTS{{alertname="{alert}",alertstate="firing"}}) > bool 0'
    return {"expr": asked, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{}", "value": 1}] if fires else []}


def _tried(series: dict[str, str], questions: list[dict[str, object]]) -> dict[str, object]:
    listed = [{"series": name, "values": values} for name, values in series.items()]
    return {"interval": "1m", "input_series": listed, "promql_expr_test": questions}


def test_the_rules_and_the_settings_are_right() -> None:
    done = subprocess.run(
        [program("promtool"), "check", "config", OPS / "prometheus.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(ALERTS)} rules found" in done.stdout


@pytest.mark.long
def test_every_alert_fires_when_it_should_and_not_before(tmp_path: Path) -> None:
    assert list(CASES) == ALERTS
    tried = [
        _tried(series, [_question(alert, not_yet, fires=False), _question(alert, at, fires=True)])
        for alert, (series, at, not_yet) in CASES.items()
    ]
    tried += [_tried(series, [_question(alert, at, fires=fires)]) for alert, series, at, fires in OTHERS]
    path = tmp_path / "tests.yml"
    # JSON is YAML.
    path.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "15s", "tests": tried}))
    done = subprocess.run([program("promtool"), "test", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_name_metrics_that_there_are() -> None:
    named = set(re.findall(r"\bhomeward_\w+", re.sub(r"(?m)^ *- name: .*$", "", RULES.read_text())))
    assert named <= set(known_metrics())
    assert named & set(FLEET)
    assert named & set(PROCESS)


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_is_in_the_docs_with_what_to_do(alert: str) -> None:
    table = PAGE.partition("## Alerts")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (page|ticket) \| .{20,} \| .{10,} \|$", table, re.MULTILINE)
    severity = re.search(rf"alert: {alert}\n(?:.*\n)*?.*severity: (\w+)", RULES.read_text())
    assert severity
    assert [name for name, _ in rows] == ALERTS
    assert (alert, severity[1]) in rows
