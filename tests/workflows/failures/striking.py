"""Fails the steps of named returns for good, before their effect or after it, until an operator has seen to it."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

When = Literal["before", "after"]
#: What a struck step says of itself, in ``attention.error``.
STRUCK = "struck by the test"
#: The ``error`` of a strike that is a fault of our own: it is tried again until its time is over.
BUG = "RuntimeError"


@dataclass
class Strike:
    """One step of one return, by its activity id; it fails as long as it is not ``healed``."""

    step: str
    when: When
    error: str
    healed: bool = False
    times: int = 0


@dataclass
class Gate:
    """One step of one return that is held up before or after it is tried: tells when it is ``reached``."""

    step: str
    when: When
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Striking(Interceptor):
    """Around the steps of all workers: fails or holds up what is named, by return; remembers what ran."""

    strikes: dict[str, Strike] = field(default_factory=dict)
    gates: dict[str, Gate] = field(default_factory=dict)
    #: By return: its steps in the order in which they first ran.
    ran: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """See the SDK."""
        return _Step(next, self)


class _Step(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, striking: Striking) -> None:
        super().__init__(next)
        self._striking = striking

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        return_id, step = named(activity.info())
        if step not in self._striking.ran[return_id]:
            self._striking.ran[return_id].append(step)
        strike = self._striking.strikes.get(return_id)
        if strike is not None and strike.step == step and not strike.healed:
            strike.times += 1
            if strike.when == "after":
                with suppress(ApplicationError):  # a partner that refuses it anyhow makes no difference
                    await self.next.execute_activity(input)
            if strike.error == BUG:
                raise RuntimeError(STRUCK)
            raise ApplicationError(STRUCK, type=strike.error, non_retryable=True)
        gate = self._striking.gates.get(return_id)
        held_up = gate if gate is not None and gate.step == step else None
        await _pass(held_up, "before")
        try:
            return await self.next.execute_activity(input)
        finally:
            await _pass(held_up, "after")


async def _pass(gate: Gate | None, when: When) -> None:
    if gate is not None and gate.when == when:
        gate.reached.set()
        await gate.opened.wait()


def named(info: activity.Info) -> tuple[str, str]:
    """The return that a step belongs to, and its name: ``bench/`` and ``supplier/`` in front for those.

    The tests name suppliers after the one return that has goods for them.
    """
    kind, _, name = (info.workflow_id or "").partition("-")
    if kind == "repair":
        return name.rsplit("-", 2)[0], f"bench/{info.activity_id}"
    if kind == "supplier":
        return name, f"supplier/{info.activity_id}"
    return name, info.activity_id
