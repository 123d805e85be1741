"""Which piece came as which unit of an order, and units that were rejected and are back with their customer.

A serial number is one piece: among the returns of its order one holds it, with the claim of the unit that
it came as. Where that claim ends, the piece may come again.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from gateways.database.orders import order_names
from gateways.database.returns import records
from gateways.database.statements import insert_if_new
from gateways.database.tables.returns import claims, rejected_units
from lifecycle.contract.scanned_codes import folded
from lifecycle.returns.goods.pieces import SeenBefore

_OURS = (claims.c.return_id == bindparam("of"), claims.c.unit_id == bindparam("of_unit"))
_HELD = select(claims.c.serial_number, claims.c.return_id).where(
    claims.c.order_id == order_names.CANONICAL,
    claims.c.serial_number.is_not(None),
    claims.c.return_id != bindparam("of"),
)
_REJECTED = select(rejected_units.c.serial_number, rejected_units.c.return_id, rejected_units.c.unit_id).where(
    rejected_units.c.order_id == order_names.CANONICAL,
    rejected_units.c.serial_number.is_not(None),
    rejected_units.c.return_id != bindparam("of"),
)
_MINE = select(claims.c.unit_id).where(claims.c.return_id == bindparam("of"))
_CLAIM = select(claims).where(*_OURS)
_HOLD = update(claims).where(*_OURS).values(serial_number=bindparam("piece"))
_FREE = delete(claims).where(*_OURS)


def claim_pieces(
    connection: Connection, order_id: str, return_id: str, pieces: Mapping[str, str]
) -> dict[str, SeenBefore]:
    """Note the serial number of each unit that came; those that came before in another return, and are not noted.

    A piece that was rejected and is back with its customer may come again for the unit that it was: that has been
    looked at when it was asked for. For another unit it came before.
    """
    records.alone(connection, order_id)
    mine = set(connection.execute(_MINE, {"of": return_id}).scalars())
    of = order_names.spelt(order_id) | {"of": return_id}
    holders = {row.serial_number: row.return_id for row in connection.execute(_HELD, of)}
    rejected: dict[str, str] = {}
    for row in connection.execute(_REJECTED, of):
        if row.unit_id not in mine:
            rejected.setdefault(row.serial_number, row.return_id)
    seen, held = {}, []
    for unit_id, serial_number in sorted(pieces.items()):
        piece = folded(serial_number)
        if piece in holders or piece in rejected:
            holder = holders.get(piece)
            seen[unit_id] = SeenBefore(return_id=holder or rejected[piece], rejected=holder is None)
        else:
            held.append({"of": return_id, "of_unit": unit_id, "piece": piece})
    if held:
        connection.execute(_HOLD, held)
    return seen


def free_units(connection: Connection, return_id: str, units: Mapping[str, bool], at: datetime) -> None:
    """Units that are back with their customer may be asked for again; each with whether it was rejected."""
    for unit_id, rejected in sorted(units.items()):
        of = {"of": return_id, "of_unit": unit_id}
        claim = connection.execute(_CLAIM, of).first()
        if claim is not None and rejected:
            row = {name: getattr(claim, name) for name in ("order_id", "unit_id", "return_id", "serial_number")}
            connection.execute(insert_if_new(rejected_units, connection.dialect.name), row | {"at": at})
        connection.execute(_FREE, of)
