"""What happens to returns and questions is counted with it, and read for any period of the shop's days."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, delete, select, update

from gateways.database import ledger, store_credit
from gateways.database.engine import Database, rows_of
from gateways.database.figures import facts as counted
from gateways.database.figures.read import Wanted, figures
from gateways.database.returns import records
from gateways.database.support import cases
from gateways.database.tables.figures import facts
from gateways.database.tables.support import support_cases
from lifecycle.contract.grades import Grade
from lifecycle.contract.money import Cost, cost_of
from lifecycle.contract.request import Method
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import TimelineEntry, View
from lifecycle.figures.facts import FactName, credited, label, refunded
from lifecycle.figures.period import Period, Preset, preset
from lifecycle.figures.tables import Figures
from lifecycle.support import rules
from tests.gateways.partner_requests import NOW
from tests.lifecycle.orders import request
from tests.lifecycle.returns.story import BOTH, LATER, Story
from tests.support.cases import make_question

NEW_YORK = ZoneInfo("America/New_York")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))
LABEL = Cost(520, "USD")


def _story() -> tuple[View, dict[str, Any]]:
    """A return of two units, graded A and C and refunded on the next day, and its opening."""
    story = Story()
    story.receive(BOTH)
    story.inspect(u1_1=Grade.A, u1_2=Grade.C)
    return story.view, story.ret.opened.model_dump(mode="json")


async def _open(database: Database, *return_ids: str, at: datetime = NOW, **changes: Any) -> None:
    _, opening = _story()

    def work(return_id: str, connection: Connection) -> dict[str, Any]:
        records.insert_return(connection, return_id, request(**changes), {}, Status.REQUESTED, at)
        return opening

    for return_id in return_ids:
        await ledger.once(database, ledger.Effect(return_id, "open", {}), partial(work, return_id), at)


async def _close(database: Database, return_id: str, view: View) -> None:
    at = LATER + timedelta(hours=1)
    await database.write(lambda connection: records.close_return(connection, return_id, view, {}, at))


async def _read(database: Database, period: Period = NOVEMBER, **narrowed: Any) -> Figures:
    return await figures(database, Wanted(period, NEW_YORK, **narrowed), 10)


def _plain(found: Figures, table: str) -> list[tuple[Any, ...]]:
    return [tuple(row.model_dump().values()) for row in getattr(found, table)]


async def test_a_return_is_counted_from_its_opening_to_its_end(database: Database) -> None:
    view, _ = _story()
    await _open(database, "R-1", "R-2")
    bought = label("buy_return_label", NOW, "mail", LABEL)
    await database.write(lambda connection: counted.of_return(connection, "R-1", [bought]))
    paid = view.settlement.paid[0]
    money = refunded(paid.reference or "", LATER, paid.amount, "USD")
    for _ in range(2):  # known from the payment, and again by the last view
        await database.write(lambda connection: counted.of_return(connection, "R-1", [money]))
        await _close(database, "R-1", view)
    found = await _read(database)
    day, next_day = date(2026, 11, 24), date(2026, 11, 25)
    assert _plain(found, "returns") == [(day, "open", "refund", 1), (day, "refunded", "refund", 1)]
    assert _plain(found, "reasons") == [("SHOE", "unwanted", 4)]
    assert _plain(found, "money") == [(next_day, "refund", "USD", 1, paid.amount)]
    assert _plain(found, "grades") == [("A", "restock", 1), ("C", "refurbish", 1)]
    assert _plain(found, "labels") == [("mail", "bought", "USD", 1, 1, 520)]
    assert _plain(found, "promise") == [(0, "within_target", 1)]
    assert found.settled_within(5) == (1, 1)


async def test_days_are_the_shops_and_a_period_has_its_own_alone(database: Database) -> None:
    """Midnight in New York is five o'clock in London; a night later the clocks had gone back."""
    await _open(database, "R-1", at=datetime(2026, 11, 1, 3, 59, tzinfo=UTC))
    await _open(database, "R-2", at=datetime(2026, 11, 1, 4, 0, tzinfo=UTC))
    await _open(database, "R-3", at=datetime(2026, 11, 2, 4, 59, tzinfo=UTC))
    await _open(database, "R-4", at=datetime(2026, 11, 2, 5, 0, tzinfo=UTC))
    found = await _read(database)
    assert [(row.starts.day, row.returns) for row in found.returns] == [(1, 2), (2, 1)]
    assert sum(row.units for row in found.reasons) == 6
    halloween = Period(date(2026, 10, 31), date(2026, 10, 31))
    assert [row.returns for row in (await _read(database, halloween)).returns] == [1]


