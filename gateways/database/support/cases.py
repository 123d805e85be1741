"""Every support case from its opening step on, its messages, and its final view."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, literal, select, tuple_, update

from gateways.database.engine import Database
from gateways.database.figures import facts
from gateways.database.statements import insert_if_new
from gateways.database.tables.support import support_cases, support_messages
from lifecycle.figures.facts import question
from lifecycle.support.messages import Queue, SupportRequest
from lifecycle.support.state import CaseMessage, CaseStatus, CaseView

_OF = support_cases.c.case_id == bindparam("of")
_REQUEST = select(support_cases.c.request).where(_OF)
_PLACE = select(support_cases.c.opened_at, support_cases.c.case_id).where(_OF)
_KNOWN = select(support_cases.c.request, support_cases.c.view, support_cases.c.closed_at).where(_OF)
_MESSAGES = (
    select(*[support_messages.c[name] for name in CaseMessage.model_fields])
    .where(support_messages.c.case_id == bindparam("of"))
    .order_by(support_messages.c.number)
)
_INSERT = insert(support_cases)
_KEEP = (
    update(support_cases)
    .where(_OF)
    .values({name: bindparam(f"new_{name}") for name in ("status", "view", "closed_at")})
)


@dataclass(frozen=True)
class StoredCase:
    """What the database keeps of a case, a moment behind it while it is open."""

    request: SupportRequest
    view: CaseView
    closed_at: datetime | None


def insert_case(connection: Connection, request: SupportRequest, view: CaseView) -> None:
    """Keep a case that has just been opened."""
    values = {
        "case_id": request.case_id,
        "queue": view.queue.value,
        "status": view.status.value,
        "request": request.model_dump(mode="json"),
        "view": _without_messages(view),
        "opened_at": view.opened_at,
    }
    connection.execute(_INSERT, values)
    add_messages(connection, request.case_id, view.messages, first=1)


def keep_case(connection: Connection, view: CaseView, at: datetime) -> None:
    """Keep what the case has become; its messages are kept one by one."""
    new = {
        "status": view.status.value,
        "view": _without_messages(view),
        "closed_at": at if view.closed else None,
    }
    connection.execute(_KEEP, {"of": view.case_id} | {f"new_{name}": value for name, value in new.items()})
    if asked := question(view):
        facts.of_case(connection, view.case_id, asked)


def add_messages(connection: Connection, case_id: str, messages: Sequence[CaseMessage], first: int) -> None:
    """Keep messages, the first of which is so many-th in its case."""
    for number, message in enumerate(messages, first):
        row = {"case_id": case_id, "number": number, **message.model_dump()}
        connection.execute(insert_if_new(support_messages, connection.dialect.name), row)


def request_in(connection: Connection, case_id: str) -> SupportRequest:
    """What started a case, read within a transaction."""
    return SupportRequest.model_validate(connection.execute(_REQUEST, {"of": case_id}).scalar_one())


async def get_case(database: Database, case_id: str) -> StoredCase | None:
    """What is kept of a case; None when it is unknown."""
    if "\x00" in case_id:  # PostgreSQL takes no such text
        return None

    def read(connection: Connection) -> StoredCase | None:
        row = connection.execute(_KNOWN, {"of": case_id}).first()
        if row is None:
            return None
        messages = [dict(said) for said in connection.execute(_MESSAGES, {"of": case_id}).mappings()]
        request = SupportRequest.model_validate(row.request)
        return StoredCase(request, CaseView.model_validate({**row.view, "messages": messages}), row.closed_at)

    return await database.read(read)


async def known_cases(database: Database, case_ids: Collection[str]) -> set[str]:
    """Those of them that there are."""
    statement = select(support_cases.c.case_id).where(support_cases.c.case_id.in_(case_ids))
    return await database.read(lambda connection: set(connection.execute(statement).scalars()))


async def list_cases(
    database: Database,
    *,
    queue: Queue | None = None,
    statuses: Sequence[CaseStatus] = (),
    limit: int = 100,
    after: str | None = None,
) -> list[CaseView]:
    """Cases without their messages, the longest open first; of all statuses when none is given.

    With ``after`` those that come behind this case; none behind one that there is not.
    """
    statement = select(support_cases.c.view).order_by(support_cases.c.opened_at, support_cases.c.case_id).limit(limit)
    if queue:
        statement = statement.where(support_cases.c.queue == queue.value)
    if statuses:
        statement = statement.where(support_cases.c.status.in_([status.value for status in statuses]))

    def read(connection: Connection) -> Sequence[Any]:
        if after is None:
            return connection.execute(statement).scalars().all()
        last = connection.execute(_PLACE, {"of": after}).first()
        if last is None:
            return []
        opened_at, place = support_cases.c.opened_at, tuple_(support_cases.c.opened_at, support_cases.c.case_id)
        behind = place > tuple_(literal(last.opened_at, opened_at.type), literal(last.case_id))
        return connection.execute(statement.where(behind)).scalars().all()

    rows = await database.read(read)
    return [CaseView.model_validate({**row, "messages": []}) for row in rows]


def _without_messages(view: CaseView) -> dict[str, Any]:
    return view.model_dump(mode="json", exclude={"messages"})
