"""Units that go back to the customer, for the most part because they were not accepted (CONTRACT section 5)."""

from lifecycle.contract.grades import Disposition
from lifecycle.returns.commands import SendBack
from lifecycle.returns.state import Return
from lifecycle.returns.units import IN_HAND, UnitState


def send_back(ret: Return) -> None:
    """Have them sent off once their settlement has begun: until then they may be graded again."""
    going = [unit for unit in ret.units if unit.settled and _goes_back(unit)]
    for unit in going:
        unit.gone_back = True
    if going:
        ret.agenda.add(SendBack(tuple(unit.unit_id for unit in going)))


def _goes_back(unit: UnitState) -> bool:
    goes = unit.disposition is Disposition.RETURN_TO_CUSTOMER and unit.reception in IN_HAND
    return goes and not unit.gone_back