async def test_figures_are_narrowed_by_country_and_method(database: Database) -> None:
    await _open(database, "R-1")
    await _open(database, "R-2", method="drop_off")
    assert sum(row.returns for row in (await _read(database, country="US")).returns) == 2
    found = await _read(database, country="US", method=Method.DROP_OFF)
    assert [row.returns for row in found.returns] == [1]
    assert [row.units for row in found.reasons] == [2]
    assert (await _read(database, country="DE")).reasons == []


async def test_a_refund_that_has_failed_is_no_money_that_went_out(database: Database) -> None:
    view, _ = _story()
    await _open(database, "R-1")
    tried = [refunded("re_a", LATER, 500, "USD"), *credited("lot-1", LATER, 550, 50, "EUR")]
    await database.write(lambda connection: counted.of_return(connection, "R-1", tried))
    money = [(row.kind, row.currency, row.amount) for row in (await _read(database)).money]
    assert money == [("bonus", "EUR", 50), ("refund", "USD", 500), ("store_credit", "EUR", 500)]
    paid = view.settlement.paid[0]
    failed = paid.model_copy(update={"state": "failed", "reference": "re_a"})
    settlement = view.settlement.model_copy(update={"paid": [failed, paid]})
    await _close(database, "R-1", view.model_copy(update={"settlement": settlement}))
    assert ("refund", "USD", paid.amount) in [
        (row.kind, row.currency, row.amount) for row in (await _read(database)).money
    ]


async def test_a_voided_label_costs_nothing_and_one_without_a_price_is_told(database: Database) -> None:
    await _open(database, "R-1")
    both = [label("buy_return_label", NOW, "mail", LABEL), label("buy_return_label-2", NOW, "mail", None)]
    await database.write(lambda connection: counted.of_return(connection, "R-1", both))
    mark = partial(counted.mark, return_id="R-1", name=FactName.LABEL, part="buy_return_label", how="voided")
    await database.write(mark)
    rows = _plain(await _read(database), "labels")
    assert rows == [("mail", "bought", "", 1, 0, 0), ("mail", "voided", "USD", 1, 1, 520)]


async def test_a_question_is_in_time_by_its_first_answer(database: Database) -> None:
    late = TimelineEntry(at=NOW + timedelta(hours=2), event="escalated", by="engine")
    for answered, entries in [(1, []), (1, [late]), (3, [late]), (None, [late]), (None, [])]:
        case = rules.begin(make_question(), NOW)
        view = rules.view_of(case)
        await database.write(partial(cases.insert_case, request=case.request, view=view))
        at = answered and NOW + timedelta(hours=answered)
        changed = view.model_copy(update={"first_answer_at": at, "timeline": [*view.timeline, *entries]})
        await database.write(partial(cases.keep_case, view=changed, at=NOW))
    assert _plain(await _read(database), "questions") == [("support", "in_time", 2), ("support", "late", 2)]


def _result(result: dict[str, Any], _: Connection) -> dict[str, Any]:
    return result


