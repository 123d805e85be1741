"""The story of one return: open, then everything that happens to it, then close."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ValidationError

    from activities.carrier import BoughtLabel, CarrierActivities, LabelInput, VoidInput
    from activities.opening import CLOSED_BEFORE, OpeningActivities, OpenInput
    from activities.payment import AskInput, PaymentActivities, RefundAnswer, RefundInput
    from activities.records import ClaimsInput, CloseInput, RecordsActivities, ReopenInput, TellInput
    from activities.stock import StockActivities, StockInput
    from lifecycle import attention, deadlines, handover, override, reception, settling, stock
    from lifecycle.eligibility import SHIPPING
    from lifecycle.errors import InvalidRequest, Refused
    from lifecycle.messages import (
        Approve,
        Cancel,
        Decline,
        Inspection,
        Override,
        PaymentEvent,
        PaymentStatus,
        Receipt,
        ResolveAttention,
        TrackingEvent,
    )
    from lifecycle.money import format_money
    from lifecycle.recorded import record, restore
    from lifecycle.request import parse_request, problems
    from lifecycle.showing import summary_of, summary_of_view, view_of
    from lifecycle.state import Booking, Notice, Parcel, ParkedStep, Payment, Return, open_return
    from lifecycle.view import Summary, View

from workflows import operator_view
from workflows.search_attributes import KEYS, changes
from workflows.steps import ByHand, Names, caused_by, database_step, partner_step, reason

Result = TypeVar("Result")
Message = TypeVar("Message", bound=BaseModel)
_PREFIX = "return-"


@workflow.defn(name="ReturnWorkflow")
class ReturnWorkflow:
    """One customer sending back units of one order (CONTRACT section 7)."""

    @workflow.init
    def __init__(self, raw: Any = None, *more: Any) -> None:
        """See a full state before the first message; what is wrong with ``raw`` is told by ``run``.

        Nothing at all, or more than one argument, is wrong input too: it must not wedge the task.
        """
        self._invalid: InvalidRequest | None = None
        self._known: View | None = None
        self._names = Names(raw["recorded"].get("names") if _goes_on(raw) else None)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stirred = True
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None
        self._shown = _shown_at_start()
        try:
            self._ret = _new_return(raw, more)
        except InvalidRequest as error:
            self._invalid = error

    @workflow.run
    async def run(self, raw: Any = None, *more: Any) -> dict[str, Any]:
        """Carry the return home; answers with the last summary."""
        if self._invalid:
            return await self._answer_at_once()
        if _goes_on(raw):
            await self._undisturbed(self._go_on(raw["event"]))
        await self._until_both_tracks_end()
        if self._over:
            return await self._answer_at_once()
        deadlines.close(self._ret, workflow.now())
        self._show()
        await self._undisturbed(self._close())
        await workflow.wait_condition(workflow.all_handlers_finished)
        return summary_of(self._ret).model_dump(mode="json")

    # The story

    async def _until_both_tracks_end(self) -> None:
        """Take work off the agenda, set the alarm, show where it stands, wait; again until all is done."""
        while not self._over and not (deadlines.may_close(self._ret) and not self._running):
            self._start_tracks()
            self._set_alarm()
            self._show()
            await self._undisturbed(workflow.wait_condition(lambda: self._stirred))
            self._stirred = False
            for task in [task for task in self._running.values() if task.done()]:
                task.result()
            self._running = {track: task for track, task in self._running.items() if not task.done()}

    async def _go_on(self, event: Any) -> None:
        """News for a return that had closed: its records open again, and the news is heard."""
        name = self._names.next("reopen")
        given = ReopenInput(return_id=self._ret.return_id, step=name, now=workflow.now())
        await database_step(RecordsActivities.reopen_return, given, name=name, summary="Open the records again")
        self._ret.closed = False
        self._ret.note(workflow.now(), "reopened", by="payment")
        await self._hear("payment_event", PaymentEvent, event, settling.hear_of_payment)

    async def _answer_at_once(self) -> dict[str, Any]:
        """The database knew it: fail for another request, else answer as the first time."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._known is None:
            raise _invalid_request(self._invalid)
        return summary_of_view(self._known).model_dump(mode="json")

    def _start_tracks(self) -> None:
        """Each kind of work goes one after another; different kinds go side by side."""
        agenda = self._ret.agenda
        tracks: dict[str, tuple[bool, Callable[[], Awaitable[None]]]] = {
            "open": (self._ret.opening is None, self._open),
            "claims": (agenda.claims is not None, self._keep_claims),
            "label": (agenda.label or bool(agenda.void), self._labels),
            "goods": (bool(agenda.bookings), self._book),
            "money": (bool(agenda.payments), self._pay),
            "ask": (agenda.ask_payment, self._ask),
            "mail": (bool(agenda.notices), self._tell),
        }
        for track, (wanted, work) in tracks.items():
            if wanted and track not in self._running:
                self._running[track] = asyncio.create_task(self._track(work))

    async def _track(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception:
            self._stirred = True  # the story shall see the failure
            raise
        self._stir()

    def _stir(self) -> None:
        """Something has happened: draw the conclusions, and let the story go on."""
        deadlines.progress(self._ret, workflow.now())
        self._stirred = True

    async def _open(self) -> None:
        given = OpenInput(return_id=self._ret.return_id, request=self._ret.request, now=workflow.now())
        opening = await self._attempt(
            "open",
            lambda: database_step(
                OpeningActivities.open_return, given, name="open", summary="Decide and claim the units"
            ),
            on_failure=self._known_before,
        )
        if self._over:
            return
        if isinstance(opening, ByHand) or opening is None:
            raise ApplicationError("A return cannot go on without its opening step", type="NotOpened")
        open_return(self._ret, opening, workflow.now())

    def _known_before(self, error: BaseException) -> bool:
        """Whether the database knows this return: it has closed, or belongs to another request."""
        closed = caused_by(error, CLOSED_BEFORE)
        if closed:
            self._known = View.model_validate(closed.details[0])
        elif caused_by(error, "KeyReused"):
            self._invalid = InvalidRequest([("return_id", "expected one that no other request has used")])
        return self._over

    @property
    def _over(self) -> bool:
        """Whether there is nothing to carry home in this run."""
        return self._invalid is not None or self._known is not None

    async def _keep_claims(self) -> None:
        ret = self._ret
        claim = ret.agenda.claims == "claim"
        units = {unit.unit_id: unit.reason.sellers_fault for unit in ret.expected} if claim else None
        if units is not None and ret.opened.holds_shipping:
            units[SHIPPING] = False
        name = self._names.next("claim_units" if claim else "release_claims")
        given = ClaimsInput(
            return_id=ret.return_id,
            order_id=ret.request.order.order_id,
            step=name,
            unit_ids=units,
            now=workflow.now(),
        )
        summary = "Claim the units again" if claim else "Give the units free"
        await self._attempt(
            "claim" if claim else "release",
            lambda: database_step(RecordsActivities.set_claims, given, name=name, summary=summary),
        )
        if ret.agenda.claims == ("claim" if claim else "release"):
            ret.agenda.claims = None

    async def _labels(self) -> None:
        agenda = self._ret.agenda
        while agenda.label or agenda.void:
            if agenda.void:
                await self._void(agenda.void[0])
                agenda.void.pop(0)
            else:
                await self._buy_label()

    async def _buy_label(self) -> None:
        ret, name = self._ret, self._names.next("buy_return_label")
        given = LabelInput(return_id=ret.return_id, step=name, now=workflow.now())
        bought = await self._attempt(
            "label",
            lambda: partner_step(
                CarrierActivities.buy_return_label,
                given,
                name=name,
                summary="Buy the return label, mail it to the customer",
                partner="carrier",
                timeout=ret.opened.step_timeout,
                urgent=ret.escalated,
            ),
            needed=lambda: ret.agenda.label,
        )
        if isinstance(bought, BoughtLabel):
            handover.label_bought(ret, _parcel(bought, name), workflow.now())
        elif isinstance(bought, ByHand):
            handover.label_bought(ret, Parcel(bought.reference or "by-hand"), workflow.now())
        elif ret.agenda.label:
            handover.label_skipped(ret, workflow.now())
        else:
            ret.agenda.void.append(name)

    async def _void(self, label_step: str) -> None:
        ret, name = self._ret, self._names.next("void_label")
        given = VoidInput(return_id=ret.return_id, step=name, label_step=label_step, now=workflow.now())
        await self._attempt(
            "void_label",
            lambda: partner_step(
                CarrierActivities.void_label,
                given,
                name=name,
                summary="Void the label",
                partner="carrier",
                timeout=ret.opened.step_timeout,
                urgent=ret.escalated,
            ),
        )

    async def _book(self) -> None:
        queue = self._ret.agenda.bookings
        while queue:
            await self._book_one(queue[0])
            queue.popleft()

    async def _book_one(self, booking: Booking) -> None:
        moves = stock.moves_of(self._ret, booking)
        if not moves:
            return
        name = self._names.next(booking.step)
        given = StockInput(return_id=self._ret.return_id, step=name, moves=moves, now=workflow.now())
        step = StockActivities.receive if booking.step == "receive" else StockActivities.restock
        stock.booked(self._ret, booking)
        await self._attempt(
            booking.step,
            lambda: database_step(
                step, given, name=name, summary=f"Book the stock of {booking.source}", partner="inventory"
            ),
        )

    async def _pay(self) -> None:
        queue = self._ret.agenda.payments
        while queue:
            await self._refund(queue[0], last=len(queue) == 1)
            queue.popleft()
            deadlines.progress(self._ret, workflow.now())

    async def _refund(self, payment: Payment, *, last: bool) -> None:
        ret, name = self._ret, self._names.next(f"refund-{payment.tender_id}")
        given = _refund_input(ret, payment, name, last)

        def failed(error: BaseException) -> bool:
            if not caused_by(error, "Declined"):
                payment.state = "failed"
                return False
            return settling.refund_failed(ret, payment, workflow.now(), reason(error))

        answer = await self._attempt(
            "refund",
            lambda: partner_step(
                PaymentActivities.refund,
                given,
                name=name,
                summary=f"Refund {format_money(payment.amount, given.currency)} to {payment.tender_id}",
                partner="payment",
                timeout=ret.opened.step_timeout,
                urgent=ret.escalated,
            ),
            on_failure=failed,
            payment=payment,
        )
        if isinstance(answer, RefundAnswer):
            ret.money.told = ret.money.told or answer.told
            settling.paid_in_part(ret, payment, answer.amount, workflow.now())
            deadlines.payment_answered(ret, payment, answer.status, answer.reference, workflow.now())
        elif isinstance(answer, ByHand):
            settling.answered(payment, PaymentStatus.SUCCEEDED, answer.reference)

    async def _ask(self) -> None:
        ret = self._ret
        ret.agenda.ask_payment = False
        for payment in [payment for payment in ret.money.payments if payment.state == "pending"]:
            given = AskInput(return_id=ret.return_id, reference=payment.reference or "")
            name = self._names.next("check_refund")
            try:
                status = await partner_step(
                    PaymentActivities.check_refund,
                    given,
                    name=name,
                    summary="Ask after the pending refund",
                    partner="payment",
                    timeout=ret.opened.step_timeout,
                    urgent=ret.escalated,
                )
            except ActivityError:
                status = PaymentStatus.PENDING
            if payment.state == "pending":
                deadlines.payment_answered(ret, payment, status, payment.reference, workflow.now())

    async def _tell(self) -> None:
        queue = self._ret.agenda.notices
        while queue:
            await self._tell_one(queue[0])
            queue.popleft()

    async def _tell_one(self, notice: Notice) -> None:
        name = self._names.next(f"tell-{notice.template}")
        given = TellInput(
            return_id=self._ret.return_id,
            step=name,
            template=notice.template,
            to=notice.to,
            values=deadlines.mail_values(self._ret, notice),
            now=workflow.now(),
        )
        await self._attempt(
            "mail",
            lambda: database_step(
                RecordsActivities.tell, given, name=name, summary=f"Write the mail {notice.template}"
            ),
        )

    async def _close(self) -> None:
        name = self._names.next("close")
        given = CloseInput(
            return_id=self._ret.return_id,
            step=name,
            view=view_of(self._ret),
            state=record(self._ret) | {"names": dict(self._names.used)},
            now=workflow.now(),
        )
        await self._attempt(
            "close",
            lambda: database_step(RecordsActivities.close_return, given, name=name, summary="Store the final view"),
        )

    # How a step that gives up waits for a person

    async def _attempt(
        self,
        kind: str,
        start: Callable[[], Awaitable[Result]],
        *,
        needed: Callable[[], bool] = lambda: True,
        on_failure: Callable[[BaseException], bool] = lambda _: False,
        payment: Payment | None = None,
    ) -> Result | ByHand | None:
        """Run a step until it works, a person says it is done or to be skipped, or nobody needs it.

        Null when it was skipped, or is needed no more, or ``on_failure`` knew another way.
        """
        while needed():
            try:
                return await self._as_long_as(needed, start())
            except (ActivityError, ApplicationError) as error:
                if is_cancelled_exception(error):
                    return None
                if on_failure(error):
                    return None
                parked = attention.park(self._ret, kind, reason(error), workflow.now(), payment)
            self._stir()
            answer = await self._answer(parked, needed)
            if answer is None or answer.action == "skip":
                return None
            if answer.action == "mark_done":
                return ByHand(answer.reference)
        return None

    async def _answer(self, parked: ParkedStep, needed: Callable[[], bool]) -> ResolveAttention | None:
        """Wait for a person; null when nobody needs the step any more."""
        await workflow.wait_condition(lambda: parked.answer is not None or not needed())
        if parked.answer is None:
            attention.unpark(self._ret, parked)
        return parked.answer

    async def _as_long_as(self, needed: Callable[[], bool], running: Awaitable[Result]) -> Result:
        """Wait for it; when nobody needs it any more, ask it to stop and wait for what came of it."""
        task = asyncio.ensure_future(running)
        await workflow.wait_condition(lambda: task.done() or not needed())
        if not task.done():
            task.cancel()
        return await task

    async def _undisturbed(self, waiting: Awaitable[None]) -> None:
        """Wait to the end; a cancel request from outside is taken as ``cancel``, where that is allowed."""
        task = asyncio.ensure_future(waiting)
        while not task.done():
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                self._cancel_requested()
        task.result()

    def _cancel_requested(self) -> None:
        try:
            handover.cancel(self._ret, Cancel(by="temporal", reason="cancel request"), workflow.now())
        except Refused as refusal:
            self._ret.note(workflow.now(), "cancel_refused", by="temporal", detail=str(refusal))
        self._stir()

    # The clock

    def _set_alarm(self) -> None:
        """One alarm at a time: a later deadline leaves it running, only an earlier one restarts it."""
        due = deadlines.next_alarm(self._ret)
        if due is None or (self._alarm_at is not None and self._alarm_at <= due.at):
            return
        if self._alarm:
            self._alarm.cancel()
        self._alarm_at = due.at
        self._alarm = asyncio.create_task(self._ring(due))

    async def _ring(self, alarm: deadlines.Alarm) -> None:
        wait = max(alarm.at - workflow.now(), timedelta())
        await workflow.sleep(wait, summary=f"Until {alarm.what}, or an earlier one")
        self._alarm = self._alarm_at = None
        deadlines.pass_deadlines(self._ret, workflow.now())
        self._stir()

    # What is shown

    def _show(self) -> None:
        wanted = operator_view.columns(self._ret)
        updates = changes(self._shown, wanted)
        if updates:
            workflow.upsert_search_attributes(updates)
            self._shown = wanted
        workflow.set_current_details(operator_view.details(self._ret))

    @workflow.query
    def view(self) -> dict[str, Any]:
        """The whole view of CONTRACT section 6."""
        if self._invalid:
            raise _invalid_request(self._invalid)
        return (self._known or view_of(self._ret)).model_dump(mode="json")

    # What may be said to it

    @workflow.update
    async def decision(self) -> Summary:
        """Answers as soon as the policy has decided; never waits for a partner."""
        if self._invalid:
            raise _invalid_request(self._invalid)
        await self._decided()
        return summary_of_view(self._known) if self._known else summary_of(self._ret)

    @workflow.update
    async def approve(self, message: Approve) -> Summary:
        """Let a reviewed return go on."""
        return await self._take(lambda now: handover.approve(self._ret, message, now))

    @approve.validator
    def _check_approve(self, message: Approve) -> None:
        self._check(lambda: handover.check_review(self._ret))

    @workflow.update
    async def decline(self, message: Decline) -> Summary:
        """Turn a reviewed return down."""
        return await self._take(lambda now: handover.decline(self._ret, message, now))

    @decline.validator
    def _check_decline(self, message: Decline) -> None:
        self._check(lambda: handover.check_review(self._ret))

    @workflow.update
    async def cancel(self, message: Cancel) -> Summary:
        """Call the return off, until handover or the first settlement effect."""
        return await self._take(lambda now: handover.cancel(self._ret, message, now))

    @cancel.validator
    def _check_cancel(self, message: Cancel) -> None:
        self._check(lambda: handover.check_cancel(self._ret))

    @workflow.update
    async def record_receipt(self, message: Receipt) -> Summary:
        """The warehouse opened a parcel."""
        return await self._take(lambda now: reception.receive(self._ret, message, now))

    @record_receipt.validator
    def _check_receipt(self, message: Receipt) -> None:
        self._check(lambda: reception.check_receipt(self._ret, message))

    @workflow.update
    async def record_inspection(self, message: Inspection) -> Summary:
        """The warehouse judged units."""
        return await self._take(lambda now: reception.inspect(self._ret, message, now))

    @record_inspection.validator
    def _check_inspection(self, message: Inspection) -> None:
        self._check(lambda: reception.check_inspection(self._ret, message))

    @workflow.update
    async def resolve_attention(self, message: ResolveAttention) -> Summary:
        """Answer a step that gave up."""
        return await self._take(lambda now: attention.resolve(self._ret, message, now))

    @resolve_attention.validator
    def _check_attention(self, message: ResolveAttention) -> None:
        self._check(lambda: attention.check_resolve(self._ret, message))

    @workflow.update
    async def override(self, message: Override) -> Summary:
        """Change a fact by hand, and say why."""
        return await self._take(lambda now: override.override(self._ret, message, now))

    @override.validator
    def _check_override(self, message: Override) -> None:
        self._check(lambda: override.check_override(self._ret, message))

    @workflow.signal
    async def tracking_event(self, raw: Any = None, *more: Any) -> None:
        """A scan, from the carrier."""
        await self._hear("tracking_event", TrackingEvent, [*more, raw] if more else raw, handover.track)

    @workflow.signal
    async def payment_event(self, raw: Any = None, *more: Any) -> None:
        """News of a refund, from the payment provider."""
        await self._hear("payment_event", PaymentEvent, [*more, raw] if more else raw, settling.hear_of_payment)

    def _check(self, check: Callable[[], object]) -> None:
        """Refuse what the state does not allow; a message before the decision waits for it."""
        if self._invalid:
            raise _invalid_request(self._invalid)
        if self._ret.opening is not None:
            check()

    async def _take(self, act: Callable[[datetime], None]) -> Summary:
        await self._decided()
        if self._known:
            raise ApplicationError("the return is closed", type="Refused")
        try:
            act(workflow.now())
        except Refused as refusal:
            raise ApplicationError(str(refusal), type="Refused") from None
        self._stir()
        return summary_of(self._ret)

    async def _decided(self) -> None:
        if self._ret.opening is None:
            await workflow.wait_condition(lambda: self._ret.opening is not None or self._over)
        if self._invalid:
            raise _invalid_request(self._invalid)

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
    request = parse_request(raw, now=workflow.now())
    workflow_id = workflow.info().workflow_id
    named = workflow_id.removeprefix(_PREFIX)
    if not workflow_id.startswith(_PREFIX) or request.return_id not in (None, named):
        raise InvalidRequest([("return_id", f"expected the workflow id {_PREFIX}{{return_id}}, got {workflow_id}")])
    return Return(named, request)


def _restored(raw: dict[str, Any]) -> Return:
    recorded = {key: value for key, value in raw["recorded"].items() if key != "names"}
    try:
        return restore(raw.get("request"), recorded)
    except ValidationError as error:
        raise InvalidRequest(problems(error)) from None


def _invalid_request(error: InvalidRequest | None) -> ApplicationError:
    return ApplicationError(str(error), type="InvalidRequest", non_retryable=True)


def _shown_at_start() -> dict[str, Any]:
    attributes = workflow.info().typed_search_attributes
    return {key.name: attributes.get(key) for key in KEYS}


def _parcel(bought: BoughtLabel, step: str) -> Parcel:
    return Parcel(bought.tracking_code, bought.label_url, step)


def _refund_input(ret: Return, payment: Payment, name: str, last: bool) -> RefundInput:
    tender = next(tender for tender in ret.request.order.tenders if tender.tender_id == payment.tender_id)
    return RefundInput(
        return_id=ret.return_id,
        step=name,
        tender_id=tender.tender_id,
        reference=tender.reference,
        amount=payment.amount,
        currency=ret.request.order.currency,
        captured=tender.captured,
        refunded=tender.refunded,
        now=workflow.now(),
        total=settling.paid_now(ret) + payment.amount if last else None,
        replaces=payment.reference,
    )
