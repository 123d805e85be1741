"""The story of one return: open, then everything that happens to it, then close."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ValidationError

    from lifecycle.contract.errors import InvalidRequest, Refused
    from lifecycle.contract.messages import (
        AnswerCharge,
        Approve,
        AttestWipe,
        Cancel,
        ChangeRequest,
        Decline,
        Inspection,
        Override,
        PaymentEvent,
        Receipt,
        ResolveAttention,
        TrackingEvent,
    )
    from lifecycle.contract.request import parse_request, problems
    from lifecycle.contract.view import Summary
    from lifecycle.returns import alarms, closing
    from lifecycle.returns.advance import advance
    from lifecycle.returns.decisions import approval, attention, claiming, exchange, override
    from lifecycle.returns.decisions import change_request as changing
    from lifecycle.returns.goods import handover, reception, repair_bench, stock
    from lifecycle.returns.settlement import payments
    from lifecycle.returns.snapshot import restore
    from lifecycle.returns.state import Return
    from lifecycle.returns.views.return_view import summary_of, summary_of_view, view_of
    from lifecycle.shared.repair_messages import RepairEvent

from client.names import RETURN, RETURN_PREFIX
from client.search_attributes import KEYS, changes
from workflows.returns import operator_view
from workflows.returns.resume_from_records import RecordedMessages, begins_from_records
from workflows.returns.work import ReturnWork
from workflows.shared.deadline_timer import DeadlineTimer
from workflows.shared.handlers import (
    check_content,
    invalid_request,
    refused_as_application_error,
    wait_ignoring_cancellation,
)
from workflows.shared.pending_events import PendingEvents
from workflows.shared.steps import StepIds

Message = TypeVar("Message", bound=BaseModel)


@workflow.defn(name=RETURN)
class ReturnWorkflow:
    """One customer sending back units of one order (CONTRACT section 7)."""

    @workflow.init
    def __init__(self, raw: Any = None, *more: Any) -> None:
        """See a full state before the first message; what is wrong with ``raw`` is reported by ``run``.

        Nothing at all, or more than one argument, is wrong input too: it must not wedge the task.
        """
        self._invalid: InvalidRequest | None = None
        self._changed = True
        self._cancel_wanted = False
        self._asked = raw.get("request") if _resumes(raw) or begins_from_records(raw) else raw
        self._changing = asyncio.Lock()
        self._timer = DeadlineTimer(self._on_deadline)
        self._shown = _shown_at_start()
        self._pending_events: PendingEvents | None = None
        try:
            self._ret = _new_return(raw, more)
            self._pending_events = PendingEvents(self._ret, self._notify)
            ids = StepIds(raw["recorded"].get("names") if _resumes(raw) else None)
            self._work = ReturnWork(self._ret, ids, self._pending_events, self._advance)
            self._recorded_messages = RecordedMessages(self._ret, raw, lambda: self._has_nothing_to_do)
        except InvalidRequest as error:
            self._invalid = error

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """Carry the return home; answers with the last summary."""
        if self._invalid_request:
            return await self._answer_at_once()
        if _resumes(raw):
            await wait_ignoring_cancellation(self._resume_with_event(raw["event"]), self._cancel)
        if self._recorded_messages.under_way:
            self._applying = asyncio.ensure_future(self._apply_recorded_messages())
        while True:
            await self._until_both_tracks_end()
            if self._has_nothing_to_do:
                return await self._answer_at_once()
            if await self._ended():
                break
        self._work.close()
        await self._until_idle()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return summary_of(self._ret).model_dump(mode="json")

    # The story

    async def _until_both_tracks_end(self) -> None:
        """Take work off the agenda, set the alarm, show where it stands, wait; again until all is done."""
        while not self._has_nothing_to_do and not (self._may_close and self._work.idle):
            if self._cancel_wanted and self._ret.opening is not None:
                self._cancel_wanted = False
                self._cancel_as_asked()
            self._work.start()
            self._timer.set(alarms.next_alarm(self._ret))
            self._show()
            await self._wait_for_change()

    @property
    def _may_close(self) -> bool:
        return closing.may_close(self._ret) and not self._recorded_messages.under_way

    async def _wait_for_change(self) -> None:
        """Wait until something happens; pending events are published meanwhile."""
        await wait_ignoring_cancellation(
            workflow.wait_condition(lambda: self._changed or self._has_events_to_publish), self._cancel
        )
        if not self._changed:
            self._work.publish()
        self._changed = False
        self._work.collect()

    async def _ended(self) -> bool:
        """End it, and publish that; false when something that came meanwhile has to be handled."""
        closing.close(self._ret, workflow.now())
        self._show()
        if self._pending_events is None or not self._pending_events.any_pending:
            return True
        await self._until_idle()
        if closing.may_close(self._ret):
            return True
        closing.reopen(self._ret, workflow.now())
        return False

    async def _until_idle(self) -> None:
        """Wait until nothing is being done, and everything is published."""
        while not self._work.idle or (self._pending_events and self._pending_events.any_pending):
            await self._wait_for_change()

    async def _resume_with_event(self, event: Any) -> None:
        """An event for a return that had closed: its records open again, and the event is applied."""
        await self._work.reopen()
        closing.reopen(self._ret, workflow.now(), by="payment")
        await self._apply_signal("payment_event", PaymentEvent, event, payments.apply_payment_event)

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
        return await self._take(lambda now: approval.approve_alone(self._ret, message, now))

    async def _answer_at_once(self) -> dict[str, Any]:
        """The database knew it: fail for another request, else show itself and answer as the first time."""
        if self._invalid_request is None and self._work.known:
            self._show_columns(operator_view.columns_of(self._work.known))
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._invalid_request:
            raise invalid_request(self._invalid_request)
        return self._summary().model_dump(mode="json")

    def _summary(self) -> Summary:
        return summary_of_view(self._work.known) if self._work.known else summary_of(self._ret)

    @property
    def _has_events_to_publish(self) -> bool:
        return self._pending_events is not None and self._pending_events.needs_own_step

    def _notify(self) -> None:
        self._changed = True

    def _advance(self) -> None:
        """Something has happened: draw the conclusions, and let the story go on."""
        advance(self._ret, workflow.now())
        self._changed = True

    @property
    def _has_nothing_to_do(self) -> bool:
        """Whether there is nothing to carry home in this run."""
        return self._invalid_request is not None or self._work.known is not None

    @property
    def _invalid_request(self) -> InvalidRequest | None:
        """Why this return cannot be carried at all."""
        return self._invalid or self._work.refused

    def _cancel_as_asked(self) -> None:
        """Somebody asked Temporal to cancel the workflow."""
        try:
            handover.cancel(self._ret, Cancel(by="temporal", reason="cancel request"), workflow.now())
        except Refused as refusal:
            self._ret.note(workflow.now(), "cancel_refused", by="temporal", detail=str(refusal))
        self._advance()

    def _cancel(self) -> None:
        """A cancel request from outside is taken as ``cancel``, where that is allowed."""
        self._cancel_wanted = self._changed = True

    def _on_deadline(self) -> None:
        alarms.fire_due_deadlines(self._ret, workflow.now())
        self._advance()

    # What is shown

    def _show(self) -> None:
        self._show_columns(operator_view.columns(self._ret))
        workflow.set_current_details(operator_view.details(self._ret))

    def _show_columns(self, wanted: dict[str, Any]) -> None:
        updates = changes(self._shown, wanted)
        if updates:
            workflow.upsert_search_attributes(updates)
            self._shown = wanted

    @workflow.query
    def view(self) -> dict[str, Any]:
        """The whole view of CONTRACT section 6."""
        if self._invalid_request:
            raise invalid_request(self._invalid_request)
        return (self._work.known or view_of(self._ret)).model_dump(mode="json")

    # What may be said to it

    @workflow.update
    async def decision(self, _request: Any = None) -> Summary:
        """Answers as soon as the policy has decided; never waits for a partner.

        With the request as its argument, it answers for that one only: another than this return's is refused.
        """
        if self._invalid_request:
            raise invalid_request(self._invalid_request)
        await self._decided()
        return self._summary()

    @decision.validator
    def _check_decision(self, request: Any = None) -> None:
        if request is not None and not self._invalid_request and not self._is_asked_for(request):
            raise invalid_request(InvalidRequest([("return_id", "expected one that no other request has used")]))

    def _is_asked_for(self, raw: Any) -> bool:
        """Whether this is the request that the return was started with; raises what is wrong with it."""
        try:
            asked, mine = (parse_request(given, now=workflow.now()) for given in (raw, self._asked))
        except InvalidRequest as error:
            raise invalid_request(error) from None
        return asked.model_copy(update={"return_id": None}) == mine.model_copy(update={"return_id": None})

    @workflow.update
    async def approve(self, message: Approve) -> Summary:
        """Let a reviewed return go on."""
        return await self._take(lambda now: approval.approve(self._ret, message, now))

    @approve.validator
    def _check_approve(self, message: Approve) -> None:
        self._check(message, lambda: approval.check_approve(self._ret, message))

    @workflow.update
    async def decline(self, message: Decline) -> Summary:
        """Turn a reviewed return down."""
        return await self._take(lambda now: approval.decline(self._ret, message, now))

    @decline.validator
    def _check_decline(self, message: Decline) -> None:
        self._check(message, lambda: approval.check_review(self._ret))

    @workflow.update
    async def cancel(self, message: Cancel) -> Summary:
        """Call the return off, until handover or the first settlement effect."""
        return await self._take(lambda now: handover.cancel(self._ret, message, now))

    @cancel.validator
    def _check_cancel(self, message: Cancel) -> None:
        self._check(message, lambda: handover.check_cancel(self._ret))

    @workflow.update
    async def record_receipt(self, message: Receipt) -> Summary:
        """The warehouse opened a parcel."""
        return await self._take(lambda now: reception.receive(self._ret, message, now))

    @record_receipt.validator
    def _check_receipt(self, message: Receipt) -> None:
        self._check(message, lambda: reception.check_receipt(self._ret, message))

    @workflow.update
    async def record_inspection(self, message: Inspection) -> Summary:
        """The warehouse judged units."""
        return await self._take(lambda now: reception.inspect(self._ret, message, now))

    @record_inspection.validator
    def _check_inspection(self, message: Inspection) -> None:
        self._check(message, lambda: reception.check_inspection(self._ret, message))

    @workflow.update
    async def change_request(self, message: ChangeRequest) -> Summary:
        """Something else, another way, or another time, before the handover."""
        # Now, and not once it is done: what the policy declines is an update to Temporal all the same.
        self._ret.changes_asked += 1
        await self._decided()
        if changing.chooses_instead(self._ret, message):
            return self._act(lambda now: changing.choose_instead(self._ret, message, now))
        if not changing.decides_anew(message):
            return self._act(lambda now: changing.choose_slot(self._ret, message, now))
        async with self._changing:
            with refused_as_application_error():
                changing.check_change(self._ret, message)
            opening = await self._work.decide_again(changing.changed_request(self._ret.request, message))
            try:
                return self._act(lambda now: changing.change(self._ret, message, opening, now))
            except ApplicationError:
                # Cancelled or handed over meanwhile: the claims are for the units of before again.
                claiming.claim_again(self._ret)
                self._advance()
                raise

    @change_request.validator
    def _check_change(self, message: ChangeRequest) -> None:
        self._check(message, lambda: changing.check_asked(self._ret, message))

    @workflow.update
    async def answer_charge(self, message: AnswerCharge) -> Summary:
        """Whether the customer pays what an exchange costs more than was agreed, or what they want instead."""
        return await self._take(lambda now: exchange.answer_charge(self._ret, message, now))

    @answer_charge.validator
    def _check_answer(self, message: AnswerCharge) -> None:
        self._check(message, lambda: exchange.check_answer(self._ret, message))

    @workflow.update
    async def attest_wipe(self, message: AttestWipe) -> Summary:
        """A unit's personal data is gone."""
        return await self._take(lambda now: stock.attest_wipe(self._ret, message, now))

    @attest_wipe.validator
    def _check_wipe(self, message: AttestWipe) -> None:
        self._check(message, lambda: stock.check_wipe(self._ret, message))

    @workflow.update
    async def resolve_attention(self, message: ResolveAttention) -> Summary:
        """Answer a step that failed for good."""
        # Without waiting for the decision: the opening step itself may be what waits.
        return self._act(lambda now: attention.resolve(self._ret, message, now))

    @resolve_attention.validator
    def _check_attention(self, message: ResolveAttention) -> None:
        if self._invalid_request:
            raise invalid_request(self._invalid_request)
        check_content(message)
        attention.check_resolve(self._ret, message)

    @workflow.update
    async def override(self, message: Override) -> Summary:
        """Change a fact by hand, and say why."""
        await self._take(lambda now: override.override(self._ret, message, now))
        # What it gives is known once the books have said what the order has left.
        await workflow.wait_condition(lambda: not claiming.asks(self._ret))
        return summary_of(self._ret)

    @override.validator
    def _check_override(self, message: Override) -> None:
        self._check(message, lambda: override.check_override(self._ret, message))

    @workflow.signal
    async def tracking_event(self, raw: Any = None, *more: Any) -> None:
        """A scan, from the carrier."""
        await self._apply_signal("tracking_event", TrackingEvent, [*more, raw] if more else raw, handover.track)

    @workflow.signal
    async def payment_event(self, raw: Any = None, *more: Any) -> None:
        """An event of a refund, from the payment provider."""
        await self._apply_signal(
            "payment_event", PaymentEvent, [*more, raw] if more else raw, payments.apply_payment_event
        )

    @workflow.signal
    async def repair_event(self, raw: Any = None, *more: Any) -> None:
        """An event of a unit on the repair bench, from its own workflow."""
        await self._apply_signal(
            "repair_event", RepairEvent, [*more, raw] if more else raw, repair_bench.apply_repair_event
        )

    @workflow.signal
    async def order_may_be_whole(self, *_: Any) -> None:
        """Another return of the order has opened: this one may be the last to come back."""
        with suppress(ApplicationError):
            await self._decided()
        if not self._has_nothing_to_do:
            claiming.may_be_last(self._ret)
            self._advance()

    def _check(self, message: BaseModel | None, check: Callable[[], object]) -> None:
        """Refuse what the state does not allow; a message before the decision waits for it."""
        check_content(message)
        if self._invalid_request:
            raise invalid_request(self._invalid_request)
        if self._ret.opening is not None:
            check()
        elif any(parked.kind == "open" for parked in self._ret.open_steps):
            raise Refused("the opening step waits for an operator")

    async def _take(self, act: Callable[[datetime], None]) -> Summary:
        """Do it once the policy has decided."""
        await self._decided()
        return self._act(act)

    def _act(self, act: Callable[[datetime], None]) -> Summary:
        if self._work.known:
            raise ApplicationError("the return is closed", type="Refused")
        with refused_as_application_error():
            act(workflow.now())
        self._advance()
        return summary_of(self._ret)

    async def _decided(self) -> None:
        if self._ret.opening is None:
            await workflow.wait_condition(lambda: self._ret.opening is not None or self._has_nothing_to_do)
        if self._invalid_request:
            raise invalid_request(self._invalid_request)

    async def _apply_signal(
        self,
        name: str,
        model: type[Message],
        raw: Any,
        act: Callable[[Return, Message, datetime], None],
    ) -> None:
        """Apply a signal; one that does not fit is noted on the timeline and dropped."""
        with suppress(ApplicationError):
            await self._decided()
        if self._has_nothing_to_do:
            return
        try:
            act(self._ret, model.model_validate(raw), workflow.now())
        except ValidationError as error:
            detail = "; ".join(f"{field}: {text}" for field, text in problems(error))
            self._ret.note(workflow.now(), "dropped", detail=f"{name}: {detail}")
        self._advance()


