"""Where units go after their return: to the repair bench, and to their supplier."""

from temporalio import workflow

from client.names import REPAIR, earlier_repair_id, repair_id
from client.search_attributes import at_start_of_repair
from workflows.returns.step_runner import StepRunner
from workflows.shared.steps import DoneManually

with workflow.unsafe.imports_passed_through():
    from activities.returns.supplier_units import SendToSupplierInput, SupplierUnitActivities
    from lifecycle.contract.grades import Grade
    from lifecycle.returns.commands import BookStock, RefurbishUnit, RepairCustomerUnit, SendToSupplier
    from lifecycle.returns.goods import repair_bench
    from lifecycle.returns.state import Return
    from lifecycle.returns.units import UnitState
    from lifecycle.shared.markdown import literal
    from lifecycle.shared.repair_messages import RepairInput, RepairOutcome, RepairResult


async def repair_customer_unit(runner: StepRunner, command: RepairCustomerUnit) -> None:
    """The customer's own unit on the bench, to its end."""
    ret, unit = runner.ret, runner.ret.unit(command.unit_id)
    if unit is None:
        return
    given = _repair_input(ret, unit)
    if unit.bench is not None:
        unit.bench.workflow_id = _workflow_id(given)
    ended = await runner.run("repair", lambda: _run_repair(given))
    if isinstance(ended, RepairResult):
        repair_bench.finish_repair(ret, ended, workflow.now())
    elif isinstance(ended, DoneManually):
        repaired = RepairResult(unit_id=unit.unit_id, outcome=RepairOutcome.REPAIRED)
        repair_bench.finish_repair(ret, repaired, workflow.now())
    else:
        repair_bench.not_repaired(ret, unit.unit_id)


async def refurbish_unit(runner: StepRunner, command: RefurbishUnit) -> None:
    """The shop's own unit: the bench goes on with it when this return has long been closed."""
    ret, unit = runner.ret, runner.ret.unit(command.unit_id)
    if unit is None or unit.grade is None:
        return
    await _until_booked(ret, unit)
    place, grade = unit.booked or (unit.location or "main", "")
    given = _repair_input(ret, unit).model_copy(
        update={
            "in_warranty": True,
            "location": place,
            "shelf_grade": Grade(grade) if grade else unit.grade,
            "booked_by": unit.booked_by,
        }
    )
    await runner.run("repair", lambda: _start_repair(given))


async def _until_booked(ret: Return, unit: UnitState) -> None:
    """Wait until stock knows where the unit is, or an operator has answered for that."""
    await workflow.wait_condition(
        lambda: not any(unit.unit_id in booking.unit_ids for booking in ret.agenda.waiting(BookStock))
    )


async def send_to_supplier(runner: StepRunner, command: SendToSupplier) -> None:
    """A unit for its supplier, whose journey goes on when this return has long been closed."""
    ret, unit = runner.ret, runner.ret.unit(command.unit_id)
    if unit is None or unit.supplier_id is None:
        return
    await _until_booked(ret, unit)
    given = SendToSupplierInput(
        **runner.new_step("send_to_supplier"),
        supplier_id=unit.supplier_id,
        unit_id=unit.unit_id,
        sku=unit.sku,
        serial_number=unit.serial_number,
        title=ret.request.order.line(unit.line_id).title,
    )
    summary = f"Hand a unit to supplier {literal(unit.supplier_id)}"
    await runner.run_step(
        "supplier", SupplierUnitActivities.send_to_supplier, given, summary=summary, profile="inventory"
    )


def _repair_input(ret: Return, unit: UnitState) -> RepairInput:
    return RepairInput(
        return_id=ret.return_id,
        order_id=ret.request.order.order_id,
        unit_id=unit.unit_id,
        sku=unit.sku,
        title=ret.request.order.line(unit.line_id).title,
        serial_number=unit.serial_number,
        currency=ret.request.order.currency,
        in_warranty=unit.in_warranty,
        location=unit.location or "main",
        calendar=ret.opened.calendar,
    )


def _workflow_id(given: RepairInput) -> str:
    """Replayed, a return whose repairs began under the ids of before finds them there."""
    name = repair_id if workflow.patched("repair-ids") else earlier_repair_id
    return name(given.return_id, given.unit_id)


async def _start_repair(given: RepairInput) -> str:
    await workflow.start_child_workflow(
        REPAIR,
        given.model_dump(mode="json"),
        id=_workflow_id(given),
        search_attributes=at_start_of_repair(given),
        static_summary=f"Repair of the shop's own {literal(given.sku)}",
        parent_close_policy=workflow.ParentClosePolicy.ABANDON,
    )
    return given.unit_id


async def _run_repair(given: RepairInput) -> RepairResult:
    """The bench's own workflow, to its end."""
    answer = await workflow.execute_child_workflow(
        REPAIR,
        given.model_dump(mode="json"),
        id=_workflow_id(given),
        search_attributes=at_start_of_repair(given),
        static_summary=f"Repair of {literal(given.sku)}, unit {literal(given.unit_id)}",
    )
    return RepairResult.model_validate(answer)
