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
    from lifecycle.returns.decisions import approval, attention, claiming, deadlines, exchange, override
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
from workflows.returns.resume_from_records import Retelling, begins_anew
from workflows.returns.work import Tracks
from workflows.shared.deadline_timer import AlarmClock
from workflows.shared.handlers import check_content, invalid_request, refusals_told, undisturbed
from workflows.shared.pending_events import Untold
from workflows.shared.steps import Names

Message = TypeVar("Message", bound=BaseModel)


@workflow.defn(name=RETURN)
class ReturnWorkflow:
    """One customer sending back units of one order (CONTRACT section 7)."""

    @workflow.init
    def __init__(self, raw: Any = None, *more: Any) -> None:
        """See a full state before the first message; what is wrong with ``raw`` is told by ``run``.

        Nothing at all, or more than one argument, is wrong input too: it must not wedge the task.
        """
        self._invalid: InvalidRequest | None = None
        self._stirred = True
        self._cancel_wanted = False
        self._asked = raw.get("request") if _goes_on(raw) or begins_anew(raw) else raw
        self._changing = asyncio.Lock()
        self._alarm = AlarmClock(self._ring)
        self._shown = _shown_at_start()
        #: Steps take it along, wherever they are begun.
        self.untold: Untold | None = None
        try:
            self._ret = _new_return(raw, more)
            self.untold = Untold(self._ret, self._wake)
            names = Names(raw["recorded"].get("names") if _goes_on(raw) else None)
            self._tracks = Tracks(self._ret, names, self.untold, self._stir)
            self._retelling = Retelling(self._ret, raw, lambda: self._over)
        except InvalidRequest as error:
            self._invalid = error

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """Carry the return home; answers with the last summary."""
        if self._wrong:
            return await self._answer_at_once()
        if _goes_on(raw):
            await undisturbed(self._go_on(raw["event"]), self._cancel)
        if self._retelling.under_way:
            self._hearing = asyncio.ensure_future(self._hear_again())
        while True:
            await self._until_both_tracks_end()
            if self._over:
                return await self._answer_at_once()
            if await self._ended():
                break
        self._tracks.close()
        await self._until_idle()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return summary_of(self._ret).model_dump(mode="json")

    # The story

    async def _until_both_tracks_end(self) -> None:
        """Take work off the agenda, set the alarm, show where it stands, wait; again until all is done."""
        while not self._over and not (self._may_close and self._tracks.idle):
            if self._cancel_wanted and self._ret.opening is not None:
                self._cancel_wanted = False
                self._cancel_as_asked()
            self._tracks.start()
            self._alarm.set(deadlines.next_alarm(self._ret))
            self._show()
            await self._until_it_stirs()

    @property
    def _may_close(self) -> bool:
        return deadlines.may_close(self._ret) and not self._retelling.under_way

    async def _until_it_stirs(self) -> None:
        """Wait until something happens; what others do not know yet is told meanwhile."""
        await undisturbed(workflow.wait_condition(lambda: self._stirred or self._waits_to_be_told), self._cancel)
        if not self._stirred:
            self._tracks.tell()
        self._stirred = False
        self._tracks.collect()

    async def _ended(self) -> bool:
        """End it, and tell so; false when something that came meanwhile has to be seen to."""
        deadlines.close(self._ret, workflow.now())
        self._show()
        if self.untold is None or not self.untold.any_left:
            return True
        await self._until_idle()
        if deadlines.may_close(self._ret):
            return True
        deadlines.reopen(self._ret, workflow.now())
        return False

    async def _until_idle(self) -> None:
        """Wait until nothing is being done, and everything is told."""
        while not self._tracks.idle or (self.untold and self.untold.any_left):
            await self._until_it_stirs()

    async def _go_on(self, event: Any) -> None:
        """News for a return that had closed: its records open again, and the news is heard."""
        await self._tracks.reopen()
        deadlines.reopen(self._ret, workflow.now(), by="payment")
        await self._hear("payment_event", PaymentEvent, event, payments.hear_of_payment)

    async def _hear_again(self) -> None:
        """What was said to an earlier run, of which nothing but the records is left."""
        await self._retelling.tell(
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
        self._stir()

    async def _approve_again(self, message: Approve) -> Summary:
        """The records know that it went on; by how many people's approval they do not."""
        return await self._take(lambda now: approval.approve_alone(self._ret, message, now))

    async def _answer_at_once(self) -> dict[str, Any]:
        """The database knew it: fail for another request, else show itself and answer as the first time."""
        if self._wrong is None and self._tracks.known:
            self._show_columns(operator_view.columns_of(self._tracks.known))
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._wrong:
            raise invalid_request(self._wrong)
        return self._summary().model_dump(mode="json")

    def _summary(self) -> Summary:
        return summary_of_view(self._tracks.known) if self._tracks.known else summary_of(self._ret)

    @property
    def _waits_to_be_told(self) -> bool:
        return self.untold is not None and self.untold.waits

    def _wake(self) -> None:
        self._stirred = True

    def _stir(self) -> None:
        """Something has happened: draw the conclusions, and let the story go on."""
        deadlines.progress(self._ret, workflow.now())
        self._stirred = True

    @property
    def _over(self) -> bool:
        """Whether there is nothing to carry home in this run."""
        return self._wrong is not None or self._tracks.known is not None

    @property
    def _wrong(self) -> InvalidRequest | None:
        """Why this return cannot be carried at all."""
        return self._invalid or self._tracks.refused

    def _cancel_as_asked(self) -> None:
        """Somebody asked Temporal to cancel the workflow."""
        try:
            handover.cancel(self._ret, Cancel(by="temporal", reason="cancel request"), workflow.now())
        except Refused as refusal:
            self._ret.note(workflow.now(), "cancel_refused", by="temporal", detail=str(refusal))
        self._stir()

    def _cancel(self) -> None:
        """A cancel request from outside is taken as ``cancel``, where that is allowed."""
        self._cancel_wanted = self._stirred = True

    def _ring(self) -> None:
        deadlines.pass_deadlines(self._ret, workflow.now())
        self._stir()

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
        if self._wrong:
            raise invalid_request(self._wrong)
        return (self._tracks.known or view_of(self._ret)).model_dump(mode="json")

    # What may be said to it

    @workflow.update
    async def decision(self, _request: Any = None) -> Summary:
        """Answers as soon as the policy has decided; never waits for a partner.

        With the request as its argument, it answers for that one only: another than this return's is refused.
        """
        if self._wrong:
            raise invalid_request(self._wrong)
        await self._decided()
        return self._summary()

    @decision.validator
    def _check_decision(self, request: Any = None) -> None:
        if request is not None and not self._wrong and not self._is_asked_for(request):
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
        await self._decided()
        if changing.chooses_instead(self._ret, message):
            return self._act(lambda now: changing.choose_instead(self._ret, message, now))
        if not changing.decides_anew(message):
            return self._act(lambda now: changing.choose_slot(self._ret, message, now))
        async with self._changing:
            with refusals_told():
                changing.check_change(self._ret, message)
            opening = await self._tracks.decide_again(changing.changed_request(self._ret.request, message))
            try:
                return self._act(lambda now: changing.change(self._ret, message, opening, now))
            except ApplicationError:
                # Cancelled or handed over meanwhile: the claims are for the units of before again.
                self._ret.agenda.claims = "release" if self._ret.ended else "claim"
                claiming.claim_again(self._ret)
                self._stir()
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
        """Answer a step that gave up."""
        # Without waiting for the decision: the opening step itself may be what waits.
        return self._act(lambda now: attention.resolve(self._ret, message, now))

    @resolve_attention.validator
    def _check_attention(self, message: ResolveAttention) -> None:
        if self._wrong:
            raise invalid_request(self._wrong)
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
        await self._hear("tracking_event", TrackingEvent, [*more, raw] if more else raw, handover.track)

    @workflow.signal
    async def payment_event(self, raw: Any = None, *more: Any) -> None:
        """News of a refund, from the payment provider."""
        await self._hear("payment_event", PaymentEvent, [*more, raw] if more else raw, payments.hear_of_payment)

    @workflow.signal
    async def repair_event(self, raw: Any = None, *more: Any) -> None:
        """News of a unit on the repair bench, from its own workflow."""
        await self._hear("repair_event", RepairEvent, [*more, raw] if more else raw, repair_bench.hear_of_repair)

    @workflow.signal
    async def order_may_be_whole(self, *_: Any) -> None:
        """Another return of the order has opened: this one may be the last to come back."""
        with suppress(ApplicationError):
            await self._decided()
        if not self._over:
            claiming.may_be_last(self._ret)
            self._stir()

    def _check(self, message: BaseModel | None, check: Callable[[], object]) -> None:
        """Refuse what the state does not allow; a message before the decision waits for it."""
        check_content(message)
        if self._wrong:
            raise invalid_request(self._wrong)
        if self._ret.opening is not None:
            check()
        elif any(parked.kind == "open" for parked in self._ret.open_steps):
            raise Refused("the opening step waits for a person")

    async def _take(self, act: Callable[[datetime], None]) -> Summary:
        await self._decided()
        return self._act(act)

    def _act(self, act: Callable[[datetime], None]) -> Summary:
        if self._tracks.known:
            raise ApplicationError("the return is closed", type="Refused")
        with refusals_told():
            act(workflow.now())
        self._stir()
        return summary_of(self._ret)

    async def _decided(self) -> None:
        if self._ret.opening is None:
            await workflow.wait_condition(lambda: self._ret.opening is not None or self._over)
        if self._wrong:
            raise invalid_request(self._wrong)

    async def _hear(
        self,
        name: str,
        model: type[Message],
        raw: Any,
        act: Callable[[Return, Message, datetime], None],
    ) -> None:
        """Take a signal in; one that does not fit is noted on the timeline and dropped."""
        with suppress(ApplicationError):
            await self._decided()
        if self._over:
            return
        try:
            act(self._ret, model.model_validate(raw), workflow.now())
        except ValidationError as error:
            detail = "; ".join(f"{field}: {text}" for field, text in problems(error))
            self._ret.note(workflow.now(), "dropped", detail=f"{name}: {detail}")
        self._stir()


def _goes_on(raw: Any) -> bool:
    """Whether this run goes on where an earlier one had closed."""
    return isinstance(raw, dict) and isinstance(raw.get("recorded"), dict)


def _new_return(raw: Any, more: Sequence[Any]) -> Return:
    if more:
        raise InvalidRequest([("body", f"expected one request, got {1 + len(more)} arguments")])
    if _goes_on(raw):
        return _restored(raw)
    request = parse_request(raw["request"] if begins_anew(raw) else raw, now=workflow.now())
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
