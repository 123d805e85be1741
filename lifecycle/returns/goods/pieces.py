"""A serial number is one piece: how one is handled that came before in another return of its order.

The books of the order know that. Until they have answered, the unit that it came as pays nothing and goes
to no bench.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import BaseModel

from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.goods.repair_bench import send_to_bench
from lifecycle.returns.state import Return, these


class SeenBefore(BaseModel):
    """The return that a piece came in before; ``rejected``: it was rejected there, and went back to the customer."""

    return_id: str
    rejected: bool = False


def unchecked(ret: Return, unit_ids: Iterable[str]) -> dict[str, str]:
    """The serial number of each of these units that the books have not been asked about."""
    units = ret.named(unit_ids)
    return {unit.unit_id: unit.serial_number for unit in units if unit.unchecked and unit.serial_number}


def checked(ret: Return, asked: Mapping[str, str], seen: Mapping[str, SeenBefore], now: datetime) -> None:
    """Take the books' answer: a piece that came before waits for an operator; the others go on."""
    for unit in ret.named(asked):
        if unit.serial_number != asked[unit.unit_id]:
            continue  # another piece has come in its place meanwhile
        unit.unchecked = False
        before = seen.get(unit.unit_id)
        if before is None:
            send_to_bench(ret, unit)
            continue
        unit.flag = f"this piece came back before, in return {before.return_id}"
        unit.flag += ", and was rejected" if before.rejected else ""
        unit.reception = Reception.WRONG_ITEM
        if not unit.settled:
            unit.acceptance = Acceptance.MANUAL_REVIEW
        detail = f"{unit.unit_id}: {unit.serial_number}: {unit.flag}"
        ret.note(now, "came_before", by="engine", detail=detail, about=these([unit]))
