"""Store credit: money that stays with the shop, as lots and the signed entries that add up to them.

A lot is what one return gave: it ends at its ``expires_at``, and can be spent before it. Spending
takes the lots that end soonest first. Amounts are in the currency's minor unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    String,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from gateways.database.engine import Database, rows_of
from gateways.database.messages import credit_events
from gateways.database.statements import insert_if_new
from gateways.database.tables.credit import credit_entries, credit_lots
from gateways.errors import Declined
from lifecycle.contract.order_ids import order_key

_LOT, _ENTRY = credit_lots.c, credit_entries.c
_SOONEST = (_LOT.expires_at.asc().nulls_last(), _LOT.credit_id)
_ENTER = insert(credit_entries)
_ALONE = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("of", type_=String), 0)))
_LEFT_OUT: Final = {"return_id": None, "order_id": None, "by": None, "why": None}
_ISSUED = select(_LOT.credit_id).where(_LOT.key == bindparam("of"))
_ADD = update(credit_lots).where(_LOT.credit_id == bindparam("of")).values(remaining=_LOT.remaining + bindparam("more"))
_DONE = (
    select(credit_entries, _LOT.customer_id, _LOT.currency)
    .join(credit_lots, _LOT.credit_id == _ENTRY.credit_id)
    .where(_ENTRY.key == bindparam("of"), _ENTRY.kind == bindparam("as"))
)


def issue(  # noqa: PLR0913  (each is a fact of the credit)
    connection: Connection,
    *,
    key: str,
    customer_id: str,
    currency: str,
    amount: int,
    bonus: int,
    return_id: str,
    at: datetime,
    expires_at: datetime | None,
) -> str:
    """Give credit, ``bonus`` on top of ``amount``, within the caller's transaction; the credit's id.

    A repeat by the key is harmless. From ``expires_at`` on it cannot be spent any more.
    """
    lot = {
        "credit_id": f"sc_{uuid4().hex[:20]}",
        "key": key,
        "customer_id": customer_id,
        "currency": currency,
        "remaining": 0,
        "expires_at": expires_at,
    }
    if connection.execute(insert_if_new(credit_lots, connection.dialect.name), lot).first() is None:
        return str(connection.execute(_ISSUED, {"of": key}).scalar_one())
    entry = {"key": key, "credit_id": lot["credit_id"], "at": at, "return_id": return_id}
    parts = {"issue": amount} | ({"bonus": bonus} if bonus else {})
    _enter(connection, [entry | {"kind": kind, "amount": part} for kind, part in parts.items()])
    return str(lot["credit_id"])


@dataclass(frozen=True)
class Act:
    """Who does something with store credit, and why, as its entries keep it."""

    by: str | None = None
    why: str | None = None


NOBODY: Final = Act()


def take_back(connection: Connection, *, key: str, credit_id: str, amount: int, at: datetime, act: Act = NOBODY) -> int:
    """Take so much of one credit back, or what is left of it; how much that was.

    Nothing is left of what has expired. A repeat by the key answers as the first time. Raises
    ``Declined`` (``not_found``) for an unknown credit.
    """
    lot = (
        connection.execute(select(credit_lots).where(_LOT.credit_id == credit_id).with_for_update()).mappings().first()
    )
    if lot is None:
        raise Declined(f"there is no credit {credit_id}", "not_found")
    before = _done(connection, key, "take_back")
    if before:
        return -int(before[0]["amount"])
    expired = lot["expires_at"] is not None and lot["expires_at"] <= at
    taken = 0 if expired else min(amount, int(lot["remaining"]))
    entry = {"key": key, "credit_id": credit_id, "at": at, "kind": "take_back", "amount": -taken}
    _enter(connection, [entry | vars(act)])
    return taken


async def balance(database: Database, customer_id: str, at: datetime) -> list[dict[str, Any]]:
    """What a customer can spend: ``[{currency, amount, expires_at}]``.

    ``expires_at`` is when the first part of it ends, None when none does.
    """
    total = func.sum(_LOT.remaining).cast(BigInteger).label("amount")
    statement = select(_LOT.currency, total, func.min(_LOT.expires_at).label("expires_at"))
    statement = statement.where(_LOT.customer_id == customer_id, _left(at))
    return await rows_of(database, statement.group_by(_LOT.currency).order_by(_LOT.currency))


async def spend(  # noqa: PLR0913  (each is a fact of the spend)
    database: Database,
    *,
    key: str,
    customer_id: str,
    currency: str,
    amount: int,
    at: datetime,
    order_id: str,
    former_key: str | None = None,
    act: Act = NOBODY,
) -> None:
    """Pay so much of an order, soonest ending credit first; a repeat by the key is harmless.

    What was spent with the ``former_key`` counts as spent with the key.
    Raises ``Declined``: ``insufficient_credit`` when less is left, and then nothing is spent;
    ``key_reused`` when the key was used for another spend, ``given_back`` when that was put back;
    ``amount`` when it is not positive.
    """
    if amount <= 0:
        raise Declined("expected an amount above 0", "amount")
    wanted = {"customer_id": customer_id, "currency": currency, "order_id": order_key(order_id), "amount": amount}

    def work(connection: Connection) -> None:
        _alone(connection, key)
        lots = connection.execute(_spendable(customer_id, currency, at)).mappings().all()
        kept, before = _spend_of(connection, former_key, key)
        if not before:
            parts = _parts(lots, amount)
            entry = {"key": key, "kind": "spend", "at": at, "order_id": order_id, **vars(act)}
            _enter(connection, [entry | {"credit_id": lot, "amount": -part} for lot, part in parts])
        elif _spent(before) != wanted:
            raise Declined("the key was used for another spend", "key_reused")
        elif _done(connection, kept, "give_back"):
            raise Declined("what was spent with the key has been put back", "given_back")

    await database.write(work)


async def give_back(
    database: Database,
    *,
    customer_id: str,
    spend_key: str,
    at: datetime,
    former_key: str | None = None,
    act: Act = NOBODY,
) -> None:
    """Put a spend back where it came from, once; what ended meanwhile stays ended.

    Raises ``Declined`` (``not_found``) when this customer spent nothing with that key.
    """

    def work(connection: Connection) -> None:
        kept, spent = _spend_of(connection, former_key, spend_key)
        if not spent or spent[0]["customer_id"] != customer_id:
            raise Declined("nothing was spent with that key", "not_found")
        lots = select(_LOT.credit_id).where(_LOT.credit_id.in_([row["credit_id"] for row in spent]))
        connection.execute(lots.order_by(*_SOONEST).with_for_update())
        if not _done(connection, kept, "give_back"):
            entry = {"key": kept, "kind": "give_back", "at": at, "order_id": spent[0]["order_id"]}
            entry |= vars(act)
            _enter(connection, [entry | {"credit_id": row["credit_id"], "amount": -row["amount"]} for row in spent])

    await database.write(work)


async def entries_of(database: Database, customer_id: str) -> list[dict[str, Any]]:
    """``[{at, kind, currency, amount, credit_id, return_id, order_id, expires_at, by, why}]``, oldest first.

    ``kind`` is issue, bonus, spend, give_back or take_back; ``amount`` is signed.
    """
    columns = (
        *(_ENTRY.at, _ENTRY.kind, _LOT.currency, _ENTRY.amount),
        *(_ENTRY.credit_id, _ENTRY.return_id, _ENTRY.order_id, _LOT.expires_at, _ENTRY.by, _ENTRY.why),
    )
    statement = select(*columns).join(credit_lots, _LOT.credit_id == _ENTRY.credit_id)
    return await rows_of(database, statement.where(_LOT.customer_id == customer_id).order_by(_ENTRY.id))


def _left(at: datetime) -> ColumnElement[bool]:
    return and_(_LOT.remaining > 0, or_(_LOT.expires_at.is_(None), _LOT.expires_at > at))


def _spendable(customer_id: str, currency: str, at: datetime) -> Select[Any]:
    """The lots that can be spent, in that order, locked."""
    mine = and_(_LOT.customer_id == customer_id, _LOT.currency == currency, _left(at))
    return select(_LOT.credit_id, _LOT.remaining).where(mine).order_by(*_SOONEST).with_for_update()


def _parts(lots: Sequence[RowMapping], amount: int) -> list[tuple[str, int]]:
    """How much of which lot."""
    parts = []
    for lot in lots:
        part = min(amount, int(lot["remaining"]))
        parts.append((str(lot["credit_id"]), part))
        amount -= part
        if not amount:
            return parts
    raise Declined("the customer has less store credit than that", "insufficient_credit")


def _alone(connection: Connection, key: str) -> None:
    """Wait for whoever spends with the same key, of whichever customer's lots. SQLite has one writer as it is."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE, {"of": key})


def _done(connection: Connection, key: str, kind: str) -> Sequence[RowMapping]:
    return connection.execute(_DONE, {"of": key, "as": kind}).mappings().all()


def _spend_of(connection: Connection, former_key: str | None, key: str) -> tuple[str, Sequence[RowMapping]]:
    """What was spent with one of the keys, the former one first, and with which."""
    if former_key and former_key != key and (before := _done(connection, former_key, "spend")):
        return former_key, before
    return key, _done(connection, key, "spend")


def _spent(rows: Sequence[RowMapping]) -> dict[str, Any]:
    """What a spend was, all its parts together, however its order is spelt."""
    kept = {name: rows[0][name] for name in ("customer_id", "currency")}
    return kept | {"order_id": order_key(rows[0]["order_id"]), "amount": -sum(int(row["amount"]) for row in rows)}


def _enter(connection: Connection, entries: Sequence[Mapping[str, Any]]) -> None:
    """Append entries and change the lots that they are entries of."""
    for entry in entries:
        connection.execute(_ENTER, _LEFT_OUT | dict(entry))
        connection.execute(_ADD, {"of": entry["credit_id"], "more": entry["amount"]})
    credit_events.tell(connection, entries)
