"""Which order a payment belongs to: its reference, by the first order that named it.

Gift cards and store credit are accounts, which many orders draw on: only the references of cards and
other payments are kept. Whatever kind an order gives a payment, it is looked for.
"""

import unicodedata
from collections.abc import Collection

from sqlalchemy import Connection, bindparam, select

from gateways.database.engine import Database
from gateways.database.statements import insert_if_new
from gateways.database.tables.orders import payment_references
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.order_ids import order_key
from lifecycle.contract.request import Order
from lifecycle.contract.tenders import TENDERS

_OF_OTHERS = select(payment_references.c.reference).where(
    payment_references.c.reference.in_(bindparam("names", expanding=True)),
    payment_references.c.order_key != bindparam("key"),
)


def keep(connection: Connection, order: Order) -> set[str]:
    """Remember the order's payments; gives the ids of its tenders whose payment another order has named first.

    Of two orders that name one at the same moment, one waits here until the other's transaction has ended.
    """
    key, insert = order_key(order.order_id), insert_if_new(payment_references, connection.dialect.name)
    accounts = {tender.tender_id for tender in order.tenders if TENDERS[tender.kind].is_account}
    names = sorted({name for tender_id, name in _references(order).items() if tender_id not in accounts})
    new = [name for name in names if connection.execute(insert, {"reference": name, "order_key": key}).first()]
    return _of_others(connection, order, besides=new)


async def used_by_others(database: Database, order: Order) -> set[str]:
    """The ids of its tenders whose payment another order has named; raises ``Unavailable``."""
    return await database.read(lambda connection: _of_others(connection, order))


def refuse(order: Order, used: Collection[str], field: str = "order") -> None:
    """Raise ``InvalidRequest`` by field where a tender's payment is another order's: it is nobody's to give back."""
    wrong = [
        (f"{field}.tenders.{number}.reference", "expected a payment that no other order has used")
        for number, tender in enumerate(order.tenders)
        if tender.tender_id in used
    ]
    if wrong:
        raise InvalidRequest(wrong)


def _of_others(connection: Connection, order: Order, besides: Collection[str] = ()) -> set[str]:
    references = _references(order)
    names = set(references.values()).difference(besides)
    if not names:
        return set()
    asked = {"names": sorted(names), "key": order_key(order.order_id)}
    used = set(connection.execute(_OF_OTHERS, asked).scalars())
    return {tender_id for tender_id, reference in references.items() if reference in used}


def _references(order: Order) -> dict[str, str]:
    return {tender.tender_id: plain(tender.reference) for tender in order.tenders if tender.reference}


def plain(reference: str) -> str:
    """Without blanks and invisible signs, which a provider may pass over. Two payments may differ in case alone."""
    return "".join(sign for sign in reference if not sign.isspace() and unicodedata.category(sign) != "Cf")
