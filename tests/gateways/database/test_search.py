"""Returns are found by whatever somebody has of them, listed by what is recorded, and forgotten with their customer."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.lookup import keep_codes
from gateways.database.messages import inbox
from gateways.database.returns import listing, orphans, records, search
from gateways.database.returns.listing import Ends, Records
from gateways.database.tables.search import name_trigrams, search_terms
from gateways.webhook_protocol import PartnerEvent
from lifecycle.contract.messages import TrackingEvent
from lifecycle.contract.request import Method, Reason, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from lifecycle.shared.listing import Sort
from starter.api.shared import examples
from tests.gateways.partner_requests import NOW
from tests.lifecycle.orders import body


async def _open(database: Database, return_id: str, *, days: int = 0, **changed: Any) -> None:
    asked = body(
        return_id=return_id, order_id=changed.get("order_id", f"SO-{return_id}"), line1=changed.get("line1", {})
    )
    customer = asked["order"]["customer"]
    customer |= {"name": "Jane Doe", "email": "jane@example.test"} | changed.get("customer", {})
    customer["address"]["country"] = changed.get("country", "US")
    asked["items"][0]["reason"] = changed.get("reason", "size_too_small")
    at = NOW + timedelta(days=days)
    new = partial(records.insert_return, policy={}, status=Status.REQUESTED, at=at)
    await database.write(lambda connection: new(connection, return_id, ReturnRequest.model_validate(asked)))


async def _close(database: Database, return_id: str, **changed: Any) -> None:
    view = View.model_validate(
        {**examples.VIEW, "return_id": return_id, "closed": True, "status": "refunded", **changed}
    )
    await database.write(lambda connection: records.close_return(connection, return_id, view, {}, NOW))


async def _ids(database: Database, text: str) -> list[str]:
    return [row.return_id for row in (await listing.page(database, Records(text), 50)).rows]


@pytest.fixture
async def returns(database: Database) -> Database:
    """Three customers' returns."""
    who = {"name": "Zoë Müller-O'Brien", "email": "Zoe.M@example.test"}
    await _open(database, "R-1", customer=who, order_id="#1071", line1={"sku": "SHOE-42", "serial_numbers": ["sn 77"]})
    await _open(database, "R-2", days=1, customer={"name": "Jon Johnson", "email": "jj@example.test"})
    await _open(database, "R-3", days=2, customer={"name": "Jane Doe", "email": "jane@example.test"})
    await database.write(lambda connection: keep_codes(connection, "parcel", ["1Z 999"], "R-1"))
    return database


@pytest.mark.parametrize(
    "typed",
    [
        *("R-1", "r-1", "#1071", "1071", "107", "zoe", "Zoë", "müll", "obrien", "zoe.m@EXAMPLE.test", "shoe-42"),
        *("1z999", "1Z 999", "SN77", "zoe muller", "muller 1071", "Mueler"),
    ],
)
async def test_it_is_found_by(returns: Database, typed: str) -> None:
    assert await _ids(returns, typed) == ["R-1"]


@pytest.mark.parametrize("typed", ["", " ", "nobody", "zoe doe", "1Z99", "zzz\0", "'; --", "%", "so-r-9"])
async def test_what_leads_nowhere_finds_nothing(returns: Database, typed: str) -> None:
    assert await _ids(returns, typed) == []


async def test_a_misspelt_name_says_what_was_taken_for_it(returns: Database) -> None:
    found = await listing.page(returns, Records("jonhson"), 50)
    assert [row.return_id for row in found.rows] == ["R-2"]
    assert found.instead == {"jonhson": ["johnson"]}


