"""What entries of store credit tell subscribers: one event for each credit that they change."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from gateways.database.messages import news
from gateways.database.tables.credit import credit_lots
from lifecycle.events.data import CreditEventData
from lifecycle.shared.record_ids import record_id

_EVENTS: Final = {"issue": "issued", "spend": "spent", "give_back": "given_back", "take_back": "taken_back"}
_LOT = select(credit_lots.c.currency, credit_lots.c.remaining, credit_lots.c.expires_at).where(
    credit_lots.c.credit_id == bindparam("of")
)


def tell(connection: Connection, entries: Sequence[Mapping[str, Any]]) -> None:
    """Keep the events of entries that were just made, if anybody wants them; the bonus is a part of its credit's."""
    if not news.wanted(connection):
        return
    for credit_id, of_one in groupby(sorted(entries, key=_credit), _credit):
        parts = list(of_one)
        if amount := sum(int(part["amount"]) for part in parts):
            news.keep(connection, record_id("credit", credit_id), [_event(connection, credit_id, parts, amount)])


def _credit(entry: Mapping[str, Any]) -> str:
    return str(entry["credit_id"])


def _event(connection: Connection, credit_id: str, parts: Sequence[Mapping[str, Any]], amount: int) -> CreditEventData:
    kinds = {str(part["kind"]): part for part in parts}
    [kind] = _EVENTS.keys() & kinds.keys()
    lot = connection.execute(_LOT, {"of": credit_id}).mappings().one()
    return CreditEventData(
        number=news.next_number(connection, record_id("credit", credit_id)),
        entry=news.entry(kinds[kind]["at"], _EVENTS[kind], kinds[kind].get("by")),
        credit_id=credit_id,
        amount=amount,
        bonus=kinds["bonus"]["amount"] if "bonus" in kinds else None,
        return_id=kinds[kind].get("return_id"),
        order_id=kinds[kind].get("order_id"),
        **lot,
    )
