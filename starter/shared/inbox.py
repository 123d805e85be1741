"""What partners tell, kept first and then passed on to its return, now or as soon as that is possible."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import structlog
from sqlalchemy import Connection
from temporalio.client import Client

from client.errors import HomewardError, NotAllowed, Orphaned, UnknownReturn, Unreachable
from client.returns import Homeward
from gateways.database.engine import Database
from gateways.database.lookup import goes_to_a_customer, keep_codes, return_of_refund, return_of_tracking_code
from gateways.database.messages import inbox
from gateways.database.messages.inbox import Fate, Letter
from gateways.database.returns.records import get_return
from gateways.errors import Unavailable
from gateways.webhooks import News
from lifecycle.contract.messages import Inspection, PaymentEvent, Receipt, TrackingEvent, TrackingStatus
from lifecycle.contract.view import Status

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
#: Closed without goods or settlement.
_CAME_TO_NOTHING = (Status.CANCELLED, Status.EXPIRED, Status.DECLINED)

log = structlog.get_logger("homeward.inbox")


class UnknownLetter(HomewardError):
    """The inbox holds no event of this number."""

    def __init__(self, letter_id: int) -> None:
        super().__init__(f"the inbox holds no event {letter_id}")


class OtherContent(HomewardError):
    """The same event came before, and said something else."""


@dataclass(frozen=True)
class Taken:
    """What became of a webhook: its return has it, or will, or a person must look at it.

    ``ignored`` is about nothing that returns care for.
    """

    state: Literal["ignored", "repeated", "passed", "dismissed", "queued", "waiting"]
    why: str | None = None

    @property
    def done(self) -> bool:
        """Whether nothing is left to do with it."""
        return self.state not in inbox.OPEN


_GRAVITY = ("ignored", "repeated", "dismissed", "passed", "queued", "waiting")


class Inbox:
    """Takes events in, passes them on, and lets a person decide on what is left."""

    def __init__(self, homeward: Homeward, db: Database) -> None:
        self._homeward = homeward
        self._db = db

    async def take(self, told: Sequence[News]) -> Taken:
        """Keep one webhook's news, then try to pass it on; what is known already is not looked at again.

        Raises ``Unavailable`` when it could not be kept, ``OtherContent`` for another message under
        a known id.
        """
        now = datetime.now(UTC)
        ours = [news for one in told if (news := await self._ours(one)) is not None]

        def keep_all(connection: Connection) -> list[tuple[Letter, bool]]:
            return [inbox.keep(connection, news, now, now + _HEAD_START) for news in ours]

        kept = await self._db.write(keep_all) if ours else []
        for news, (letter, new) in zip(ours, kept, strict=True):
            if not new and news.source == "warehouse" and news.message != letter.message:
                raise OtherContent(f"{news.event_id} has come before, with another content")
        taken = Taken("repeated" if kept else "ignored")
        for letter in [letter for letter, new in kept if new]:
            if taken.state == "queued":
                break  # nobody answers; whoever sent it waits only so long, and the relay does the rest
            taken = max(taken, await self._first_attempt(letter), key=lambda one: _GRAVITY.index(one.state))
        return taken

    async def _ours(self, news: News) -> News | None:
        """The news with its return, as far as that is known; null where it is no return's business."""
        return_id = news.return_id or await self._whose(news.message)
        if return_id is not None:
            return replace(news, return_id=return_id)
        if news.only_if_known:
            return None
        return None if await self._goes_out(news.message) else news

    async def _goes_out(self, message: object) -> bool:
        """Whether it is a scan of what a return has sent to its customer."""
        return isinstance(message, TrackingEvent) and await goes_to_a_customer(self._db, message.tracking_code)

    async def _whose(self, message: object) -> str | None:
        if isinstance(message, TrackingEvent):
            return await return_of_tracking_code(self._db, message.tracking_code)
        if isinstance(message, PaymentEvent):
            return await return_of_refund(self._db, message.reference)
        return None

    async def _first_attempt(self, letter: Letter) -> Taken:
        try:
            fate = await self._pass_on(letter, datetime.now(UTC))
        except Unavailable as error:
            # It is kept, and will be passed on.
            return Taken("queued", str(error))
        return Taken(fate.state, fate.why)

    async def pass_next(self) -> int:
        """Try the oldest event that is due; how many that were. Raises ``Unavailable``."""
        now = datetime.now(UTC)
        letter = await inbox.next_due(self._db, now)
        if letter is None:
            return 0
        await self._pass_on(letter, now)
        return 1

    async def _pass_on(self, letter: Letter, now: datetime) -> Fate:
        fate = await self._attempt(letter, now)

        def settle(connection: Connection) -> None:
            inbox.settle(connection, letter.id, fate)
            if fate.state == "passed" and fate.return_id:
                # What was refused may have waited for this very event.
                inbox.hurry(connection, fate.return_id, now)

        await self._db.write(settle)
        return fate

    async def _attempt(self, letter: Letter, now: datetime) -> Fate:
        return_id = letter.return_id or await self._whose(letter.message)
        if return_id is None and await self._goes_out(letter.message):
            return Fate("dismissed", "a parcel to the customer")
        if return_id is None:
            return _look_again(letter, now, f"no return is known for {_name(letter)}")
        try:
            await self._tell(return_id, letter)
        except HomewardError as error:
            return await self._not_told(letter, return_id, error, now)
        except Unavailable:
            raise
        except Exception as error:
            # One event that cannot be passed on must not keep the others.
            log.exception("event_failed", id=letter.id, kind=letter.kind, return_id=return_id)
            return Fate("queued", type(error).__name__, return_id, now + _wait(letter, _LONGEST_LOOK))
        return Fate("passed", return_id=return_id)

    async def _tell(self, return_id: str, letter: Letter) -> None:
        """Say it to the return; harmless when it has heard it before. Raises as ``Homeward`` does."""
        match letter.message:
            case TrackingEvent() as scan:
                await self._homeward.tracking_event(return_id, scan)
            case PaymentEvent() as news:
                await self._homeward.payment_event(return_id, news)
            case Receipt() as receipt:
                await self._homeward.record_receipt(return_id, receipt)
            case Inspection() as inspection:
                await self._homeward.record_inspection(return_id, inspection)

    async def _not_told(self, letter: Letter, return_id: str, error: HomewardError, now: datetime) -> Fate:
        if isinstance(error, UnknownReturn):
            return _look_again(letter, now, str(error))
        if isinstance(error, Orphaned):
            # Somebody has to have it go on first, whenever that is; then it hears what was told meanwhile.
            return Fate("queued", str(error), return_id, now + _wait(letter, _LONGEST_LOOK))
        if isinstance(error, NotAllowed):
            return await self._refused(letter, return_id, str(error), now)
        if isinstance(error, Unreachable):
            return Fate("queued", str(error), return_id, now + _wait(letter, _LONGEST_WAIT))
        return Fate("waiting", str(error), return_id)

    async def _refused(self, letter: Letter, return_id: str, why: str, now: datetime) -> Fate:
        known = await get_return(self._db, return_id)
        if known is None or known.closed_at is None:
            again = now + _wait(letter, _LONGEST_WAIT)
            if again < letter.at + REFUSED_FOR:
                return Fate("queued", why, return_id, again)
        elif isinstance(letter.message, TrackingEvent):
            comes = letter.message.status in _COMING and known.status in _CAME_TO_NOTHING
            return Fate("waiting" if comes else "dismissed", why, return_id)
        return Fate("waiting", why, return_id)

    async def attach(self, letter_id: int, return_id: str) -> None:
        """A person says whose it is: pass it on there, and whatever else comes of the same parcel or refund.

        Raises ``UnknownLetter``, ``NotAllowed`` where it has been dealt with or the return refuses it,
        and as ``Homeward`` does.
        """
        letter = await _open(self._db, letter_id)
        await self._tell(return_id, letter)
        now, message = datetime.now(UTC), letter.message

        def attached(connection: Connection) -> None:
            inbox.settle(connection, letter.id, Fate("passed", return_id=return_id))
            if isinstance(message, TrackingEvent):
                keep_codes(connection, "parcel", [message.tracking_code], return_id)
            elif isinstance(message, PaymentEvent):
                keep_codes(connection, "refund", [message.reference], return_id)
            inbox.hurry(connection, return_id, now)
            inbox.hurry(connection, None, now)

        await self._db.write(attached)


