"""What goods for a supplier tell of themselves: their timeline's entries, each with the units that it moved."""

from collections.abc import Sequence
from typing import Any

from lifecycle.contract.events.data import PublishedEntry
from lifecycle.contract.events.roles import role_of
from lifecycle.contract.view import TimelineEntry
from lifecycle.events.data import SupplierEventData, SupplierEventUnit
from lifecycle.suppliers.state import SupplierReturn, SupplierSummary, SupplierUnit, UnitStage

#: The stage that each entry moves units to.
_MOVES_TO = {
    "added": UnitStage.GATHERED,
    "asked": UnitStage.ASKED,
    "authorised": UnitStage.AUTHORISED,
    "shipped": UnitStage.SHIPPED,
    "credited": UnitStage.CREDITED,
    "refused": UnitStage.REFUSED,
}


def events_of(
    entries: Sequence[TimelineEntry], journey: SupplierReturn, summary: SupplierSummary
) -> list[SupplierEventData]:
    """These entries; who keeps them numbers them. A unit that has moved on meanwhile is in a later one."""
    return [_event(entry, journey, summary) for entry in entries]


def _event(entry: TimelineEntry, journey: SupplierReturn, summary: SupplierSummary) -> SupplierEventData:
    stage = _MOVES_TO.get(entry.event)
    moved = [unit for unit in journey.units.values() if (unit.stage, unit.since) == (stage, entry.at)]
    return SupplierEventData(
        number=1,
        entry=PublishedEntry(at=entry.at, event=entry.event, by=role_of(entry.by)),
        summary=summary,
        units=[_unit(unit) for unit in moved],
        **_facts(moved, journey, stage),
    )


def _unit(unit: SupplierUnit) -> SupplierEventUnit:
    return SupplierEventUnit.model_validate(unit.model_dump(include=set(SupplierEventUnit.model_fields)))


def _facts(moved: Sequence[SupplierUnit], journey: SupplierReturn, stage: UnitStage | None) -> dict[str, Any]:
    """The parcel of a shipment, the money of a credit."""
    if not moved:
        return {}
    if stage is UnitStage.SHIPPED and (sent := journey.shipments.get(moved[0].shipment_id or "")):
        return {"tracking_code": sent.tracking_code}
    if stage is UnitStage.CREDITED and (given := journey.credits.get(moved[0].credit_id or "")):
        return {"amount": given.amount, "currency": given.currency}
    return {}