async def test_what_was_there_before_is_counted_when_the_schema_is_brought_on(database: Database) -> None:
    view, _ = _story()
    await _open(database, "R-1", "R-2")
    await _close(database, "R-1", view)
    at, paid = LATER, view.settlement.paid[0]
    done = {"reference": paid.reference, "status": "succeeded", "amount": paid.amount}
    results: dict[str, dict[str, Any]] = {
        "refund-t1": done,
        "buy_return_label": {"tracking_code": "T"},
        "void_label": {"voided": "buy_return_label"},
    }
    for step, result in results.items():
        await ledger.once(database, ledger.Effect("R-1", step, {}), partial(_result, result), at)
    owed: dict[str, Any] = {"customer_id": "C-1", "currency": "USD", "amount": 100, "bonus": 5, "return_id": "R-2"}
    await database.write(partial(store_credit.issue, key="k", at=at, expires_at=None, **owed))
    before = await rows_of(database, select(facts).order_by(facts.c.of, facts.c.name, facts.c.part))
    await database.write(lambda connection: connection.execute(delete(facts)))
    fill = import_module("gateways.database.migrations.versions.v0037_figures")._fill
    await database.write(fill)
    after = await rows_of(database, select(facts).order_by(facts.c.of, facts.c.name, facts.c.part))
    assert [row for row in after if row["name"] != "label" and row["of"] == "R-1"] == [
        row for row in before if row["of"] == "R-1"
    ]
    found = await _read(database)
    assert _plain(found, "labels") == [("mail", "voided", "", 1, 0, 0)]
    assert [(row.kind, row.amount) for row in found.money] == [
        ("bonus", 5),
        ("refund", paid.amount),
        ("store_credit", 100),
    ]


async def test_what_cannot_be_read_any_more_is_left_out_when_the_schema_is_brought_on(database: Database) -> None:
    await _open(database, "R-1")
    good: dict[str, Any] = {"reference": "re_1", "status": "succeeded", "amount": 500}
    results = [{"status": "succeeded"}, good | {"amount": None}, good | {"reference": 1}, good]
    for number, result in enumerate(results):
        await ledger.once(database, ledger.Effect("R-1", f"refund-t{number}", {}), partial(_result, result), LATER)
    odd, late = make_question(), TimelineEntry(at=NOW, event="escalated", by="engine")
    for asked in (odd, make_question()):
        view = rules.view_of(rules.begin(asked, NOW))
        await database.write(partial(cases.insert_case, request=asked, view=view))
        await database.write(partial(cases.keep_case, view=view.model_copy(update={"timeline": [late]}), at=NOW))
    unread = update(support_cases).where(support_cases.c.case_id == odd.case_id).values(view={"odd": 1})
    await database.write(lambda connection: connection.execute(unread))
    await database.write(lambda connection: connection.execute(delete(facts)))
    await database.write(import_module("gateways.database.migrations.versions.v0037_figures")._fill)
    found = await _read(database)
    assert [(row.kind, row.amount) for row in found.money] == [("refund", 500)]
    assert _plain(found, "questions") == [("support", "late", 1)]


@pytest.mark.parametrize(
    ("amount", "currency", "cost"),
    [
        ("5.93", "USD", Cost(593, "USD")),
        ("450", "JPY", Cost(450, "JPY")),
        (None, None, None),
        ("x", "USD", None),
        ("1", "?", None),
    ],
)
def test_what_a_carrier_calls_its_price_is_read(amount: str | None, currency: str | None, cost: Cost | None) -> None:
    assert cost_of(amount, currency) == cost


def test_periods_end_today_and_are_divided_by_their_length() -> None:
    today = date(2026, 11, 28)
    assert {name: preset(name, today).first for name in Preset} == {
        Preset.WEEK: date(2026, 11, 23),
        Preset.MONTH: date(2026, 11, 1),
        Preset.QUARTER: date(2026, 10, 1),
        Preset.YEAR: date(2026, 1, 1),
    }
    assert len(preset(Preset.MONTH, today).parts) == 28
    assert preset(Preset.QUARTER, today).parts[:3] == [date(2026, 10, 1), date(2026, 10, 5), date(2026, 10, 12)]
    assert preset(Preset.YEAR, today).parts[-1] == date(2026, 11, 1)
    for first, last in [(today, today - timedelta(days=1)), (date(2020, 1, 1), today)]:
        with pytest.raises(ValueError, match=str(first)):
            Period(first, last)
