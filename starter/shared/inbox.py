"""Webhook events, stored first and then forwarded to their return, now or as soon as that is possible."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import structlog
from sqlalchemy import Connection
from temporalio.client import Client

from client.errors import HomewardError, NotAllowed, Orphaned, UnknownEvent, UnknownReturn, Unlikely, Unreachable
from client.returns import Homeward
from gateways.database.engine import Database
from gateways.database.lookup import goes_to_a_customer, keep_codes, return_of_refund, return_of_tracking_code
from gateways.database.messages import inbox
from gateways.database.messages.inbox import ForwardResult, InboxEvent
from gateways.database.returns.records import get_return
from gateways.errors import Unavailable
from gateways.webhook_protocol import PartnerEvent
from lifecycle.contract.messages import Inspection, PaymentEvent, Receipt, TrackingEvent, TrackingStatus
from lifecycle.contract.statuses import ENDED_UNSETTLED
from lifecycle.returns.decisions.likely import Told, doubts
from lifecycle.shared.waits import doubled
from workers.webhook_table import WEBHOOKS

#: The first attempt is made at once; whoever else sees the event in this time leaves it alone.
_HEAD_START = timedelta(seconds=15)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=1)
#: How long an event that the return's state does not allow is tried again: what it follows may be on its way.
REFUSED_FOR: Final = timedelta(days=1)
#: How long a return that nobody knows is looked for: it may open later.
LOOKED_FOR: Final = timedelta(days=30)
_LONGEST_LOOK = timedelta(minutes=10)
#: How long the relay waits for one return to listen.
_PATIENCE = timedelta(seconds=5)
#: Scans that say that goods are coming.
_COMING = (TrackingStatus.ACCEPTED, TrackingStatus.IN_TRANSIT, TrackingStatus.DELIVERED)

log = structlog.get_logger("homeward.inbox")


class OtherContent(HomewardError):
    """The same event came before, and said something else."""


@dataclass(frozen=True)
class IntakeResult:
    """The outcome of a webhook: its return has it, or will, or an operator must look at it.

    ``ignored`` is about nothing that returns care for.
    """

    state: Literal["ignored", "repeated", "passed", "dismissed", "queued", "waiting"]
    why: str | None = None
    #: Of each event that is kept, in their order.
    each: tuple["IntakeResult", ...] = ()

    @property
    def done(self) -> bool:
        """Whether nothing is left to do with it."""
        return self.state not in inbox.OPEN


_GRAVITY = ("ignored", "repeated", "dismissed", "passed", "queued", "waiting")


class Inbox:
    """Takes events in, passes them on, and lets an operator decide on what is left."""

    def __init__(self, homeward: Homeward, db: Database) -> None:
        self._homeward = homeward
        self._db = db

    async def take(self, events: Sequence[PartnerEvent]) -> IntakeResult:
        """Store one webhook's events, then try to forward them; what is known already is not looked at again.

        Raises ``Unavailable`` when it could not be kept, ``OtherContent`` for another message under
        a known id.
        """
        now = datetime.now(UTC)
        ours = [incoming for one in events if (incoming := await self._ours(one)) is not None]

        def keep_all(connection: Connection) -> list[tuple[InboxEvent, bool]]:
            return [inbox.keep(connection, incoming, now, now + _HEAD_START) for incoming in ours]

        kept = await self._db.write(keep_all) if ours else []
        for incoming, (event, new) in zip(ours, kept, strict=True):
            if not new and WEBHOOKS[incoming.source].compares_repeats and incoming.message != event.message:
                raise OtherContent(f"{incoming.event_id} has come before, with another content")
        each = await self._first_attempts(kept)
        gravest = max(each, key=lambda one: _GRAVITY.index(one.state), default=IntakeResult("ignored"))
        return replace(gravest, each=tuple(each))

    async def _first_attempts(self, kept: Sequence[tuple[InboxEvent, bool]]) -> list[IntakeResult]:
        """The outcome of each; those that are known already are not looked at again."""
        found: list[IntakeResult] = []
        for event, new in kept:
            unanswered = next((one for one in found if one.state == "queued"), None)
            if not new:
                found.append(IntakeResult("repeated"))
            elif unanswered:  # whoever sent it waits only so long, and the relay does the rest
                found.append(unanswered)
            else:
                found.append(await self._first_attempt(event))
        return found

    async def _ours(self, incoming: PartnerEvent) -> PartnerEvent | None:
        """The event with its return, as far as that is known; None where it is no return's business."""
        return_id = incoming.return_id or await self._whose(incoming)
        if return_id is not None:
            return replace(incoming, return_id=return_id)
        if incoming.only_if_known:
            return None
        return None if await self._is_outbound(incoming.message) else incoming

    async def _is_outbound(self, message: object) -> bool:
        """Whether it is a scan of what a return has sent to its customer."""
        return isinstance(message, TrackingEvent) and await goes_to_a_customer(self._db, message.tracking_code)

    async def _whose(self, event: PartnerEvent | InboxEvent) -> str | None:
        if isinstance(event.message, PaymentEvent):
            return await return_of_refund(self._db, event.message.reference)
        code = _parcel_of(event)
        return await return_of_tracking_code(self._db, code) if code else None

    async def _first_attempt(self, event: InboxEvent) -> IntakeResult:
        try:
            result = await self._pass_on(event, datetime.now(UTC))
        except Unavailable as error:
            # It is kept, and will be passed on.
            return IntakeResult("queued", str(error))
        return IntakeResult(result.state, result.why)

    async def pass_next(self) -> int:
        """Try the oldest event that is due; how many that were. Raises ``Unavailable``."""
        now = datetime.now(UTC)
        event = await inbox.next_due(self._db, now)
        if event is None:
            return 0
        await self._pass_on(event, now)
        return 1

    async def _pass_on(self, event: InboxEvent, now: datetime) -> ForwardResult:
        result = await self._attempt(event, now)

        def settle(connection: Connection) -> None:
            inbox.settle(connection, event.id, result)
            if result.state == "passed" and result.return_id:
                # What was refused may have waited for this very event.
                inbox.retry_now(connection, result.return_id, now)

        await self._db.write(settle)
        return result

    async def _attempt(self, event: InboxEvent, now: datetime) -> ForwardResult:
        return_id = event.return_id or await self._whose(event)
        if return_id is None and await self._is_outbound(event.message):
            return ForwardResult("dismissed", "a parcel to the customer")
        if return_id is None:
            return _look_again(event, now, f"no return is known for {_name(event)}")
        try:
            await self._forward(return_id, event)
        except HomewardError as error:
            return await self._not_forwarded(event, return_id, error, now)
        except Unavailable:
            raise
        except Exception as error:
            # One event that cannot be passed on must not keep the others.
            log.exception("event_failed", id=event.id, kind=event.kind, return_id=return_id)
            return ForwardResult("queued", type(error).__name__, return_id, now + _wait(event, _LONGEST_LOOK))
        return ForwardResult("passed", return_id=return_id)

    async def _forward(self, return_id: str, event: InboxEvent) -> None:
        """Signal or update the return; harmless when it has taken it before. Raises as ``Homeward`` does."""
        match event.message:
            case TrackingEvent() as scan:
                await self._homeward.tracking_event(return_id, scan)
            case PaymentEvent() as incoming:
                await self._homeward.payment_event(return_id, incoming)
            case Receipt() as receipt:
                await self._homeward.record_receipt(return_id, receipt)
            case Inspection() as inspection:
                await self._homeward.record_inspection(return_id, inspection)

    async def _not_forwarded(
        self, event: InboxEvent, return_id: str, error: HomewardError, now: datetime
    ) -> ForwardResult:
        if isinstance(error, UnknownReturn):
            return _look_again(event, now, str(error))
        if isinstance(error, Orphaned):
            # Somebody has to have it go on first, whenever that is; then it gets what came meanwhile.
            return ForwardResult("queued", str(error), return_id, now + _wait(event, _LONGEST_LOOK))
        if isinstance(error, NotAllowed):
            return await self._refused(event, return_id, str(error), now)
        if isinstance(error, Unreachable):
            return ForwardResult("queued", str(error), return_id, now + _wait(event, _LONGEST_WAIT))
        return ForwardResult("waiting", str(error), return_id)

    async def _refused(self, event: InboxEvent, return_id: str, why: str, now: datetime) -> ForwardResult:
        known = await get_return(self._db, return_id)
        if known is None or known.closed_at is None:
            again = now + _wait(event, _LONGEST_WAIT)
            if again < event.at + REFUSED_FOR:
                return ForwardResult("queued", why, return_id, again)
        elif isinstance(event.message, TrackingEvent):
            comes = event.message.status in _COMING and known.status in ENDED_UNSETTLED
            return ForwardResult("waiting" if comes else "dismissed", why, return_id)
        return ForwardResult("waiting", why, return_id)

    async def attach(self, event_id: int, return_id: str, by: str, *, confirm: bool = False) -> None:
        """An operator says whose it is: pass it on there, and whatever else comes of the same parcel or refund.

        The same again changes nothing. Raises ``UnknownEvent``, ``Unlikely`` where something speaks against it that
        is not to be passed over (``confirm``), ``NotAllowed`` where it has been dealt with or the return refuses it,
        and as ``Homeward`` does.
        """
        event = await get_known(self._db, event_id)
        if event.state == "passed" and event.return_id == return_id:
            return
        _check_open(event)
        found = doubts(await self._told(event), await self._homeward.view(return_id))
        if found and not confirm:
            raise Unlikely(return_id, found)
        await self._forward(return_id, event)
        now, message = datetime.now(UTC), event.message

        def attached(connection: Connection) -> None:
            inbox.settle(connection, event.id, ForwardResult("passed", f"attached by {by}", return_id))
            if code := _parcel_of(event):
                keep_codes(connection, "parcel", [code], return_id)
            elif isinstance(message, PaymentEvent):
                keep_codes(connection, "refund", [message.reference], return_id)
            inbox.retry_now(connection, return_id, now)
            inbox.retry_now(connection, None, now)

        await self._db.write(attached)

    async def _told(self, event: InboxEvent) -> Told:
        return Told(event.message, event.return_id, event.tracking_code, await self._whose(event))


