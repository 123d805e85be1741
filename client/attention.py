"""Returns that wait for an operator: found, and answered one after the other at a bounded rate."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import AwareDatetime, BaseModel

from client.answers import Page, Source
from client.errors import NoAnswer, NotAllowed, UnknownReturn, Unreachable
from client.list_rows import Listed, ListFilter
from client.messages import ReturnCalls
from lifecycle.contract.messages import ResolveAttention
from lifecycle.contract.view import View
from lifecycle.returns.views.return_view import summary_of_view

#: How many returns are looked at one by one, unless fewer wait.
MOST: Final = 1000
#: How many are answered each second, unless told otherwise.
RATE: Final = 5.0
_AT_ONCE: Final = 20
_PAGE: Final = 500


@dataclass(frozen=True)
class WaitingFilter:
    """Which returns: those whose longest waiting step is a ``step``, waits since before that, and failed with it.

    ``error`` is a part of the step's error, in letters of any case.
    """

    step: str | None = None
    error: str | None = None
    before: datetime | None = None


class WaitingReturn(BaseModel):
    """One return, by the step that waits longest; ``resolve_by`` is the promise, ``amount`` in minor units."""

    return_id: str
    step: str
    error: str
    since: AwareDatetime
    resolve_by: AwareDatetime | None
    amount: int
    currency: str


class AttentionAnswers(BaseModel):
    """Returns that took the answer, those that refused it with why, and how many are ``left`` for a repeat."""

    answered: list[str] = []
    refused: dict[str, str] = {}
    left: int


async def waiting_returns(homeward: ReturnCalls, wanted: WaitingFilter, most: int = MOST) -> list[WaitingReturn]:
    """Those of the ``most`` newest that wait in such a step, the longest waiting first. Raises ``Unreachable``.

    Lists name them, a moment behind, and each tells itself what waits.
    """
    found: list[WaitingReturn] = []
    rows = [row async for row in _rows(homeward, wanted.step, most)]
    for start in range(0, len(rows), _AT_ONCE):
        asked = (_waiting(homeward, row.return_id) for row in rows[start : start + _AT_ONCE])
        found += [one for one in await asyncio.gather(*asked) if one and _fits(one, wanted)]
    return sorted(found, key=lambda one: (one.since, one.return_id))


async def _rows(homeward: ReturnCalls, step: str | None, most: int) -> AsyncIterator[Listed]:
    page, seen = Page([], b""), set[str]()
    while page.next is not None:
        page = await homeward.page(ListFilter(attention=True), _PAGE, page.next or None)
        for row in page.rows:
            if step in (None, row.attention) and row.return_id not in seen:
                seen.add(row.return_id)
                yield row
                if len(seen) == most:
                    return


async def _waiting(homeward: ReturnCalls, return_id: str) -> WaitingReturn | None:
    try:
        shown = await homeward.sourced_view(return_id)
    except UnknownReturn:
        return None
    if shown.source is Source.RECORDS:  # these know of no step that waits
        raise NoAnswer
    return _of_view(shown.view)


def _of_view(view: View) -> WaitingReturn | None:
    if view.attention is None:  # answered meanwhile
        return None
    return WaitingReturn(
        return_id=view.return_id,
        step=view.attention.step,
        error=view.attention.error,
        since=view.attention.since,
        resolve_by=summary_of_view(view).resolve_by,
        amount=view.settlement.amount,
        currency=view.settlement.currency,
    )


def _fits(one: WaitingReturn, wanted: WaitingFilter) -> bool:
    return (
        wanted.step in (None, one.step)
        and (wanted.error or "").casefold() in one.error.casefold()
        and (wanted.before is None or one.since < wanted.before)
    )


async def answer_waiting(
    homeward: ReturnCalls, waiting: Sequence[WaitingReturn], answer: ResolveAttention, rate: float, most: int
) -> AttentionAnswers:
    """Give the first ``most`` of them this answer, so many a second.

    Each takes one answer to a failure, whoever gives it and how often; one that waits no more refuses it. Raises
    ``Unreachable`` where not even the first can be asked.
    """
    done = AttentionAnswers(left=len(waiting))
    for one in waiting[:most]:
        try:
            await homeward.resolve_attention(
                one.return_id, answer.model_copy(update={"step": one.step}), f"{one.step}:{one.since.isoformat()}"
            )
        except (NotAllowed, UnknownReturn) as error:
            done.refused[one.return_id] = str(error)
        except Unreachable:
            if not done.answered and not done.refused:
                raise
            break
        else:
            done.answered.append(one.return_id)
        done.left -= 1
        if done.left:
            await asyncio.sleep(1 / rate)
    return done