async def test_pages_follow_each_other_in_every_order(database: Database) -> None:
    for number in range(5):
        line = {"unit_price": 1000 + number // 2, "discount_total": 0}
        await _open(database, f"R-{number}", days=number % 3, line1=line)
    for sort in Sort:
        whole = [row.return_id for row in (await listing.page(database, Records(sort=sort), 50)).rows]
        found: list[str] = []
        after = ""
        while part := (await listing.page(database, Records(sort=sort), 2, after)).rows:
            found += [row.return_id for row in part]
            after = listing.place_of(part[-1], sort)
        assert found == whole
        assert len(whole) == 5
    assert (await listing.page(database, Records(), 2, "R-unknown")).rows == []


async def test_records_narrow_a_list(database: Database) -> None:
    await _open(database, "R-1", country="CA")
    await _open(database, "R-2", days=1, reason="defective")
    await _open(database, "R-3", days=2)

    async def found(**wanted: Any) -> list[str]:
        return [row.return_id for row in (await listing.page(database, Records(**wanted), 50)).rows]

    assert await found(country="CA") == ["R-1"]
    assert await found(reason=Reason.DEFECTIVE) == ["R-2"]
    assert await found(opened_from=NOW + timedelta(days=1)) == ["R-3", "R-2"]
    assert await found(opened_before=NOW + timedelta(days=1), text="so-r") == ["R-1"]


async def test_closed_returns_are_listed_by_how_they_ended_and_open_ones_by_name(database: Database) -> None:
    for number in range(4):
        await _open(database, f"R-{number}", days=number)
    credited = {**examples.VIEW["settlement"], "resolution": "store_credit"}
    await _close(database, "R-0")
    await _close(database, "R-1", settlement=credited, status="credited")

    async def found(ends: Ends, *open_ids: str) -> list[str]:
        part = await listing.page(database, Records(), 50, ends=ends, open_ids=open_ids)
        return [row.return_id for row in part.rows]

    assert await found(Ends(statuses=(Status.REFUNDED,)), "R-3", "R-1") == ["R-3", "R-0"]
    assert await found(Ends(resolution=Resolution.STORE_CREDIT)) == ["R-1"]
    assert await found(Ends(method=Method.PICKUP)) == []
    assert await found(Ends(none=True), "R-2") == ["R-2"]
    await database.write(lambda connection: records.reopen_return(connection, "R-0"))
    assert await found(Ends(statuses=(Status.REFUNDED,))) == []


async def test_an_order_and_a_customer_narrow_a_list_however_many_returns_they_have(
    returns: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _open(returns, "R-4", days=3, order_id="1071", customer={"customer_id": "C-4"})

    async def found(**wanted: Any) -> list[str]:
        return [row.return_id for row in (await listing.page(returns, Records(**wanted), 50)).rows]

    for most in (search.FEW, 0):  # one by one, and those of too many for that
        monkeypatch.setattr(search, "FEW", most)
        assert await found(order_id="# 1071") == ["R-4", "R-1"]
        assert await found(customer_id="C-4") == ["R-4"]
        assert await found(customer_id="C-4", order_id="#1071") == ["R-4"]
        assert await found(customer_id="C-9") == []


async def test_what_changes_while_it_is_listed_by_its_last_change_comes_again(database: Database) -> None:
    for number in range(4):
        await _open(database, f"R-{number}", days=number)
    wanted = Records(sort=Sort.UPDATED)
    first = (await listing.page(database, wanted, 2)).rows
    assert [row.return_id for row in first] == ["R-0", "R-1"]
    since = (await listing.page(database, wanted, 50)).rows[-1].updated_at
    await _note(database, "R-1")
    rest = await listing.page(database, wanted, 50, listing.place_of(first[-1], Sort.UPDATED))
    assert [row.return_id for row in rest.rows] == ["R-2", "R-3", "R-1"]
    later = await listing.page(database, Records(updated_since=since, sort=Sort.UPDATED), 50)
    assert [row.return_id for row in later.rows] == ["R-3", "R-1"]
    await _close(database, "R-0")
    assert (await listing.rows_of(database, ["R-0"]))["R-0"].amount == examples.VIEW["settlement"]["amount"]
    assert (await listing.page(database, wanted, 50, "made up R-1")).rows == []


async def _note(database: Database, return_id: str) -> None:
    """A step of it is carried out; asked for again, nothing is recorded."""
    step = ledger.Effect(return_id, "a step", {})
    await ledger.once(database, step, lambda _: {}, NOW)
    noted = (await listing.rows_of(database, [return_id]))[return_id].updated_at
    await ledger.once(database, step, lambda _: {}, NOW)
    assert (await listing.rows_of(database, [return_id]))[return_id].updated_at == noted


async def test_who_is_forgotten_is_not_found_by_who_they_were(returns: Database) -> None:
    await returns.write(lambda connection: search.forget_terms(connection, ["R-1"]))
    for typed in ("zoe", "zoe.m", "muller", "mueler"):
        assert await _ids(returns, typed) == []
    assert await _ids(returns, "1071") == ["R-1"]
    assert await _ids(returns, "jane") == ["R-3"]
    assert await returns.read(_personal_words) == (0, 0)


def _personal_words(connection: Connection) -> tuple[int, int]:
    terms = select(func.count()).where(search_terms.c.return_id == "R-1", search_terms.c.kind.in_(("name", "mail")))
    words = select(func.count()).where(name_trigrams.c.word.in_(["zoe", "muller", "obrien", "mullerobrien"]))
    return connection.execute(terms).scalar_one(), connection.execute(words).scalar_one()


async def test_rows_and_customers_are_given_by_id(returns: Database) -> None:
    assert set(await listing.rows_of(returns, ["R-1", "R-9"])) == {"R-1"}
    assert (await listing.customers_of(returns, ["R-2"]))["R-2"].name == "Jon Johnson"


async def test_what_the_desk_asks_beside_a_list(database: Database) -> None:
    """On both databases, by indexes: a customer's other returns, versions of the policy, what was delivered."""
    same = {"customer_id": "C-many", "name": "Jane Doe"}
    for number, days in enumerate((0, 100, 101)):
        await _open(database, f"R-{number}", days=days, customer=same)
    await _open(database, "R-other", days=101, customer={"customer_id": "C-other"})
    since = NOW + timedelta(days=50)
    found = await listing.returns_of_customers_since(database, ["R-0", "R-2", "R-other"], since)
    assert found == {"R-0": 2, "R-2": 2, "R-other": 1}
    assert await listing.policy_versions(database, 3) == [("", 3)]
    for number, status in enumerate(("in_transit", "delivered")):
        scan = {"event_id": f"E{number}", "tracking_code": "HW1", "status": status, "at": NOW.isoformat()}
        event = PartnerEvent("easypost", f"E{number}", "tracking", TrackingEvent.model_validate(scan), f"R-{number}")
        await database.write(lambda connection, event=event: inbox.keep(connection, event, NOW, NOW))  # type: ignore[misc]
    assert await inbox.delivered_among(database, ["R-0", "R-1", "R-2"]) == {"R-1"}
    assert await orphans.orphans_of(database, ["R-1"]) == []
