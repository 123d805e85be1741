"""No call and no page takes a thread of its own: handing work to one costs more than what is done there."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from starter.api import app as api_app
from starter.api import docs
from starter.portal import app as portal_app


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    if dependant.call:
        yield dependant.call
    for needed in dependant.dependencies:
        yield from _calls(needed)


def _runs_on_the_loop(call: Callable[..., Any]) -> bool:
    """FastAPI runs in a thread whatever it does not see to be asynchronous, classes included."""
    run: Any = call if inspect.isroutine(call) or inspect.isclass(call) else type(call).__call__
    return inspect.iscoroutinefunction(run) or inspect.isasyncgenfunction(run)


@pytest.mark.parametrize("rooms", [(*api_app.ROUTERS, docs), portal_app.ROUTERS], ids=["api", "pages"])
def test_routes_and_what_they_need_run_on_the_event_loop(rooms: tuple[Any, ...]) -> None:
    threaded = [
        (route.path, call)
        for room in rooms
        for route in room.router.routes
        if isinstance(route, APIRoute)
        for call in _calls(route.dependant)
        if not _runs_on_the_loop(call)
    ]
    assert threaded == []


def test_what_would_take_a_thread_is_found() -> None:
    class Needed:
        pass

    def needed() -> None:
        pass

    assert [_runs_on_the_loop(call) for call in (Needed, needed, Needed().__str__)] == [False] * 3
