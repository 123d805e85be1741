"""Grading: which units wait for it, and the verdicts that a form becomes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData

from lifecycle.contract.grades import GRADES, Disposition, Grade
from lifecycle.contract.messages import AttestWipe, InspectedUnit, Inspection
from lifecycle.contract.request import Item, Line, ReturnRequest
from lifecycle.contract.view import Acceptance, Reception, SettlementState, Unit, View
from lifecycle.returns.units import IN_HAND
from starter.portal.shared.forms import field

REJECT: Final = "reject"
#: What a rejected unit may come to.
_REJECTED: Final = (Disposition.RETURN_TO_CUSTOMER, Disposition.DISPOSE)
_LONGEST: Final = 2000


@dataclass(frozen=True)
class GradedUnit:
    """One unit in the warehouse's hands, and what is known of it."""

    unit: Unit
    line: Line
    #: What the customer asked for it with; None for one that an operator put there.
    item: Item | None

    @property
    def wrong(self) -> bool:
        """Whether something else came in its place."""
        return self.unit.reception is Reception.WRONG_ITEM

    @property
    def unwiped(self) -> bool:
        """Whether it may hold the customer's data, and nobody has said that this is gone."""
        gone = self.unit.disposition is Disposition.RETURN_TO_CUSTOMER
        return self.line.holds_personal_data and self.unit.wiped is None and not gone

    @property
    def dispositions(self) -> list[Disposition]:
        """Where it may go."""
        supplier = self.line.supplier_id is not None
        return [way for way in Disposition if supplier or way is not Disposition.RETURN_TO_SUPPLIER]


@dataclass(frozen=True)
class InHand:
    """The units of a return that are here: those to grade, those graded already, those on the bench."""

    waiting: list[GradedUnit]
    graded: list[GradedUnit]
    on_bench: list[GradedUnit]
    #: Whether a verdict may still be changed: nothing is paid yet.
    open: bool

    @property
    def shown(self) -> list[GradedUnit]:
        """Those that a form may judge: paid ones keep their grade."""
        return [*self.waiting, *(self.graded if self.open else [])]

    @property
    def unwiped(self) -> list[GradedUnit]:
        """Graded ones that stay where they are until somebody says that their data is gone."""
        return [unit for unit in self.graded if unit.unwiped]


def in_hand(view: View, request: ReturnRequest) -> InHand:
    """What there is to grade."""
    items = {item.line_id: item for item in request.items}
    here = [
        GradedUnit(unit, request.order.line(unit.line_id), items.get(unit.line_id))
        for unit in view.units
        if unit.reception in IN_HAND
    ]
    loose = [unit for unit in here if unit.unit.repair is None]
    return InHand(
        waiting=[unit for unit in loose if not _judged(unit.unit)],
        graded=[unit for unit in loose if _judged(unit.unit)],
        on_bench=[unit for unit in here if unit.unit.repair is not None],
        open=view.settlement.state is SettlementState.PENDING and not view.closed,
    )


def _judged(unit: Unit) -> bool:
    return unit.grade is not None or unit.acceptance is Acceptance.REJECTED


@dataclass(frozen=True)
class Verdicts:
    """What a form says: one inspection, and the wipes that somebody vouches for. Problems by unit id."""

    units: list[InspectedUnit]
    wipes: list[AttestWipe]
    problems: dict[str, str]

    def inspection(self, inspection_id: str, by: str) -> Inspection:
        """The message; there has to be a unit that was judged."""
        return Inspection(inspection_id=inspection_id, by=by, units=self.units)


def read_verdicts(form: FormData, units: Iterable[GradedUnit], by: str) -> Verdicts:
    """What was said of each unit; those without a word stay as they are."""
    found = Verdicts([], [], {})
    for unit in units:
        unit_id = unit.unit.unit_id
        how = field(form, f"wipe:{unit_id}")[:_LONGEST]
        if how and unit.line.holds_personal_data:
            found.wipes.append(AttestWipe(by=by, unit_id=unit_id, how=how))
        verdict = field(form, f"verdict:{unit_id}")
        if not verdict:
            continue
        judged = _verdict(unit, verdict, field(form, f"goes:{unit_id}"), field(form, f"note:{unit_id}")[:_LONGEST])
        if isinstance(judged, str):
            found.problems[unit_id] = judged
        else:
            found.units.append(judged)
    return found


def _verdict(unit: GradedUnit, verdict: str, goes: str, note: str) -> InspectedUnit | str:
    """The verdict, or the key of what is wrong with it."""
    rejected = verdict == REJECT
    if not rejected and verdict not in set(Grade):
        return "warehouse.grade.problem.grade"
    if goes and goes not in unit.dispositions:
        return "warehouse.grade.problem.goes"
    if rejected and goes and goes not in _REJECTED:
        return "warehouse.grade.problem.rejected_goes"
    if not rejected and goes == Disposition.RETURN_TO_CUSTOMER:
        return "warehouse.grade.problem.accepted_goes"
    if rejected and not note:
        return "warehouse.grade.problem.why"
    return InspectedUnit(
        unit_id=unit.unit.unit_id,
        accepted=not rejected,
        grade=None if rejected else Grade(verdict),
        disposition=Disposition(goes) if goes else None,
        note=note or None,
    )


def usual_way(verdict: str) -> Disposition | None:
    """Where a unit goes when nobody says otherwise."""
    if verdict == REJECT:
        return Disposition.RETURN_TO_CUSTOMER
    return GRADES[Grade(verdict)].disposition if verdict in set(Grade) else None
