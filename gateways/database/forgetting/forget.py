"""Blanks what our own tables hold of a customer, and drops the keys of what Temporal holds.

Amounts, dates, ids, statuses, stock and the ledger stay: the books add up as before.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Column, Connection, Table, and_, delete, func, insert, or_, select, update

from gateways.database import data_keys
from gateways.database.engine import Database
from gateways.database.forgetting.blanks import MAILBOX, TEXT, blank_order, blank_request, scrubbed
from gateways.database.forgetting.known import Known, known_of
from gateways.database.returns.search import forget_terms
from gateways.database.tables.access import forgotten
from gateways.database.tables.desk import case_notes, office_calls
from gateways.database.tables.messages import events, inbox, link_requests, outbox
from gateways.database.tables.orders import orders
from gateways.database.tables.returns import returns
from gateways.database.tables.steps import effects, failures
from gateways.database.tables.support import support_cases, support_messages

Blank = Callable[[Any], Any]


class StillOpenError(Exception):
    """Something of the customer's is open; ``ids`` are which."""

    def __init__(self, ids: Sequence[str]) -> None:
        super().__init__(", ".join(ids))
        self.ids = tuple(ids)


@dataclass(frozen=True)
class Said:
    """Who has a customer forgotten, and why."""

    by: str
    why: str


async def known(database: Database, customer_id: str) -> Known:
    """What there is of a customer. Raises ``Unavailable``, as all here."""
    return await database.read(lambda connection: known_of(connection, customer_id))


async def forget(
    database: Database, customer_id: str, said: Said, workflow_ids: Collection[str], now: datetime, *, leave_open: bool
) -> int:
    """Do it, in one transaction; how many data keys were dropped. Once more changes nothing.

    ``workflow_ids`` are the customer's closed ones. Raises ``StillOpenError`` unless what is open is to be left.
    """

    def work(connection: Connection) -> int:
        found = known_of(connection, customer_id)
        if found.open and not leave_open:
            raise StillOpenError(found.open)
        _blank_returns(connection, found)
        _blank_cases(connection, found)
        _blank_mails(connection, found)
        _blank_orders(connection, found)
        dropped = data_keys.drop(connection, sorted(workflow_ids))
        row = {"customer": sha256(customer_id.encode()).hexdigest(), "at": now, "by": said.by, "why": said.why}
        counts = {"returns": len(found.returns), "cases": len(found.cases)}
        connection.execute(insert(forgotten), row | counts)
        return dropped

    return await database.write(work)


def _blank_returns(connection: Connection, found: Known) -> None:
    values = found.values

    def scrub(content: Any) -> Any:
        return scrubbed(content, values)

    of = found.returns
    _rewrite(connection, returns, returns.c.return_id, of, {"request": blank_request, "view": scrub, "state": scrub})
    _rewrite(connection, effects, effects.c.return_id, of, {"result": scrub, "asked": scrub})
    _rewrite(connection, inbox, inbox.c.return_id, of, {"message": scrub})
    _rewrite(connection, events, events.c.return_id, of, {"data": scrub})
    shipments = returns.metadata.tables.get("sandbox_shipments")
    if shipments is not None:
        _rewrite(connection, shipments, shipments.c.return_id, of, {"label": scrub})
    connection.execute(update(failures).where(failures.c.return_id.in_(of)).values(words=None))
    told = update(office_calls).where(office_calls.c.return_id.in_(of))
    connection.execute(told.values(note=TEXT, settled_why=TEXT))
    forget_terms(connection, of)


def _blank_cases(connection: Connection, found: Known) -> None:
    values = found.values

    def asked(request: Any) -> Any:
        return scrubbed({**request, "email": MAILBOX, "subject": TEXT, "text": TEXT}, values)

    def shown(view: Any) -> Any:
        told = {name: TEXT for name in ("subject",) if view.get(name)}
        return scrubbed({**view, **told, **({"email": MAILBOX} if view.get("email") else {})}, values)

    _rewrite(connection, support_cases, support_cases.c.case_id, found.cases, {"request": asked, "view": shown})
    said = update(support_messages).where(support_messages.c.case_id.in_(found.cases))
    connection.execute(said.values(text=TEXT))
    connection.execute(said.where(support_messages.c.by.in_(found.values)).values(by=TEXT))
    connection.execute(update(case_notes).where(case_notes.c.case_id.in_(found.cases)).values(text=TEXT))


#: A mail that has not gone out never will.
_UNSENT: Final = {"state": "failed", "next_attempt_at": None}


def _blank_mails(connection: Connection, found: Known) -> None:
    about = outbox.c.return_id.in_((*found.returns, *found.cases))
    theirs = and_(func.lower(outbox.c.to).in_(found.emails), outbox.c.return_id.not_in(found.open))
    connection.execute(update(outbox).where(or_(about, theirs), outbox.c.state == "queued").values(_UNSENT))
    connection.execute(update(outbox).where(or_(about, theirs)).values(subject=TEXT, text=TEXT, data=None, error=None))
    connection.execute(update(outbox).where(theirs).values(to=MAILBOX, recipient_name=TEXT))
    connection.execute(delete(link_requests).where(func.lower(link_requests.c.email).in_(found.emails)))


def _blank_orders(connection: Connection, found: Known) -> None:
    _rewrite(connection, orders, orders.c.order_id, found.orders, {"order": blank_order})
    connection.execute(update(orders).where(orders.c.order_id.in_(found.orders)).values(email=MAILBOX))


def _rewrite(
    connection: Connection, table: Table, of: Column[Any], ids: Collection[str], blanks: dict[str, Blank]
) -> None:
    """Write each of these JSON columns anew where it changes."""
    keys = list(table.primary_key)
    for row in connection.execute(select(table).where(of.in_(ids))).mappings().all():
        new = {name: blank(row[name]) for name, blank in blanks.items() if row[name] is not None}
        changed = {name: value for name, value in new.items() if value != row[name]}
        if changed:
            connection.execute(update(table).where(*(key == row[key.name] for key in keys)).values(changed))
