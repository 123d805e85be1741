"""A shop whose carrier may be down, and what tests ask of it."""

import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx

from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.gateways.stand_ins import Request

#: Steps at once at the carrier: more than a worker runs unless told otherwise, and than a process has threads.
MANY = 60
WHY = {"by": "operations", "why": "the carrier asked for calm"}
OVER = {"by": "a test", "why": "it is over"}
#: Runs a command of `homeward`, and gives what it answers as JSON.
Command = Callable[..., Awaitable[Any]]


class Crowded(EasyPostStandIn):
    """While ``crowd`` is set, makes no shipment before so many are asked for at once."""

    crowd: threading.Barrier | None = None

    def respond(self, request: Request) -> tuple[int, dict[str, str], bytes] | None:
        if self.crowd and (request.method, request.path) == ("POST", "/v2/shipments"):
            with suppress(threading.BrokenBarrierError):
                self.crowd.wait(15)
        return super().respond(request)


async def carrier_of(api: httpx.AsyncClient) -> dict[str, Any]:
    """What is shown of the carrier."""
    partners = (await api.get("/v1/partners")).json()["partners"]
    return next(row for row in partners if row["partner"] == "carrier")
