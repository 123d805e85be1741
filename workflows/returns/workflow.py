"""The story of one return: open, hand over, settle the customer and move the goods side by side, close."""

import asyncio
from datetime import datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from lifecycle.contract.boundary import unknown_fields
    from lifecycle.contract.errors import InvalidRequest, Refused
    from lifecycle.contract.messages import (
        Approve,
        AttestWipe,
        Cancel,
        ChangeRequest,
        Decline,
        Inspection,
        PaymentEvent,
        Receipt,
        TrackingEvent,
    )
    from lifecycle.contract.request import ReturnRequest, parse_request
    from lifecycle.contract.view import Summary
    from lifecycle.returns import alarms, closing
    from lifecycle.returns.advance import advance
    from lifecycle.returns.decisions import approval
    from lifecycle.returns.goods import handover
    from lifecycle.returns.state import Return
    from lifecycle.shared.sharing import lean

from client.names import RETURN, RETURN_PREFIX
from workflows.returns import operator_view
from workflows.returns.messages import ReturnMessages
from workflows.returns.resume_from_records import RecordedMessages, request_of, restored, resumes, used_ids
from workflows.returns.work import ReturnWork
from workflows.shared.pending_events import PendingEvents


@workflow.defn(name=RETURN)
class ReturnWorkflow(ReturnMessages):
    """One customer sending back units of one order (CONTRACT section 7)."""

    expects = "one request"

    def _begin(self, raw: Any) -> None:
        super()._begin(raw)
        self._cancel_wanted = False
        self._event = raw["event"] if resumes(raw) else None
        self._asked = request_of(raw)
        self._ignored = unknown_fields(ReturnRequest, self._asked)
        self._state = restored(raw) if resumes(raw) else _new_return(self._asked)
        self._pending_events = PendingEvents(self._state, self._notify)
        self._work = ReturnWork(self._state, used_ids(raw), self._pending_events, self._advance)
        self._recorded_messages = RecordedMessages(self._state, raw, lambda: self._nothing_to_do)
        if self._asked is raw:
            # The SDK keeps it for as long as the run is in memory, and it is larger than what is made of it.
            self._asked = self._state.request
            raw.clear()

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """Carry the return home; answers with the last summary."""
        await self._refuse_invalid()
        await self._take_up_records()
        await self._open()
        if self._work.opening.known:
            self._shown.columns(operator_view.columns_of_closed(self._work.opening.known))
        elif not self._nothing_to_do:
            await self._hand_over()
            await self._settle_and_move_goods()
            await self._close()
        await workflow.wait_condition(workflow.all_handlers_finished)
        self._require_valid()
        return self._summary().model_dump(mode="json")

    # Messages and deadlines come in any order: each stage only says until when it lasts.

    async def _open(self) -> None:
        """The policy decides, and the units are claimed; or the return had closed before, or cannot be opened."""
        await self._until(lambda: self._state.opening is not None or self._nothing_to_do)

    async def _hand_over(self) -> None:
        """The customer has what they need and hands the goods over; or they never do."""
        await self._until(lambda: self._state.handed_over or self._both_tracks_ended())

    async def _settle_and_move_goods(self) -> None:
        """The customer gets what is owed, and each unit gets where it ends, side by side."""
        await self._until(self._both_tracks_ended)

    async def _close(self) -> None:
        """End it, publish that, and store the final view; what comes meanwhile is seen to first."""
        while not await self._ended():
            await self._settle_and_move_goods()
        self._work.close()
        await self._until_idle()

    def _both_tracks_ended(self) -> bool:
        return closing.may_close(self._state) and not self._recorded_messages.under_way and self._work.idle

    async def _ended(self) -> bool:
        """End it, and publish that; false when something that came meanwhile has to be handled."""
        closing.close(self._state, workflow.now())
        self._pending_events.take_down()
        self._show()
        if not self._pending_events.any_pending:
            return True
        await self._until_idle()
        if closing.may_close(self._state):
            return True
        closing.reopen(self._state, workflow.now())
        return False

    async def _until_idle(self) -> None:
        """Wait until nothing is being done, and everything is published."""
        while not self._work.idle or self._pending_events.any_pending:
            await self._wait_for_change()

    # The round

    async def _proceed(self) -> None:
        if self._cancel_wanted and self._state.opening is not None:
            self._cancel_wanted = False
            self._cancel_as_asked()
        self._work.start()

    async def _wait_for_change(self) -> None:
        """Wait until something happens; pending events are published meanwhile."""
        await self._undisturbed(workflow.wait_condition(lambda: self._changed or self._pending_events.needs_own_step))
        if not self._changed:
            self._work.publish()
        self._changed = False
        self._work.collect()

    def _advance(self) -> None:
        self._pending_events.take_down()
        advance(self._state, workflow.now())
        self._pending_events.take_down()
        self._notify()

    def _on_deadline(self) -> None:
        alarms.fire_due_deadlines(self._state, workflow.now())
        self._advance()

    def _next_alarm(self) -> tuple[datetime, str] | None:
        return alarms.next_alarm(self._state)

    def _show(self) -> None:
        self._shown.columns(operator_view.columns_of_return(self._state))

    def _details(self) -> str:
        return "" if self._work.opening.known else operator_view.details(self._state)

    def _cancel(self) -> None:
        """A cancel request from outside is taken as ``cancel``, once the policy has decided, where that is allowed."""
        self._cancel_wanted = True
        self._notify()

    def _cancel_as_asked(self) -> None:
        try:
            handover.cancel(self._state, Cancel(by="temporal", reason="cancel request"), workflow.now())
        except Refused as refusal:
            self._state.note(workflow.now(), "cancel_refused", by="temporal", detail=str(refusal))
        self._advance()

    # What an earlier run has left

    async def _take_up_records(self) -> None:
        if self._event is not None:
            await self._undisturbed(self._resume_with_event(self._event))
        if self._recorded_messages.under_way:
            self._applying = asyncio.ensure_future(self._apply_recorded_messages())

    async def _resume_with_event(self, event: Any) -> None:
        """An event for a return that had closed: its records open again, and the event is applied."""
        await self._work.reopen()
        closing.reopen(self._state, workflow.now(), by="payment")
        await self.payment_event(event)

    async def _apply_recorded_messages(self) -> None:
        """What was said to an earlier run, of which nothing but the records is left."""
        await self._recorded_messages.apply(
            {
                "approve": (Approve, self._approve_again),
                "decline": (Decline, self.decline),
                "cancel": (Cancel, self.cancel),
                "change_request": (ChangeRequest, self.change_request),
                "record_receipt": (Receipt, self.record_receipt),
                "record_inspection": (Inspection, self.record_inspection),
                "attest_wipe": (AttestWipe, self.attest_wipe),
                "tracking_event": (TrackingEvent, self.tracking_event),
                "payment_event": (PaymentEvent, self.payment_event),
            }
        )
        self._advance()

    async def _approve_again(self, message: Approve) -> Summary:
        """The records know that it went on; by how many people's approval they do not."""
        return await self._take(approval.approve_alone, message)


def _new_return(raw: Any) -> Return:
    request = parse_request(raw, now=workflow.now())
    workflow_id = workflow.info().workflow_id
    named = workflow_id.removeprefix(RETURN_PREFIX)
    if not workflow_id.startswith(RETURN_PREFIX) or request.return_id not in (None, named):
        raise InvalidRequest(
            [("return_id", f"expected the workflow id {RETURN_PREFIX}{{return_id}}, got {workflow_id}")]
        )
    return Return(named, lean(request))
