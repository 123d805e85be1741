"""What may be said to a return, and what it answers."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

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
    from lifecycle.contract.request import ReturnRequest, parse_request
    from lifecycle.contract.view import Outcome, Summary, View
    from lifecycle.returns.decisions import approval, attention, exchange, first, override
    from lifecycle.returns.decisions import change_request as changing
    from lifecycle.returns.goods import handover, reception, repair_bench, stock
    from lifecycle.returns.settlement import money_claim, payments, units_back
    from lifecycle.returns.state import Return, reasons
    from lifecycle.returns.views.return_view import summary_of, summary_of_view, view_of
    from lifecycle.returns.views.status import UNSETTLED, status_of
    from lifecycle.shared.repair_messages import RepairEvent

from client.names import SETTLED
from workflows.returns.work import ReturnWork
from workflows.shared.handlers import invalid_request, refused_as_application_error
from workflows.shared.shell import Act, Message, Shell, update


def _check_override(ret: Return, message: Override) -> None:
    override.check_new(ret, message, workflow.now())


class ReturnMessages(Shell[Return, Summary]):
    """The messages of a return; one that comes before the policy has decided waits for it."""

    _work: ReturnWork
    #: The request that the return was started with; as it came, where an earlier run was.
    _asked: Any
    #: The fields that nobody knows of what the return was started with.
    _ignored: list[str]

    def _begin(self, raw: Any) -> None:
        self._changing = asyncio.Lock()
        self._waiters: set[str] = set()

    @property
    def _invalid_request(self) -> InvalidRequest | None:
        """Why this return cannot be carried at all."""
        return self._invalid or self._work.opening.refused

    @property
    def _nothing_to_do(self) -> bool:
        """Whether there is nothing to carry home in this run."""
        return self._invalid_request is not None or self._work.opening.known is not None

    def _summary(self) -> Summary:
        return summary_of_view(self._work.opening.known) if self._work.opening.known else summary_of(self._state)

    def _view(self) -> View:
        return self._work.opening.known or view_of(self._state)

    # The customer, the shop and an operator

    @workflow.update
    async def decision(self, _request: Any = None, *_: Any) -> Summary:
        """Answers as soon as the policy has decided; never waits for a partner.

        With the request as its argument, it answers for that one only: another than this return's is refused. It
        names the fields of the start that nobody knows.
        """
        await self._decided()
        return self._summary().model_copy(update={"ignored": self._ignored})

    @decision.validator
    def _check_decision(self, request: Any = None, *_: Any) -> None:
        if request is not None and not self._invalid_request and not self._is_asked_for(request):
            raise invalid_request(InvalidRequest([("return_id", "expected one that no other request has used")]))

    def _is_asked_for(self, raw: Any) -> bool:
        """Whether this is the request that the return was started with; raises what is wrong with it."""
        try:
            asked, mine = (_parsed(given) for given in (raw, self._asked))
        except InvalidRequest as error:
            raise invalid_request(error) from None
        return asked.model_copy(update={"return_id": None}) == mine.model_copy(update={"return_id": None})

    @update(approval.check_approve)
    async def approve(self, message: Approve) -> Summary:
        """Let a reviewed return go on."""
        return await self._take(approval.approve, message)

    @update(lambda ret, _: approval.check_review(ret))
    async def decline(self, message: Decline) -> Summary:
        """Turn a reviewed return down."""
        return await self._take(approval.decline, message)

    @update(lambda ret, _: handover.check_cancel(ret))
    async def cancel(self, message: Cancel) -> Summary:
        """Call the return off, until handover or the first settlement effect."""
        return await self._take(handover.cancel, message)

    @update(reception.check_receipt)
    async def record_receipt(self, message: Receipt) -> Summary:
        """The warehouse opened a parcel."""
        return await self._take(reception.receive, message)

    @update(reception.check_inspection)
    async def record_inspection(self, message: Inspection) -> Summary:
        """The warehouse judged units."""
        return await self._take(reception.inspect, message)

    @update(changing.check_asked)
    async def change_request(self, message: ChangeRequest) -> Summary:
        """Something else, another way, or another time, before the handover."""
        # Now, and not once it is done: what the policy declines is an update to Temporal all the same.
        self._state.changes_asked += 1
        await self._decided()
        if changing.chooses_instead(self._state, message):
            return self._act(changing.choose_instead, message)
        if not changing.decides_anew(message):
            return self._act(changing.choose_slot, message)
        async with self._changing:
            with refused_as_application_error():
                changing.check_change(self._state, message)
            changed = changing.changed_request(self._state.request, message)
            try:
                opening = await self._work.opening.decide_again(changed)
                if opening.decision.outcome is not Outcome.DECLINED:
                    return self._act(lambda ret, asked, now: changing.change(ret, asked, opening, now), message)
            except ApplicationError:
                # Cancelled or handed over meanwhile, or it failed with its answer lost: the claims may be for the
                # changed units, and are for those of before again.
                money_claim.claim_again(self._state)
                self._advance()
                raise
            raise ApplicationError(reasons(opening.decision) or "declined", type="Refused")

    @update(exchange.check_answer)
    async def answer_charge(self, message: AnswerCharge) -> Summary:
        """Whether the customer pays what an exchange costs more than was agreed, or what they want instead."""
        return await self._take(exchange.answer_charge, message)

    @update(stock.check_wipe)
    async def attest_wipe(self, message: AttestWipe) -> Summary:
        """A unit's personal data is gone."""
        return await self._take(stock.attest_wipe, message)

    @update(attention.check_resolve)
    async def resolve_attention(self, message: ResolveAttention) -> Summary:
        """Answer a step that failed for good."""
        # Without waiting for the decision: the opening step itself may be what waits.
        return self._act(attention.resolve, message)

    @update(_check_override)
    async def override(self, message: Override) -> Summary:
        """Change a fact by hand, and say why."""
        await self._take(override.override, message)
        # What it gives is known once the books have said what the order has left.
        await workflow.wait_condition(lambda: not money_claim.asks(self._state))
        return self._summary()

    # Carrier, payment provider, repair bench, and other returns

    @workflow.signal
    async def tracking_event(self, raw: Any = None, *more: Any) -> None:
        """A scan, from the carrier."""
        await self._apply_once_decided("tracking_event", TrackingEvent, (raw, *more), handover.track)

    @workflow.signal
    async def payment_event(self, raw: Any = None, *more: Any) -> None:
        """An event of a refund, from the payment provider."""
        await self._apply_once_decided("payment_event", PaymentEvent, (raw, *more), payments.apply_payment_event)

    @workflow.signal
    async def repair_event(self, raw: Any = None, *more: Any) -> None:
        """An event of a unit on the repair bench, from its own workflow."""
        await self._apply_once_decided("repair_event", RepairEvent, (raw, *more), repair_bench.apply_repair_event)

    @workflow.signal
    async def order_may_be_whole(self, *_: Any) -> None:
        """Another return of the order has opened: this one may be the last to come back."""
        with suppress(ApplicationError):
            await self._decided()
        if not self._nothing_to_do:
            units_back.may_be_last(self._state)
            self._advance()

    @workflow.signal
    async def settlement_awaited(self, waiter: Any = None, *_: Any) -> None:
        """A workflow that waits is told once the customer has what is owed, or nothing is owed any more."""
        if not isinstance(waiter, str) or waiter in self._waiters:
            return
        self._waiters.add(waiter)
        await workflow.wait_condition(lambda: self._nothing_to_do or status_of(self._state) not in UNSETTLED)
        if self._invalid_request is None:
            with suppress(FailureError):  # it waits no more
                summary = self._summary().model_dump(mode="json")
                await workflow.get_external_workflow_handle(waiter).signal(SETTLED, summary)
        self._waiters.discard(waiter)

    # How they are taken

    def _check(self, message: BaseModel, check: Callable[[], object]) -> None:
        """Refuse what the state does not allow; a message before the decision waits for it, an operator's does not."""
        first.check_first(self._state.timeline, message)
        if self._state.opening is not None or isinstance(message, ResolveAttention):
            check()
        elif any(parked.kind == "open" for parked in self._state.open_steps):
            raise Refused("the opening step waits for an operator")

    async def _take(self, act: Act[Return, Message], message: Message) -> Summary:
        """Apply an update once the policy has decided."""
        await self._decided()
        return self._act(act, message)

    def _act(self, act: Act[Return, Message], message: Message) -> Summary:
        if self._work.opening.known:
            raise ApplicationError("the return is closed", type="Refused")
        with refused_as_application_error():  # somebody may have been first while it waited
            first.check_first(self._state.timeline, message)
        return super()._act(act, message)

    async def _apply_once_decided(
        self, name: str, model: type[Message], arguments: tuple[Any, ...], act: Act[Return, Message]
    ) -> None:
        """Apply a signal once the policy has decided."""
        with suppress(ApplicationError):
            await self._decided()
        if not self._nothing_to_do:
            self._apply(name, model, arguments, act)

    async def _decided(self) -> None:
        if not self._nothing_to_do and self._state.opening is None:
            await workflow.wait_condition(lambda: self._state.opening is not None or self._nothing_to_do)
        self._require_valid()


def _parsed(request: Any) -> ReturnRequest:
    return request if isinstance(request, ReturnRequest) else parse_request(request, now=workflow.now())
