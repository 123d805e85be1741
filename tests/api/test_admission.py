"""More starts at once than are let in: they wait for their turn, briefly, then are told to come again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.exceptions import HTTPException

from gateways.database.returns.records import get_return
from starter.demo.story import Stage
from starter.shared.admission import Admission
from starter.shared.services import services_of
from tests.api.conftest import calling, settings_of
from tests.workflows.returns.play import make_body

AT_ONCE = timedelta()
LONG = timedelta(minutes=1)


async def test_a_start_whose_turn_does_not_come_is_told_when_to_come_again(stage: Stage) -> None:
    services = replace(services_of(settings_of(), stage.clock.client, stage.db), admission=Admission(1, AT_ONCE))
    body = make_body(order_id="SO-admission", return_id="R-admission")
    async with calling(services) as api:
        async with services.admission.turn():
            refused = await api.post("/v1/returns", json=body)
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "1"
        assert refused.json()["type"] == "/docs#too-many-calls"
        assert await get_return(stage.db, "R-admission") is None
        started = await api.post("/v1/returns", json=body)
    assert started.status_code == 201


async def test_looking_at_a_return_needs_no_turn(stage: Stage) -> None:
    services = replace(services_of(settings_of(), stage.clock.client, stage.db), admission=Admission(1, AT_ONCE))
    async with calling(services) as api, services.admission.turn():
        assert (await api.get("/v1/returns/R-none")).status_code == 404


async def test_so_many_are_let_in_at_once_in_the_order_in_which_they_came() -> None:
    admission, inside, most, came = Admission(2, LONG), 0, 0, list[int]()

    async def start(number: int) -> None:
        nonlocal inside, most
        async with admission.turn():
            inside += 1
            most = max(most, inside)
            came.append(number)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(start(number) for number in range(9)))
    assert most == 2
    assert came == list(range(9))


async def test_one_that_fails_or_does_not_get_its_turn_takes_none_from_the_others() -> None:
    admission = Admission(1, AT_ONCE)
    with pytest.raises(ZeroDivisionError):
        async with admission.turn():
            raise ZeroDivisionError
    async with admission.turn():
        with pytest.raises(HTTPException):
            async with admission.turn():
                pass
    async with admission.turn() as waited:
        assert waited < LONG
