"""Where the shop's own unit goes when the bench is done with it."""

from lifecycle.contract.grades import REPAIRED, Grade
from lifecycle.repairs.rules import Repair
from lifecycle.shared.repair_messages import RepairOutcome
from lifecycle.shared.stock_move import StockMove


def shelf_moves(repair: Repair) -> list[StockMove]:
    """Off its grade, and back on under that of repaired units where it works; beyond repair it leaves the stock."""
    given = repair.given
    works = repair.outcome in (RepairOutcome.REPAIRED, RepairOutcome.NO_FAULT)
    if given.shelf_grade is None or (works and given.shelf_grade is REPAIRED):
        return []
    moves = [_move(repair, given.shelf_grade, -1).model_copy(update={"after": given.booked_by})]
    return [*moves, _move(repair, REPAIRED, 1)] if works else moves


def _move(repair: Repair, grade: Grade, quantity: int) -> StockMove:
    given = repair.given
    return StockMove(
        kind="repair",
        unit_id=given.unit_id,
        sku=given.sku,
        location=given.location,
        grade=grade.value,
        quantity=quantity,
        serial_number=given.serial_number,
        title=given.title,
    )
