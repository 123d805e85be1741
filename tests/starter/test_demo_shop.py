"""`homeward up --demo`: a shop whose last weeks were played, and are found again."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from client.list_rows import ListFilter
from gateways.database.messages import inbox
from lifecycle.contract.messages import Cancel
from lifecycle.contract.request import parse_request
from lifecycle.contract.statuses import Status
from starter.cli.greeting import greeting
from starter.cli.main import main
from starter.demo.story import Stage, stage_at
from starter.demo.weeks.build import POLICY, build, is_built
from starter.demo.weeks.goods import ARTICLES, How, bought
from starter.demo.weeks.plots import PLOTS
from starter.local.up import Place, Ready, running
from starter.shared.connect import demo_dir, local_file, where_is_the_database
from starter.shared.staff_links import StaffLink
from workers.settings import Settings


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One return of each plot, played; then the whole started on what was left."""
    folder = tmp_path_factory.mktemp("demo") / "shop"
    await build(folder, [replace(plot, count=1) for plot in PLOTS])
    assert is_built(folder)
    settings = Settings(data_dir=folder, database_url=None, policy=POLICY, smtp_url=None)
    async with running(settings, Place(folder, temporal_port=0, api_port=0)) as ready, stage_at(ready) as stage:
        yield stage


@pytest.mark.long
async def test_returns_of_all_kinds_lie_in_the_last_weeks(shop: Stage) -> None:
    now = datetime.now(UTC)
    rows = await _listed(shop)
    assert len(rows) == len(PLOTS)
    states = Counter(row.status for row in rows)
    assert states.keys() >= set(Status) - {Status.SETTLING, Status.PARTIALLY_RECEIVED, Status.REQUESTED}
    assert sum(row.attention is not None for row in rows) >= 3
    assert sum(row.escalated for row in rows if row.status is Status.RECEIVED) == 1
    for row in rows:
        view = await shop.homeward.view(row.return_id)
        happened = [entry.at for entry in view.timeline]
        assert happened == sorted(happened), row
        assert now - timedelta(days=50) < happened[0], row
        assert happened[-1] <= datetime.now(UTC), row
    days = {view.date() for view in [entry.opened_at for entry in await _opened(shop)]}
    assert len(days) > 12


@pytest.mark.long
async def test_what_is_open_goes_on_by_the_clock_on_the_wall(shop: Stage) -> None:
    [row] = await shop.homeward.list(ListFilter(statuses=(Status.IN_TRANSIT,)), 1)
    story = await shop.homeward.view(row.return_id)
    assert story.deadlines.target is not None
    assert timedelta() < story.deadlines.target - datetime.now(UTC) < timedelta(days=9)
    review = (await shop.homeward.list(ListFilter(statuses=(Status.IN_REVIEW,)), 1))[0]
    await shop.homeward.cancel(review.return_id, Cancel(by="customer", reason=None))
    view = await shop.homeward.view(review.return_id)
    assert abs(view.timeline[-1].at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.long
async def test_questions_and_unknown_parcels_wait_for_the_desk(shop: Stage) -> None:
    assert len(await inbox.listed(shop.db, ["waiting"], 10)) == 2


async def _listed(shop: Stage) -> list:  # type: ignore[type-arg]
    for _ in range(50):  # Temporal's list is a moment behind
        rows = await shop.homeward.list(ListFilter(), 1000)
        if len(rows) == len(PLOTS):
            break
        await asyncio.sleep(0.1)
    return rows


async def _opened(shop: Stage) -> list:  # type: ignore[type-arg]
    page = await shop.homeward.find(ListFilter(opened_from=datetime(2000, 1, 1, tzinfo=UTC)), 1000)
    return [row.recorded for row in page.rows]


def test_each_plot_has_its_goods_and_200_returns_come_of_them() -> None:
    chance = Random(1)  # noqa: S311 - the same each time
    opened = datetime.now(UTC) - timedelta(days=20)
    assert sum(plot.count for plot in PLOTS) == 200
    for number, plot in enumerate(PLOTS):
        for sku in plot.skus:
            order = bought(number, sku, opened, chance, How("", plot.quantity, at_home=False))
            raw = {"order": order.order, "items": order.items, "resolution": "refund", "method": plot.method}
            request = parse_request(raw, now=opened, forbid_unknown=True)
            assert str(request.order.customer.email).endswith(".example.com")
    assert {sku for plot in PLOTS for sku in plot.skus} <= ARTICLES.keys()


def test_a_shop_that_is_made_up_has_no_real_partners(tmp_path: Path) -> None:
    given = {"HOMEWARD_DATA_DIR": str(tmp_path), "HOMEWARD_STRIPE_KEY": "sk_test_1"}
    result = CliRunner(env=given).invoke(main, ["up", "--demo"])
    assert (result.exit_code, "HOMEWARD_STRIPE_KEY: expected none beside --demo" in result.output) == (2, True)
    assert not demo_dir(tmp_path).exists()


def test_commands_find_the_demonstration_where_no_shop_runs(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=None)
    demo_dir(tmp_path).mkdir()
    local_file(demo_dir(tmp_path)).write_text('{"database": "sqlite:///of-the-demonstration"}')
    assert where_is_the_database(settings) == "sqlite:///of-the-demonstration"
    local_file(tmp_path).write_text('{"database": "sqlite:///of-the-shop"}')
    assert where_is_the_database(settings) == "sqlite:///of-the-shop"


def test_people_are_told_where_everything_is() -> None:
    ready = Ready("http://127.0.0.1:8000", "http://127.0.0.1:8233", "127.0.0.1:7233", "sqlite:///x")
    link = StaffLink("http://127.0.0.1:8000/staff/link?token=t", datetime.now(UTC))
    said = "\n".join(greeting(ready, link, Path("/data"), demo=False))
    for place in ("/desk", "/warehouse", "/docs", "127.0.0.1:8233", "/staff/link?token=t", "up --demo"):
        assert place in said
    assert "no manager yet" not in "\n".join(greeting(ready, None, Path("/data/demo"), demo=True))
