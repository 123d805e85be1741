"""Carries out the commands on an agenda: one after another within a lane, lanes side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from lifecycle.shared.agenda import Agenda, Command

#: What carries out each type of command; a handler takes a command of its own type, behind what all are given.
Handlers = Mapping[type[Command], Callable[..., Awaitable[None]]]


class CommandQueue:
    """The one loop for all lanes.

    ``on_change`` is called after each command that leads on, and whenever a lane has nothing left to do. ``given`` is
    what every handler is given before its command.
    """

    def __init__(self, agenda: Agenda, handlers: Handlers, on_change: Callable[[], None], *given: Any) -> None:
        self._agenda = agenda
        self._handlers = handlers
        self._on_change = on_change
        self._given = given
        self._running: dict[str, asyncio.Task[None]] = {}

    @property
    def idle(self) -> bool:
        """Whether nothing is being done."""
        return not self._running

    def start(self) -> None:
        """Begin the lanes that have work and are not under way."""
        for lane in self._agenda.lanes:
            self.begin(lane, partial(self._carry_out, lane))

    def begin(self, lane: str, work: Callable[[], Awaitable[None]]) -> None:
        """Begin work that no command asks for, in a lane of its own, unless that is under way."""
        if lane not in self._running:
            self._running[lane] = asyncio.create_task(self._run(work))

    def collect(self) -> None:
        """Forget what has been done; raises what it failed with, for the workflow task to fail with."""
        done = [lane for lane, task in self._running.items() if task.done()]
        for lane in done:
            self._running.pop(lane).result()

    async def _carry_out(self, lane: str) -> None:
        while command := self._agenda.next(lane):
            await self._handlers[type(command)](*self._given, command)
            self._agenda.done(command)
            if command.leads_on:
                self._on_change()

    async def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        finally:
            if workflow.in_workflow():  # not while an evicted workflow is torn down
                self._on_change()
