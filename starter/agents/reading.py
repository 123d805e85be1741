"""Tools that change nothing: look up, list, follow."""

import asyncio
from typing import Annotated, Any, Final

from pydantic import Field

from client.http import HttpHomeward
from client.list_rows import ListFilter
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import View
from starter.agents.refusals import told

#: Seconds between two looks at a return that is followed.
_PAUSE: Final = 1.0


class Reading:
    """What may be asked of returns; each method is a tool, described by its docstring."""

    def __init__(self, homeward: HttpHomeward) -> None:
        self._homeward = homeward

    async def look_up_return(self, return_id: str) -> dict[str, Any]:
        """Everything that is known of one return: units, money, deadlines, what waits for whom, the whole timeline."""
        with told():
            return (await self._homeward.view(return_id)).model_dump(mode="json")

    async def list_returns(
        self,
        status: Status | None = None,
        *,
        needs_operator: bool | None = None,
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
    ) -> list[dict[str, Any]]:
        """Returns, the newest first, a moment behind; by status, or those of which a step waits for an operator."""
        with told():
            wanted = ListFilter(statuses=(status,) if status else (), attention=needs_operator)
            rows = await self._homeward.list(wanted, limit)
        return [row.model_dump(mode="json") for row in rows]

    async def follow_return(
        self,
        return_id: str,
        known_status: Status | None = None,
        seconds: Annotated[float, Field(ge=0, le=30)] = 0,
    ) -> dict[str, Any]:
        """Where one return stands, and what happened last.

        With the status that is known already, it waits for another one, for so many seconds.
        """
        with told():
            view = await self._homeward.view(return_id)
            until = asyncio.get_running_loop().time() + seconds
            while view.status is known_status and asyncio.get_running_loop().time() < until:
                await asyncio.sleep(_PAUSE)
                view = await self._homeward.view(return_id)
        return short(view) | {"timeline": [entry.model_dump(mode="json") for entry in view.timeline[-5:]]}


def short(view: View) -> dict[str, Any]:
    """Where a return stands, in a few lines; amounts in minor units."""
    return {
        "return_id": view.return_id,
        "order_id": view.order_id,
        "status": view.status.value,
        "closed": view.closed,
        "resolution": view.settlement.resolution.value,
        "amount": view.settlement.amount,
        "currency": view.settlement.currency,
        "attention": view.attention.step if view.attention else None,
    }
