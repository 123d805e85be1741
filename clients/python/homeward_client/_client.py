"""The client: all calls, and the wait for a settlement."""

import time

from homeward_client._calls import Calls
from homeward_client._waiting import Looks, settled
from homeward_client.answers import View


class Homeward(Calls):
    """Homeward over HTTP; to be used as a context, or closed by ``close``.

    Each call raises a ``HomewardError``, and is tried again by itself where that is safe.
    """

    def wait_until_settled(self, return_id: str, *, within: float) -> View:
        """The return, once its customer has what is owed, or nothing is owed any more.

        It looks every second at first, then every half minute: for a return that takes weeks, take events. Raises
        ``NotSettledInTime`` after ``within`` seconds.
        """
        looks = Looks(return_id, within)
        while not settled(view := self.show_return(return_id)):
            time.sleep(looks.pause(view))
        return view
