"""The asynchronous client: all calls, and the wait for a settlement."""

import asyncio

from homeward_client._async_calls import AsyncCalls
from homeward_client._waiting import Looks, settled
from homeward_client.answers import View


class AsyncHomeward(AsyncCalls):
    """Homeward over HTTP, for asyncio; to be used as an asynchronous context, or closed by ``aclose``.

    Each call raises a ``HomewardError``, and is tried again by itself where that is safe.
    """

    async def wait_until_settled(self, return_id: str, *, within: float) -> View:
        """The return, once its customer has what is owed, or nothing is owed any more.

        It looks every second at first, then every half minute: for a return that takes weeks, take events. Raises
        ``NotSettledInTime`` after ``within`` seconds.
        """
        looks = Looks(return_id, within)
        while not settled(view := await self.show_return(return_id)):
            await asyncio.sleep(looks.pause(view))
        return view
