"""Opening a return: decide by the policy, claim its units and money, work out its calendar."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.shared.effects import Effects, StepInput
from activities.shared.errors import application_errors
from activities.shared.metrics import RETURNS_STARTED
from activities.shared.return_mails import write_mail
from gateways.database.engine import Database
from gateways.database.messages import subscriptions
from gateways.database.orders import order_money, payment_references
from gateways.database.returns import records
from gateways.orders.identity import tell_apart
from gateways.orders.protocol import Orders
from lifecycle.calendar.calendars import make_calendar
from lifecycle.calendar.clock import Calendar
from lifecycle.contract.boundary import judge
from lifecycle.contract.policy import ClockRules, Policy
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Outcome
from lifecycle.returns.decisions.approval import first_claim, promised
from lifecycle.returns.eligibility import SHIPPING, Facts, decide
from lifecycle.returns.opening import Opening, make_opening
from lifecycle.returns.order_money import NOTHING
from lifecycle.returns.snapshot import CHANGING
from lifecycle.returns.state import why_declined

#: The error's type when the return asked for has closed before.
CLOSED_BEFORE = "ClosedBefore"
_STATUS = {Outcome.DECLINED: Status.DECLINED, Outcome.REVIEW: Status.IN_REVIEW}
_MAILS = {Outcome.DECLINED: "declined", Outcome.REVIEW: "in_review", Outcome.PARTIAL: "partly_declined"}


class OpenInput(BaseModel):
    """The request to decide on, and the workflow's own time."""

    return_id: str
    request: ReturnRequest
    now: AwareDatetime


class ChangeInput(OpenInput, StepInput):
    """The request as it would be; the step's name is the change's idempotency key."""


