"""Two thousand bodies that do not fit: each is refused as the caller's mistake, and says so."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateways.database.engine import Database
from starter.api import repairs
from starter.api.returns import actions
from starter.api.shared import examples
from starter.demo.story import Stage
from starter.local.up import Ready
from starter.shared.services import services_of
from tests.api.conftest import calling, settings_of

BODIES: dict[str, Any] = {"/v1/returns": examples.START, "/v1/quotes": examples.QUOTE_OF}
BODIES |= {f"/v1/returns/R-none/{action.name}": action.body.example for action in actions.ACTIONS}
BODIES |= {f"/v1/returns/R-none/repairs/1-1/{action.name}": action.body.example for action in repairs.ACTIONS}

values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    values, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
)
#: Fits nowhere: no field is below 0 and a fraction, a list of lists, or has such names.
misfits = st.one_of(
    st.just(-1.5),
    st.just(10**400),
    st.just([[[]]]),
    st.just("\x00"),
    st.dictionaries(st.text(max_size=9).map(lambda name: f"x-{name}"), anything, min_size=1, max_size=3),
)


def places(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything within a body, and of the body itself."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [path, *(place for name, value in inner for place in places(value, (*path, name)))]


PLACES = [(call, place) for call, body in BODIES.items() for place in places(body)]


def with_misfit(body: Any, path: tuple[Any, ...], misfit: Any) -> Any:
    if not path:
        return misfit
    copy = dict(body) if isinstance(body, dict) else list(body)
    copy[path[0]] = with_misfit(copy[path[0]], path[1:], misfit)
    return copy


@st.composite
def one_field_wrong(draw: st.DrawFn) -> tuple[str, bytes]:
    call, place = draw(st.sampled_from(PLACES))
    return call, json.dumps(with_misfit(BODIES[call], place, draw(misfits))).encode()


@st.composite
def no_request(draw: st.DrawFn) -> tuple[str, bytes]:
    return draw(st.sampled_from(list(BODIES))), json.dumps(draw(anything)).encode()


@st.composite
def cut_or_spoilt(draw: st.DrawFn) -> tuple[str, bytes]:
    call = draw(st.sampled_from(list(BODIES)))
    text = json.dumps(BODIES[call]).encode()
    at = draw(st.integers(0, len(text) - 1))
    return call, text[:at] + draw(st.binary(max_size=3).filter(lambda junk: not junk.strip()) | st.just(b"\xff\x00["))


@pytest.fixture(scope="module")
async def calls(ready: Ready, stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    database = Database(ready.database)
    services = services_of(settings_of(api_calls_per_minute=10**6), stage.clock.client, database)
    with structlog.testing.capture_logs() as lines:
        async with calling(services) as client:
            yield client
    # Others log beside it: the watch, of returns of earlier tests of this process.
    assert {line["event"] for line in lines} & {"request", "request failed"} == {"request"}
    await database.dispose()


@settings(max_examples=2000, suppress_health_check=list(HealthCheck))
@given(call=one_field_wrong() | no_request() | cut_or_spoilt() | st.tuples(st.sampled_from(list(BODIES)), st.binary()))
async def test_what_does_not_fit_is_the_callers_mistake(calls: httpx.AsyncClient, call: tuple[str, bytes]) -> None:
    path, body = call
    answer = await calls.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 404, 422), (path, body, answer.text)
    told = answer.json()
    assert told["status"] == answer.status_code
    assert answer.status_code != 422 or told["errors"][0]["field"]
    assert "Traceback" not in answer.text