async def dismiss(db: Database, event_id: int, why: str, by: str) -> None:
    """An operator says that nothing is to be done; the same again changes nothing.

    Raises ``UnknownEvent``, and ``NotAllowed`` where a return has it already.
    """
    event = await get_known(db, event_id)
    if event.state == "dismissed":
        return
    _check_open(event)
    await db.write(lambda connection: inbox.settle(connection, event.id, ForwardResult("dismissed", f"{by}: {why}")))


async def dismiss_unknown(db: Database, source: str, why: str, by: str) -> int:
    """The same of all that wait from a partner for no return that there is; how many. Raises ``Unavailable``."""
    return await db.write(lambda connection: inbox.dismiss_unknown(connection, source, f"{by}: {why}"))


async def get_known(db: Database, event_id: int) -> InboxEvent:
    """One event; raises ``UnknownEvent``."""
    event = await inbox.get_event(db, event_id)
    if event is None:
        raise UnknownEvent(event_id)
    return event


def _check_open(event: InboxEvent) -> None:
    if event.state not in inbox.OPEN:
        where = f" to {event.return_id}" if event.state == "passed" else ""
        raise NotAllowed(f"event {event.id} was {event.state}{where} already")


def inbox_of(client: Client, db: Database) -> Inbox:
    """The inbox as a worker passes it on: it has time, but each event only so much."""
    return Inbox(Homeward(client, db, _PATIENCE), db)


def _look_again(event: InboxEvent, now: datetime, why: str) -> ForwardResult:
    """For an operator to see; the return may open later, and then it finds its way by itself."""
    again = now + _wait(event, _LONGEST_LOOK)
    return ForwardResult("waiting", why, next_attempt_at=again if again < event.at + LOOKED_FOR else None)


def _wait(event: InboxEvent, longest: timedelta) -> timedelta:
    return doubled(_FIRST_WAIT, longest, event.attempts)


def _parcel_of(event: PartnerEvent | InboxEvent) -> str | None:
    """The tracking code of the parcel that it is about, where it names one."""
    return event.message.tracking_code if isinstance(event.message, TrackingEvent) else event.tracking_code


def _name(event: InboxEvent) -> str:
    message = event.message
    if code := _parcel_of(event):
        return f"the parcel {code}"
    if isinstance(message, PaymentEvent):
        return f"the refund {message.reference}"
    return f"the {event.kind}"
