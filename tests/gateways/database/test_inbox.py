"""The inbox keeps each event once, and knows what is due."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from gateways.database.engine import Database
from gateways.database.messages import inbox
from gateways.database.messages.inbox import ForwardResult, InboxEvent
from gateways.database.returns.records import insert_return
from gateways.webhook_protocol import PartnerEvent
from lifecycle.contract.messages import Inspection, PaymentEvent, Receipt, TrackingEvent
from lifecycle.contract.statuses import Status
from tests.gateways.partner_requests import NOW
from tests.workflows.returns.play import make_request

SCAN = TrackingEvent.model_validate({"event_id": "e1", "tracking_code": "9400", "status": "in_transit", "at": NOW})
REFUND = PaymentEvent.model_validate({"event_id": "e2", "reference": "re_1", "status": "failed", "at": NOW})
RECEIPT = Receipt.model_validate({"receipt_id": "r1", "complete": True, "units": [{"line_id": "1"}]})
VERDICT = Inspection.model_validate({"inspection_id": "i1", "units": [{"unit_id": "1-1", "grade": "A"}]})
TOLD = PartnerEvent("easypost", "e1", "tracking", SCAN)
SOON = NOW + timedelta(seconds=10)


async def keep(database: Database, news: PartnerEvent) -> tuple[InboxEvent, bool]:
    return await database.write(lambda connection: inbox.keep(connection, news, NOW, SOON))


async def settle(database: Database, letter: InboxEvent, fate: ForwardResult) -> InboxEvent:
    await database.write(lambda connection: inbox.settle(connection, letter.id, fate))
    found = await inbox.get_event(database, letter.id)
    assert found
    return found


async def test_an_event_is_kept_as_it_was_sent(database: Database) -> None:
    told = [
        TOLD,
        PartnerEvent("stripe", "e2", "payment", REFUND, "R-1"),
        PartnerEvent("warehouse", "m1", "receipt", RECEIPT, "R-1"),
        PartnerEvent("warehouse", "m2", "inspection", VERDICT, "R-1"),
    ]
    for news in told:
        letter, new = await keep(database, news)
        assert new
        assert (letter.source, letter.event_id, letter.kind, letter.message, letter.return_id) == (
            (news.source, news.event_id, news.kind, news.message, news.return_id)
        )
        assert (letter.state, letter.at, letter.next_attempt_at) == ("queued", NOW, SOON)
    assert [row["id"] for row in await inbox.listed(database, inbox.OPEN, 2)] == [4, 3]


async def test_of_ten_at_once_one_is_new(database: Database, other: Database) -> None:
    kept = await asyncio.gather(*(keep(where, TOLD) for where in (database, other) * 5))
    assert sum(new for _, new in kept) == 1
    assert len({letter.id for letter, _ in kept}) == 1
    _, again = await keep(database, replace(TOLD, source="another"))
    assert again  # another partner's id of the same name is another event


async def test_the_oldest_that_is_due_comes_first(database: Database) -> None:
    first, _ = await keep(database, TOLD)
    second, _ = await keep(database, replace(TOLD, event_id="e9"))
    assert await inbox.next_due(database, NOW) is None
    assert (await inbox.next_due(database, SOON) or second).id == first.id
    await settle(database, first, ForwardResult("queued", "nobody answers", next_attempt_at=SOON + timedelta(hours=1)))
    assert (await inbox.next_due(database, SOON) or first).id == second.id
    await settle(database, second, ForwardResult("passed", return_id="R-1"))
    assert await inbox.next_due(database, SOON) is None


async def test_what_has_been_dealt_with_stays_so(database: Database) -> None:
    letter, _ = await keep(database, TOLD)
    passed = await settle(database, letter, ForwardResult("passed", return_id="R-1"))
    assert (passed.state, passed.return_id, passed.attempts, passed.next_attempt_at) == ("passed", "R-1", 1, None)
    late = await settle(database, letter, ForwardResult("waiting", "no return is known", next_attempt_at=SOON))
    assert late == passed
    assert (await keep(database, TOLD))[0] == passed


async def test_a_return_that_got_something_gets_the_rest_at_once(database: Database) -> None:
    mine, _ = await keep(database, replace(TOLD, return_id="R-1"))
    others, _ = await keep(database, replace(TOLD, event_id="e2", return_id="R-2"))
    nobodys, _ = await keep(database, replace(TOLD, event_id="e3"))
    put_away, _ = await keep(database, replace(TOLD, event_id="e4", return_id="R-1"))
    await settle(database, put_away, ForwardResult("dismissed", "a test"))
    await database.write(lambda connection: inbox.retry_now(connection, "R-1", NOW))
    assert (await inbox.next_due(database, NOW) or others).id == mine.id
    await settle(database, mine, ForwardResult("passed"))
    assert await inbox.next_due(database, NOW) is None
    await database.write(lambda connection: inbox.retry_now(connection, None, NOW))
    assert (await inbox.next_due(database, NOW) or others).id == nobodys.id


async def test_what_waits_for_no_return_that_there_is_is_dismissed_together(database: Database) -> None:
    request, waits = make_request(), ForwardResult("waiting", "nobody knows it")
    mine = request.return_id or ""
    await database.write(lambda connection: insert_return(connection, mine, request, {}, Status.REQUESTED, NOW))
    told = {
        "nobody's": TOLD,
        "of a return that is not there": replace(TOLD, event_id="e2", return_id="R-none"),
        "refused": replace(TOLD, event_id="e3", return_id=mine),
        "another partner's": replace(TOLD, source="warehouse"),
    }
    kept = {name: (await keep(database, news))[0] for name, news in told.items()}
    for letter in kept.values():
        await settle(database, letter, waits)
    queued, _ = await keep(database, replace(TOLD, event_id="e4"))
    assert await database.write(lambda connection: inbox.dismiss_unknown(connection, "easypost", "not ours")) == 2
    left = {row["id"] for row in await inbox.listed(database, inbox.OPEN, 10)}
    assert left == {kept["refused"].id, kept["another partner's"].id, queued.id}
    put_away = await inbox.get_event(database, kept["nobody's"].id)
    assert put_away
    assert (put_away.state, put_away.why, put_away.next_attempt_at) == ("dismissed", "not ours", None)
