"""Support cases in both databases: kept from their opening on, with their messages, listed by queue and status."""

from datetime import UTC, datetime, timedelta

from gateways.database.engine import Database
from gateways.database.support import cases
from lifecycle.support import rules
from lifecycle.support.messages import AddMessage, Queue
from lifecycle.support.state import Case, CaseStatus
from tests.support.cases import make_question

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)


async def keep(database: Database, case: Case) -> None:
    """As the workflow does, message by message."""
    view = rules.view_of(case)
    await database.write(lambda connection: cases.keep_case(connection, view, NOW))
    await database.write(lambda connection: cases.add_messages(connection, view.case_id, view.messages[1:], first=2))


async def opened(database: Database, **changes: object) -> Case:
    case = rules.begin(make_question(**changes), NOW)
    view = rules.view_of(case)
    await database.write(lambda connection: cases.insert_case(connection, case.request, view))
    return case


async def test_what_is_kept_is_what_was_said(database: Database) -> None:
    case = await opened(database, text="It\u2019s \N{PILE OF POO}, '\"; --", order_id="SO-1")
    for number in range(12):
        rules.add_message(case, AddMessage(message_id=f"m{number}", by="alex", text=f"{number}\n"), NOW)
    for _ in range(2):
        await keep(database, case)
    kept = await cases.get_case(database, case.request.case_id)
    assert kept is not None
    assert (kept.request, kept.view, kept.closed_at) == (case.request, rules.view_of(case), None)
    rules.advance(case, NOW + timedelta(days=30))
    case.status = CaseStatus.CLOSED
    await keep(database, case)
    kept = await cases.get_case(database, case.request.case_id)
    assert kept is not None
    assert (kept.view.closed, kept.closed_at) == (True, NOW)


async def test_lists_are_by_queue_and_status_and_not_endless(database: Database) -> None:
    first, second = await opened(database, return_id="R-1"), await opened(database)
    rules.add_message(second, AddMessage(message_id="m", by="alex", text="Yes"), NOW)
    await keep(database, second)

    async def listed(queue: Queue | None = None, *statuses: CaseStatus, limit: int = 10) -> list[str]:
        return [row.case_id for row in await cases.list_cases(database, queue=queue, statuses=statuses, limit=limit)]

    both = sorted([first.request.case_id, second.request.case_id])
    assert sorted(await listed()) == both
    assert await listed(Queue.RETURNS) == [first.request.case_id]
    assert await listed(None, CaseStatus.ANSWERED) == [second.request.case_id]
    assert len(await listed(limit=1)) == 1


async def test_no_id_is_too_odd_to_ask_for(database: Database) -> None:
    for case_id in ("", "\x00", "'", "x" * 500, "\N{PILE OF POO}"):
        assert await cases.get_case(database, case_id) is None