async def dismiss(db: Database, letter_id: int, why: str) -> None:
    """A person says that nothing is to be done; raises ``UnknownLetter``, ``NotAllowed`` as ``attach`` does."""
    letter = await _open(db, letter_id)
    await db.write(lambda connection: inbox.settle(connection, letter.id, Fate("dismissed", why)))


async def _open(db: Database, letter_id: int) -> Letter:
    letter = await inbox.letter(db, letter_id)
    if letter is None:
        raise UnknownLetter(letter_id)
    if letter.state not in inbox.OPEN:
        where = f" to {letter.return_id}" if letter.state == "passed" else ""
        raise NotAllowed(f"event {letter_id} was {letter.state}{where} already")
    return letter


def inbox_of(client: Client, db: Database) -> Inbox:
    """The inbox as a worker passes it on: it has time, but each event only so much."""
    return Inbox(Homeward(client, db, _PATIENCE), db)


def _look_again(letter: Letter, now: datetime, why: str) -> Fate:
    """For a person to see; the return may open later, and then it finds its way by itself."""
    again = now + _wait(letter, _LONGEST_LOOK)
    return Fate("waiting", why, next_attempt_at=again if again < letter.at + LOOKED_FOR else None)


def _wait(letter: Letter, longest: timedelta) -> timedelta:
    doubled: timedelta = _FIRST_WAIT * 2 ** min(letter.attempts, 20)
    return min(doubled, longest)


def _name(letter: Letter) -> str:
    message = letter.message
    if isinstance(message, TrackingEvent):
        return f"the parcel {message.tracking_code}"
    if isinstance(message, PaymentEvent):
        return f"the refund {message.reference}"
    return f"the {letter.kind}"
