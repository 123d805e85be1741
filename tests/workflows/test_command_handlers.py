"""Every command has a handler, and every handler takes the command that it is listed for."""

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, get_type_hints

import pytest

from lifecycle.repairs import commands as of_repair
from lifecycle.returns import commands as of_return
from lifecycle.returns.state import Return
from lifecycle.shared.agenda import Command
from tests.lifecycle.repairs.bench import Bench
from tests.workflows.returns.play import make_request
from workflows.repairs.work import BenchWork
from workflows.returns.work import ReturnWork
from workflows.shared.command_queue import Handlers
from workflows.shared.pending_events import PendingEvents
from workflows.shared.steps import StepIds

#: No commands themselves.
BASES = {Command, of_return.OutboundCommand}


def nothing() -> None:
    """What a change leads to in these tests."""


def handlers_of_return() -> Handlers:
    ret = Return("R-1", make_request())
    return ReturnWork(ret, StepIds(), PendingEvents(ret, nothing), nothing)._commands._handlers


def handlers_of_repair() -> Handlers:
    return BenchWork(Bench().repair, nothing)._commands._handlers


BOTH = pytest.mark.parametrize(
    ("commands", "handlers"),
    [(of_return, handlers_of_return()), (of_repair, handlers_of_repair())],
    ids=["return", "repair"],
)


@BOTH
def test_every_command_has_a_handler(commands: ModuleType, handlers: Handlers) -> None:
    known = {kind for kind in vars(commands).values() if isinstance(kind, type) and issubclass(kind, Command)} - BASES
    assert set(handlers) == known
    assert not {kind for kind in known if kind.lane is Command.lane}, "these do not say their lane"


@BOTH
def test_a_handler_takes_its_own_command(commands: ModuleType, handlers: Handlers) -> None:
    taken = {kind: _taken(handler) for kind, handler in handlers.items()}
    assert taken == {kind: kind for kind in handlers}


def _taken(handler: Callable[..., Any]) -> object:
    """The command among its arguments, besides what it runs steps with."""
    hints = get_type_hints(handler.func if isinstance(handler, partial) else handler)
    return next(kind for kind in hints.values() if isinstance(kind, type) and issubclass(kind, Command))
