"""Compares from outside what partners and Temporal have with what our books say, return by return.

Everything is listed first, into a database of its own, then compared in parts. While this goes on returns go on, so
that what does not agree is looked at once more after a moment, by itself: only what still does not agree is found.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from temporalio.client import Client

from client.errors import HomewardError
from client.orphans.carried import completed, described, return_id_of, running, state_of
from client.returns import Homeward
from client.search_attributes import STATUS, columns_of_execution
from gateways.carrier.protocol import Carrier
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.reconciliation import books as our_books
from gateways.database.reconciliation.scratch import Scratch
from gateways.database.returns import orphans
from gateways.errors import Declined
from gateways.payment.protocol import Payments
from lifecycle.contract.view import View
from lifecycle.reconciliation.books import ReturnBooks
from lifecycle.reconciliation.compare import belongs_to, compare
from lifecycle.reconciliation.finding import Finding
from lifecycle.reconciliation.outside import COMPLETED, RUNNING, MadePayment, Outside

Made = TypeVar("Made")
#: How far back partners and closed returns are looked at, unless it is said otherwise.
LOOKS_BACK: Final = timedelta(days=30)
#: What was made a moment before that may have been booked after it.
_MARGIN: Final = timedelta(days=1)
#: How long whatever is under way may take to be booked everywhere.
SETTLES: Final = timedelta(seconds=3)
_PART: Final = 100


class Reconciler:
    """One comparison; whoever makes it closes it. ``beat`` is called after each part."""

    def __init__(
        self,
        client: Client,
        database: Database,
        payments: Payments,
        carrier: Carrier,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._homeward = Homeward(client, database)
        self._database = database
        self._payments = payments
        self._carrier = carrier
        self._beat = beat
        self._scratch = Scratch()

    def close(self) -> None:
        """Forget what was listed."""
        self._scratch.close()

    async def findings(self, since: datetime, now: datetime) -> list[Finding]:
        """All that does not agree, of open returns and of what was made or has closed since then.

        Raises ``RPCError``, ``GatewayError``.
        """
        await self._list_partners(since - _MARGIN)
        await self._list_workflows(since)
        doubtful: set[str] = set()
        async for return_ids in self._all(since):
            doubtful |= {one.return_id for one in await self._compare(return_ids, now)}
            self._beat()
        return await self._look_again(sorted(doubtful), since, now)

    async def _list_partners(self, since: datetime) -> None:
        async for payments in _in_parts(self._payments.made_since(since)):
            ours = [(return_id, one) for one in payments if (return_id := belongs_to(one))]
            self._scratch.add_payments([*ours, *await self._by_hand([one for one in payments if one.key is None])])
            self._beat()
        async for parcels in _in_parts(self._carrier.made_since(since)):
            self._scratch.add_parcels((return_id, one) for one in parcels if (return_id := belongs_to(one)))
            self._beat()

    async def _list_workflows(self, since: datetime) -> None:
        async for part in _in_parts(running(self._client)):
            self._scratch.add_running({return_id_of(one): columns_of_execution(one).status for one in part})
            self._beat()
        async for part in _in_parts(completed(self._client, since)):
            ended = {return_id_of(one) for one in part}
            self._scratch.add_lost(ended - await our_books.known_among(self._database, ended))
            self._beat()

    async def _by_hand(self, made: Sequence[MadePayment]) -> list[tuple[str, MadePayment]]:
        """Refunds that somebody else made, of an order with a return: the newest that had opened by then."""
        of = await our_books.returns_of_payments(self._database, {one.payment for one in made if one.payment})
        found = []
        for one in made:
            opened = [return_id for return_id, at in of.get(one.payment or "", ()) if one.at is None or at <= one.at]
            found += [(return_id, one) for return_id in opened[-1:]]
        return found

    async def _all(self, since: datetime) -> AsyncIterator[list[str]]:
        """The ids of all returns to look at, each once."""
        async for return_ids in self._sources(since):
            if new := self._scratch.new_ones(return_ids):
                yield new

    async def _sources(self, since: datetime) -> AsyncIterator[list[str]]:
        db, after = self._database, ""
        while page := await orphans.open_returns(db, after, _PART):
            after = page[-1].return_id
            yield [row.return_id for row in page]
        place = (since, "")
        while closed := await our_books.closed_since(db, place, _PART):
            place = closed[-1]
            yield [return_id for _, return_id in closed]
        for named in self._scratch.named():
            yield named
        for ask in (our_books.claiming, our_books.reserving):
            after = ""
            while holding := await ask(db, after, _PART):
                after = holding[-1]
                known = await our_books.known_among(db, holding)
                yield [return_id for return_id in holding if return_id not in known]

    async def _compare(self, return_ids: Sequence[str], now: datetime) -> list[Finding]:
        """What may not agree, by the lists."""
        books = await our_books.books_of(self._database, return_ids)
        runs, lost = self._scratch.running(return_ids), self._scratch.lost(return_ids)
        payments, parcels = self._scratch.payments(return_ids), self._scratch.parcels(return_ids)
        found: list[Finding] = []
        for mine in return_ids:
            state = RUNNING if mine in runs else COMPLETED if mine in lost else "unknown"
            outside = Outside(state, runs.get(mine), payments.get(mine, ()), parcels.get(mine, ()))
            found += compare(books[mine], outside, books[mine].view, now)
        return found

    async def _look_again(self, return_ids: Sequence[str], since: datetime, now: datetime) -> list[Finding]:
        """What does not agree, by asking each for itself."""
        if return_ids:
            await asyncio.sleep(SETTLES.total_seconds())
        found: list[Finding] = []
        for mine in return_ids:
            found += await self._one(mine, since, now)
            self._beat()
        return found

    async def _one(self, mine: str, since: datetime, now: datetime) -> list[Finding]:
        execution = await described(self._client, mine)
        books = (await our_books.books_of(self._database, [mine]))[mine]
        status = execution.typed_search_attributes.get(STATUS) if execution else None
        outside = Outside(
            state_of(execution), status, self._scratch.payments([mine])[mine], self._scratch.parcels([mine])[mine]
        )
        view = books.view or await self._view(books, outside)
        return [one for one in compare(books, outside, view, now) if await self._stands(one, books, since)]

    async def _view(self, books: ReturnBooks, outside: Outside) -> View | None:
        """How an open return stands, where what was paid depends on it; None where nobody answers."""
        if not outside.payments or not (books.known or outside.workflow == RUNNING):
            return None
        try:
            return await self._homeward.view(books.return_id)
        except HomewardError:
            return None

    async def _stands(self, one: Finding, books: ReturnBooks, since: datetime) -> bool:
        """Whether the partner itself says so, where its list may have left something out, or be of before."""
        if one.kind not in ("refund_missing", "charge_missing"):
            return True
        named = [step for step, effect in books.effects.items() if effect.result.get("reference") == one.subject]
        if any(books.effects[step].at < since for step in named):
            return False
        if one.kind == "refund_missing":
            return not await self._has_refund(one.subject)
        keys = [ledger.key(one.return_id, step) for step in named]
        return not any([await self._payments.find_charge(key) for key in keys])

    async def _has_refund(self, reference: str) -> bool:
        try:
            await self._payments.refund_status(reference)
        except Declined as error:
            if error.code != "not_found":
                raise
            return False
        return True


async def _in_parts(made: AsyncIterator[Made]) -> AsyncIterator[list[Made]]:
    part: list[Made] = []
    async for one in made:
        part.append(one)
        if len(part) == _PART:
            yield part
            part = []
    if part:
        yield part
