"""What a return has sent and asked for, by what its steps have recorded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from gateways.database.engine import Database
from gateways.database.ledger import DONE
from gateways.database.tables.steps import effects

#: Steps that get the customer what the goods come home with.
_HOMEWARD: Final = frozenset({"buy_return_label", "book_pickup", "create_drop_off_code"})
_DONE = (
    select(effects.c.step, effects.c.at, effects.c.result, effects.c.partner)
    .where(effects.c.return_id == bindparam("of"), effects.c.state == DONE)
    .order_by(effects.c.at, effects.c.key)
)


@dataclass(frozen=True)
class StoredParcel:
    """One parcel; ``carrier`` is the route's name where the shop has several, ``voided``: its label is good no more."""

    to_shop: bool
    tracking_code: str
    label_url: str | None
    carrier: str | None
    at: datetime
    voided: bool


@dataclass(frozen=True)
class Recorded:
    """The parcels, the oldest first, and what of the request was changed since the start, as JSON."""

    parcels: list[StoredParcel]
    changed: dict[str, Any]


async def recorded_of(database: Database, return_id: str) -> Recorded:
    """What the steps of a return have recorded. Raises ``Unavailable``."""
    rows = await database.read(lambda connection: connection.execute(_DONE, {"of": return_id}).all())
    found = [(row.step, row.at, dict(row.result or {}), row.partner) for row in rows]
    void = {result["voided"] for _, _, result, _ in found if "voided" in result}
    parcels = [
        StoredParcel(
            to_shop=_kind(step) in _HOMEWARD,
            tracking_code=result["tracking_code"],
            label_url=result.get("label_url"),
            carrier=partner,
            at=at,
            voided=step in void,
        )
        for step, at, result, partner in found
        if result.get("tracking_code")
    ]
    changed: dict[str, Any] = {}
    for _, _, result, _ in found:
        if "changed" in result and result["decision"]["outcome"] != "declined":
            changed |= result["changed"]
    return Recorded(parcels, changed)


def _kind(step: str) -> str:
    """The step's name without its number."""
    name, _, number = step.rpartition("-")
    return name if name and number.isdigit() else step
