"""Partners whose answers are lost: the effect happens, and whoever asked for it never hears.

The adapters are the built-in ones, books and all; what stands around them loses the first answer to one
step of one return. From then on the partner does not answer that step at all, until it is ``healed``.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from temporalio import activity

from client.suppliers import Suppliers
from gateways.database.engine import Database
from gateways.errors import Declined, GatewayError, Unavailable
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.payment import SandboxPayments
from tests.workflows.failures.striking import named
from workers import main
from workers.settings import Settings

#: ``after``: the answer is lost. ``late``: it comes when the step's time is over. ``cut``: the connection is lost
#: at once, and the request arrives all the same, a moment later.
How = Literal["after", "late", "cut"]
#: Seconds that one attempt of a step may take here.
STEP_TIMEOUT = 3.0
#: Seconds after which a request arrives whose connection was cut.
_ARRIVES = 0.5
#: What is there twice when it is asked for twice, if the partner has forgotten its key or never had any.
_MADE = {
    "refund",
    "hold",
    "charge",
    "buy_return_label",
    "book_pickup",
    "create_drop_off_code",
    "ship",
    "file_claim",
    "hand_over",
}
#: What changes something at a partner.
_EFFECTS = _MADE | {"release_hold", "capture_hold", "void_label"}


@dataclass
class Loss:
    """One step of one return, by its activity id, whose answer is lost."""

    step: str
    how: How
    healed: bool = False
    #: Refuses to answer, instead of not answering.
    refuses: bool = False
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    arriving: asyncio.Task[Any] | None = None
    #: What was asked for again although it had been done. The built-in partners know their keys for ever, and make
    #: nothing twice; others do not.
    repeated: list[str] = field(default_factory=list)


@dataclass
class Losing:
    """What is lost, by return."""

    losses: dict[str, Loss] = field(default_factory=dict)

    async def through(self, name: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """Make a call to a partner, or lose it."""
        return_id, step = named(activity.info())
        loss = self.losses.get(return_id)
        if loss is None or loss.step != step:
            return await call()
        if loss.healed:
            # A request that is on its way cannot be found yet: there only the key helps.
            if name in _MADE and loss.how != "cut":
                loss.repeated.append(name)
            return await call()
        if loss.lost.is_set() and loss.refuses:
            raise Declined("the partner does not know this key", "unauthorized")
        if loss.lost.is_set():
            raise Unavailable("the partner answers 503", "503")
        if name not in _EFFECTS:
            return await call()
        if loss.how == "cut":
            loss.arriving = asyncio.ensure_future(_arrive(call))
        else:
            await call()
        loss.lost.set()
        if loss.how == "late":
            await asyncio.sleep(STEP_TIMEOUT * 2)
        raise Unavailable("the connection was lost", "connection_lost")


async def _arrive(call: Callable[[], Awaitable[Any]]) -> None:
    await asyncio.sleep(_ARRIVES)
    with suppress(GatewayError):
        await call()


class _Lossy:
    """An adapter behind a connection that loses answers."""

    def __init__(self, partner: object, losing: Losing) -> None:
        self._partner, self._losing = partner, losing

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._partner, name)
        if not inspect.iscoroutinefunction(method):
            return method

        async def call(*args: Any, **kwargs: Any) -> Any:
            return await self._losing.through(name, lambda: method(*args, **kwargs))

        return call


@contextmanager
def lossy_partners() -> Iterator[Losing]:
    """Put such connections between the workers that are begun in the block and their partners."""
    losing = Losing()

    @asynccontextmanager
    async def payments_of(_: Settings, db: Database) -> AsyncIterator[Any]:
        yield _Lossy(SandboxPayments(db), losing)

    def carrier_of(_: Settings, db: Database) -> Any:
        return _Lossy(SandboxCarrier(db), losing)

    async def hand_over(self: Any, *args: Any, **unit: Any) -> Any:
        return await losing.through("hand_over", lambda: handed_over(self, *args, **unit))

    async def knows(self: Any, *args: Any) -> Any:
        return await losing.through("find_unit", lambda: known(self, *args))

    handed_over, known = Suppliers.hand_over, Suppliers.knows
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(main, "payments_of", payments_of)
        patch.setattr(main, "carrier_of", carrier_of)
        patch.setattr(Suppliers, "hand_over", hand_over)
        patch.setattr(Suppliers, "knows", knows)
        yield losing
