"""The operator's tables of metrics and alerts are those of the code and the rules."""

import re
from pathlib import Path

from prometheus_client import REGISTRY

from activities.shared import metrics
from starter.health.gauges import FLEET, PROCESS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text()


def told_metrics() -> dict[str, tuple[str, ...]]:
    """The names of the page's table, each with its labels."""
    table = PAGE.partition("## Metrics")[2].partition("\n\nFrom ")[0]
    rows = re.findall(r"^\| (`homeward_.+?) \| (.*?) ?\| ", table, re.MULTILINE)
    return {
        name: tuple(re.findall(r"`(\w+)`", labels)) for names, labels in rows for name in re.findall(r"`(\w+)`", names)
    }


def known_metrics() -> dict[str, tuple[str, ...]]:
    """The names of the code."""
    kept = [one for one in vars(metrics).values() if hasattr(one, "_labelnames")]
    counted = {one._name + ("_total" if one._type == "counter" else ""): tuple(one._labelnames) for one in kept}
    return counted | {name: labels for table in (FLEET, PROCESS) for name, (_, labels) in table.items()}


def test_every_metric_is_in_the_table_with_its_labels() -> None:
    assert told_metrics() == known_metrics()


def test_every_metric_of_ours_is_one_of_these() -> None:
    names = {family.name for family in REGISTRY.collect() if family.name.startswith("homeward_")}
    assert names == {name.removesuffix("_total") for name in known_metrics() if name not in {**FLEET, **PROCESS}}
