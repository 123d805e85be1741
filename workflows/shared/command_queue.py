"""Carries out the commands on an agenda: one after another within a lane, lanes side by side."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from lifecycle.shared.agenda import Agenda, Command

#: What carries out each type of command; a handler takes a command of its own type.
Handlers = Mapping[type[Command], Callable[[Any], Awaitable[None]]]


class CommandQueue:
    """The one loop for all lanes; ``on_change`` is called after each command that leads on."""

    def __init__(self, agenda: Agenda, on_change: Callable[[], None], *handlers: Handlers) -> None:
        self._agenda = agenda
        self._handlers = {kind: handler for table in handlers for kind, handler in table.items()}
        self._on_change = on_change

    def lanes(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """The lanes that have work, in the order in which they begin."""
        return {lane: partial(self._carry_out, lane) for lane in self._agenda.lanes}

    async def _carry_out(self, lane: str) -> None:
        while command := self._agenda.next(lane):
            await self._handlers[type(command)](command)
            self._agenda.done(command)
            if command.leads_on:
                self._on_change()
