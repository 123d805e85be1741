"""The desk's figures: read by whoever may, as charts without script or style, as tables, and as files."""

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from gateways.database.engine import Database
from gateways.database.figures import facts
from gateways.database.returns import records
from lifecycle.contract.money import Cost
from lifecycle.contract.statuses import Status
from lifecycle.figures.facts import credited, label, refunded
from starter.portal.app import portal
from starter.portal.desk.figures.charts import Bars, drawn
from starter.shared.connect import client_of
from starter.shared.services import services_of
from tests.lifecycle.orders import request
from tests.portal.desk import Desk, desk_at
from tests.portal.people import hire, sign_in
from workers.settings import Settings

_HERE = "http://desk.example"


@pytest.fixture(scope="module")
async def db(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    """Books with two returns that began now, 400 SKUs between them."""
    db = Database(f"sqlite:///{tmp_path_factory.mktemp('figures')}/homeward.db")
    await db.upgrade()
    now = datetime.now(UTC)
    found = [
        refunded("re_1", now, 4000, "USD"),
        refunded("re_2", now, 1999, "EUR"),
        *credited("lot", now, 500, 0, "USD"),
        label("buy_return_label", now, "mail", Cost(520, "USD")),
    ]
    for return_id in ("R-1", "R-2"):
        await db.write(
            lambda connection, of=return_id: records.insert_return(  # type: ignore[misc]
                connection, of, request(return_id=of, line1={"sku": "=SUM<b>"}), {}, Status.REQUESTED, now
            )
        )
    await db.write(lambda connection: facts.of_return(connection, "R-1", found))
    yield db
    await db.dispose()


@pytest.fixture(scope="module")
async def desk(db: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """An auditor's, whose Temporal is not asked."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), database_url=None, policy=None, smtp_url=None)
    services = services_of(settings, await client_of({"target_host": "127.0.0.1:1"}, lazy=True), db)
    async with desk_at(_HERE, httpx.ASGITransport(portal(services, _HERE))) as desk:
        yield await sign_in(desk, await hire(db, "auditor"), next_page="/desk/figures")


async def test_money_is_told_for_each_currency_and_nothing_is_added_across(desk: Desk) -> None:
    page = (await desk.open("/desk/figures")).answer.text
    for told in ("$40.00", "€19.99", "$5.00", "$5.20", "Money back, and money kept, EUR"):
        assert told in page
    assert "59.99" not in page


async def test_charts_need_no_script_and_no_style_and_a_page_is_short(desk: Desk) -> None:
    answer = (await desk.open("/desk/figures?period=quarter")).answer
    assert answer.status_code == 200
    charts = re.findall(r"<svg.*?</svg>", answer.text, re.DOTALL)
    assert len(charts) == answer.text.count("<table") == 6
    assert not [word for chart in charts for word in ("<style", "style=", "<script", "id=", "href") if word in chart]
    assert len(answer.content) < 100_000
    assert "&lt;b&gt;" in answer.text
    assert "SUM<b>" not in answer.text


async def test_a_table_comes_as_a_file_without_formulas(desk: Desk) -> None:
    answer = (await desk.open("/desk/figures.csv?table=reasons&country=us")).answer
    assert list(csv.DictReader(io.StringIO(answer.text))) == [{"sku": "'=SUM<b>", "reason": "unwanted", "units": "4"}]
    assert (await desk.open("/desk/figures.csv?table=customers")).answer.status_code == 404
    assert (await desk.open("/desk/figures.csv?table=money&from=soon")).answer.status_code == 422


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("period=day", "There is no such period."),
        ("from=2026-02-30", "Give the first day as a date."),
        ("from=2026-03-01&to=2026-02-01", "not before the first"),
        ("country=usa", "Give the country in two letters"),
        ("method=owl", "There is no such way of sending."),
    ],
)
async def test_what_cannot_be_read_is_said_and_this_month_is_shown(desk: Desk, asked: str, told: str) -> None:
    answer = (await desk.open(f"/desk/figures?{asked}")).answer
    assert answer.status_code == 422
    assert told in answer.text
    assert "$40.00" in answer.text


async def test_a_period_without_anything_says_so(desk: Desk) -> None:
    page = (await desk.open("/desk/figures?from=2001-01-01&to=2001-12-31")).answer.text
    assert "Nothing was counted in these days." in page
    assert "<svg" not in page


def test_a_bar_is_as_long_as_what_it_stands_for() -> None:
    chart = drawn(Bars(["one", "two"], ["first", "second"], [[10, 0], [20, 20]], lying=True), 'A "chart" <of> two')
    widths = [float(width) for width in re.findall(r'width="([\d.]+)"', chart)]
    assert len(widths) == 3
    assert widths == pytest.approx([2 * widths[1], widths[1], 2 * widths[1]], rel=0.05)
    assert 'aria-label="A &quot;chart&quot; &lt;of&gt; two"' in chart