def _resumes(raw: Any) -> bool:
    """Whether this run goes on where an earlier one had closed."""
    return isinstance(raw, dict) and isinstance(raw.get("recorded"), dict)


def _new_return(raw: Any, more: Sequence[Any]) -> Return:
    if more:
        raise InvalidRequest([("body", f"expected one request, got {1 + len(more)} arguments")])
    if _resumes(raw):
        return _restored(raw)
    request = parse_request(raw["request"] if begins_from_records(raw) else raw, now=workflow.now())
    workflow_id = workflow.info().workflow_id
    named = workflow_id.removeprefix(RETURN_PREFIX)
    if not workflow_id.startswith(RETURN_PREFIX) or request.return_id not in (None, named):
        raise InvalidRequest(
            [("return_id", f"expected the workflow id {RETURN_PREFIX}{{return_id}}, got {workflow_id}")]
        )
    return Return(named, request)


def _restored(raw: dict[str, Any]) -> Return:
    recorded = {key: value for key, value in raw["recorded"].items() if key != "names"}
    try:
        return restore(raw.get("request") or {}, recorded)
    except ValidationError as error:
        raise InvalidRequest(problems(error)) from None


def _shown_at_start() -> dict[str, Any]:
    attributes = workflow.info().typed_search_attributes
    return {key.name: attributes.get(key) for key in KEYS}