class OpeningActivities:
    """The first step of every return; ``policy`` gives the one in force. ``publishes``: there are subscribers.

    ``itemizes``: a payment provider is told what each refund pays for.
    """

    def __init__(
        self,
        database: Database,
        policy: Callable[[], Policy],
        orders: Orders,
        step_timeout: float | None = None,
        *,
        publishes: bool = False,
        itemizes: bool = False,
    ) -> None:
        self._database = database
        self._effects = Effects(database, "records")
        self._policy = policy
        self._orders = orders
        self._step_timeout = step_timeout
        self._publishes, self._itemizes = publishes, itemizes

    @activity.defn
    async def open_return(self, given: OpenInput) -> Opening:
        """Decide, insert the return and claim its units in one transaction.

        Repeated, it gives the first decision back. Another return that took the same units
        a moment before makes it try again, and then see them as returned already. Asked for a
        return that has closed, it fails with its final view as the error's detail. Texts are judged
        here, for starts by the workflow's name: a replay must not judge them anew.
        """
        step = StepInput(return_id=given.return_id, step="open", now=given.now)
        first = False

        def apply(connection: Connection) -> dict[str, Any]:
            nonlocal first
            first = True
            # A start by the workflow's id alone has told it by that.
            judge(given.request.model_copy(update={"return_id": given.return_id}))
            policy = self._policy()
            facts = records.facts_beside(connection, given.request.order, given.return_id, given.now)
            opening = self._decide(given, policy, facts, self._told(connection))
            self._record(connection, given, opening, policy)
            _claim_money(connection, given, opening, facts)
            used = payment_references.keep(connection, given.request.order)
            if given.request.vouched_by:  # asked before, too; another start may have been quicker since
                payment_references.refuse(given.request.order, used)
            return opening.model_dump(mode="json", exclude_none=True)

        with application_errors("records"):
            await tell_apart(self._database, self._orders, given.request.order.order_id)
            opening = await self._effects.in_database(step, given.request.model_dump(mode="json"), apply)
            if first:
                RETURNS_STARTED.labels(given.request.method, given.request.resolution).inc()
            else:
                await self._answer_if_closed(given.return_id)
            return Opening.model_validate(opening)

    async def _answer_if_closed(self, return_id: str) -> None:
        """A return that has closed is answered, never started again."""
        known = await records.get_return(self._database, return_id)
        if known and known.closed_at:
            raise ApplicationError(f"return {return_id} is closed", known.view, type=CLOSED_BEFORE, non_retryable=True)

    @activity.defn
    async def change_return(self, given: ChangeInput) -> Opening:
        """Decide on the changed request of an open return, and let it hold the units of that instead.

        Declined, nothing is changed.
        """

        def apply(connection: Connection) -> dict[str, Any]:
            kept = records.policy_in(connection, given.return_id)
            policy = Policy.model_validate(kept) if kept else self._policy()
            facts = records.facts_beside(connection, given.request.order, given.return_id, given.now)
            opening = self._decide(given, policy, facts, self._told(connection))
            if opening.decision.outcome is not Outcome.DECLINED:
                records.release_claims(connection, given.return_id)
                _claim(connection, given, opening)
                _claim_money(connection, given, opening, facts)
            changed = given.request.model_dump(mode="json", include=CHANGING)
            return opening.model_dump(mode="json", exclude_none=True) | {"changed": changed}

        asked = given.request.model_dump(mode="json")
        return Opening.model_validate(await self._effects.in_database(given, asked, apply))

    def _told(self, connection: Connection) -> dict[str, bool]:
        """Who is told of it: subscribers, of whom the API may have made some, and payment providers."""
        return {"publishes": self._publishes or subscriptions.any_there(connection), "itemizes": self._itemizes}

    def _decide(self, given: OpenInput, policy: Policy, facts: Facts, told: dict[str, bool]) -> Opening:
        decided = decide(given.request, policy, facts, given.now)
        calendar = _calendar(policy, given.now)
        opening = make_opening(decided, policy, calendar, self._step_timeout, **told)
        opening.claim = first_claim(given.request, opening, facts.books, given.now)
        return opening

    def _record(self, connection: Connection, given: OpenInput, opening: Opening, policy: Policy) -> None:
        request = given.request
        status = _STATUS.get(opening.decision.outcome, Status.REQUESTED)
        amount = promised(request, opening, given.now)
        records.insert_return(connection, given.return_id, request, _kept(policy), status, given.now, amount)
        if opening.decision.outcome is not Outcome.DECLINED:
            _claim(connection, given, opening)
        template = _MAILS.get(opening.decision.outcome)
        if template:
            step = StepInput(return_id=given.return_id, step="open", now=given.now)
            write_mail(connection, step, policy.shop, template, {"why": why_declined(opening.decision)})


def _claim(connection: Connection, given: OpenInput, opening: Opening) -> None:
    items = given.request.items
    claimed = {unit.unit_id: items[unit.item].reason.sellers_fault for unit in opening.units if unit.allowed}
    if opening.holds_shipping:
        claimed[SHIPPING] = False
    records.claim_units(connection, given.request.order.order_id, given.return_id, claimed)


def _claim_money(connection: Connection, given: OpenInput, opening: Opening, facts: Facts) -> None:
    """One that is declined holds nothing, but what its request said was refunded is known from then on."""
    held = opening.claim or NOTHING
    order_money.claim(connection, given.return_id, given.request.order, facts.books, held, given.now)


_KEPT: dict[int, tuple[Policy, dict[str, Any]]] = {}


def _kept(policy: Policy) -> dict[str, Any]:
    """The policy as JSON, worked out once for all returns that it decides."""
    if id(policy) not in _KEPT:
        _KEPT.clear()
        _KEPT[id(policy)] = (policy, policy.model_dump(mode="json"))
    return _KEPT[id(policy)][1]


def _calendar(policy: Policy, now: datetime) -> Calendar:
    """Calendars of one policy begin on the hour, so that the returns of an hour share one."""
    return _made(policy.clock.model_dump_json(), now.replace(minute=0, second=0, microsecond=0))


@lru_cache(maxsize=8)
def _made(clock: str, start: datetime) -> Calendar:
    return make_calendar(ClockRules.model_validate_json(clock), start)
