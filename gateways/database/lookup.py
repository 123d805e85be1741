"""What a scan leads to: the tracking code of a parcel on its way to the shop, or a unit's serial number.

Parcels to customers, and refunds by what their provider calls them, are known as well.

Codes are compared as ``lifecycle.contract.scanned_codes`` folds them, and kept so.
"""

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Connection, bindparam, select

from gateways.database.engine import Database
from gateways.database.statements import insert_all_new
from gateways.database.tables.returns import codes, returns
from lifecycle.contract.scanned_codes import folded

Kind = Literal["parcel", "unit", "sent", "refund"]

_FOUND = (
    select(codes.c.return_id)
    .outerjoin(returns, returns.c.return_id == codes.c.return_id)
    .where(codes.c.kind == bindparam("of_kind"), codes.c.code == bindparam("of"))
    .order_by(returns.c.opened_at.desc().nulls_last(), codes.c.return_id)
)


def keep_codes(connection: Connection, kind: Kind, given: Iterable[str], return_id: str) -> None:
    """Remember whose these are, in the transaction that learns of them; again is harmless."""
    rows = [{"kind": kind, "code": code, "return_id": return_id} for code in sorted({folded(code) for code in given})]
    if rows:
        connection.execute(insert_all_new(codes, connection.dialect.name), rows)


async def return_of_tracking_code(database: Database, code: str) -> str | None:
    """The return that this parcel brings, the newest if the carrier has used the code again; None if unknown.

    Parcels to customers are not among them. Raises ``Unavailable``.
    """
    return next(iter(await _found(database, "parcel", code)), None)


async def returns_of_serial_number(database: Database, serial_number: str) -> list[str]:
    """Returns of orders that had this unit, and those it was received for, the newest first. Raises ``Unavailable``."""
    return await _found(database, "unit", serial_number)


async def return_of_refund(database: Database, reference: str) -> str | None:
    """The return that made this refund, or that an operator attached it to. Raises ``Unavailable``.

    None if nobody did, and where several are called so: two providers may count alike.
    """
    found = await _found(database, "refund", reference)
    return found[0] if len(found) == 1 else None


async def goes_to_a_customer(database: Database, code: str) -> bool:
    """Whether a return has sent this parcel to its customer. Raises ``Unavailable``."""
    return bool(await _found(database, "sent", code))


async def _found(database: Database, kind: Kind, code: str) -> list[str]:
    wanted = {"of_kind": kind, "of": folded(code)}
    return await database.read(lambda connection: list(connection.execute(_FOUND, wanted).scalars()))
