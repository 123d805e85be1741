"""Stock of what came back: received, inspected, repaired units are booked."""

from temporalio import workflow

from workflows.returns.step_runner import StepRunner
from workflows.shared.command_queue import Handlers
from workflows.shared.steps import DoneManually, StepIds

with workflow.unsafe.imports_passed_through():
    from activities.returns.claims import ClaimActivities, PiecesInput
    from activities.returns.stock import StockActivities, StockInput
    from lifecycle.returns.advance import advance
    from lifecycle.returns.commands import BookStock
    from lifecycle.returns.goods import pieces, stock
    from lifecycle.returns.settlement import units_back
    from lifecycle.returns.state import Return
    from lifecycle.shared.markdown import literal


class StockBookings:
    """The stock bookings of one return."""

    def __init__(self, ret: Return, ids: StepIds, runner: StepRunner) -> None:
        self._ret = ret
        self._ids = ids
        self._runner = runner
        self.handlers: Handlers = {BookStock: self._book}

    async def _book(self, booking: BookStock) -> None:
        await self._check_pieces(booking)
        moves = stock.moves_of(self._ret, booking)
        if not moves:
            return
        name = self._ids.next(booking.step)
        back = units_back.judged(self._ret, booking)
        given = StockInput(
            return_id=self._ret.return_id, step=name, moves=moves, said=booking.said, now=workflow.now(), back=back
        )
        step = StockActivities.receive if booking.step == "receive" else StockActivities.restock
        stock.booked(self._ret, booking)
        booked = await self._runner.run_step_locally(
            booking.step,
            step,
            given,
            summary=f"Book the stock of {literal(booking.source)}",
            profile="inventory",
        )
        if booked is None or isinstance(booked, DoneManually):
            stock.answered_for(self._ret, booking, name)

    async def _check_pieces(self, booking: BookStock) -> None:
        """A piece that came before, in another return of the order, is not taken in again.

        Not as a local step: what the warehouse says meanwhile decides whether that is paid.
        """
        ret = self._ret
        asked = pieces.unchecked(ret, booking.unit_ids)
        if not asked:
            return
        given = PiecesInput(
            return_id=ret.return_id,
            order_id=ret.request.order.order_id,
            step=self._ids.next("claim_pieces"),
            pieces=asked,
            now=workflow.now(),
        )
        seen = await self._runner.run_step(
            "claim_pieces",
            ClaimActivities.claim_pieces,
            given,
            summary="Check whether these pieces were returned before",
        )
        pieces.checked(ret, asked, seen if isinstance(seen, dict) else {}, workflow.now())
        advance(ret, workflow.now())
