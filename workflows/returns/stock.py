"""Stock of what came back: received, inspected, repaired units are booked."""

from temporalio import workflow

from workflows.returns.step_runner import StepRunner
from workflows.shared.steps import DoneManually

with workflow.unsafe.imports_passed_through():
    from activities.returns.claims import ClaimActivities, PiecesInput
    from activities.shared.stock import StockActivities, StockInput
    from lifecycle.returns.advance import advance
    from lifecycle.returns.commands import BookStock
    from lifecycle.returns.goods import pieces, stock
    from lifecycle.returns.settlement import units_back
    from lifecycle.shared.markdown import literal


async def book(runner: StepRunner, booking: BookStock) -> None:
    """Book one receipt, or one inspection, as the units stand now."""
    ret = runner.ret
    await _check_pieces(runner, booking)
    moves = stock.moves_of(ret, booking)
    if not moves:
        return
    back = units_back.judged(ret, booking)
    given = StockInput(**runner.new_step(booking.step), moves=moves, said=booking.said, back=back)
    step = StockActivities.receive if booking.step == "receive" else StockActivities.restock
    stock.booked(ret, booking)
    summary = f"Book the stock of {literal(booking.source)}"
    done = await runner.run_step_locally(booking.step, step, given, summary=summary, profile="inventory")
    if done is None or isinstance(done, DoneManually):
        stock.answered_for(ret, booking, given.step)


async def _check_pieces(runner: StepRunner, booking: BookStock) -> None:
    """A piece that came before, in another return of the order, is not taken in again.

    Not as a local step: what the warehouse says meanwhile decides whether that is paid.
    """
    ret = runner.ret
    asked = pieces.unchecked(ret, booking.unit_ids)
    if not asked:
        return
    given = PiecesInput(**runner.new_step("claim_pieces"), order_id=ret.request.order.order_id, pieces=asked)
    summary = "Check whether these pieces were returned before"
    seen = await runner.run_step("claim_pieces", ClaimActivities.claim_pieces, given, summary=summary)
    pieces.checked(ret, asked, seen if isinstance(seen, dict) else {}, workflow.now())
    advance(ret, workflow.now())
