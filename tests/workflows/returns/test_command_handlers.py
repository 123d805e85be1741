"""Every command of a return has a handler, and every handler takes the command that it is listed for."""

from collections.abc import Mapping
from typing import get_type_hints

import pytest

from lifecycle.returns.commands import Command, OutboundCommand
from lifecycle.returns.state import Return
from tests.workflows.returns.play import make_request
from workflows.returns.command_queue import Handlers
from workflows.returns.work import ReturnWork
from workflows.shared.pending_events import PendingEvents
from workflows.shared.steps import StepIds


@pytest.fixture(scope="module")
def handlers() -> Handlers:
    ret = Return("R-1", make_request())
    return ReturnWork(ret, StepIds(), PendingEvents(ret, lambda: None), lambda: None)._commands._handlers


def test_every_command_has_a_handler(handlers: Handlers) -> None:
    commands = {*Command.__subclasses__(), *OutboundCommand.__subclasses__()} - {OutboundCommand}
    assert set(handlers) == commands


def test_a_handler_takes_its_own_command(handlers: Handlers) -> None:
    taken = {kind: _taken(get_type_hints(handler)) for kind, handler in handlers.items()}
    assert taken == {kind: kind for kind in handlers}


def _taken(hints: Mapping[str, object]) -> object:
    return next(kind for name, kind in hints.items() if name != "return")
