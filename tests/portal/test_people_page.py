"""The page of those who work at the shop: a manager lets people in, and out, and stands behind it by name."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from gateways.database.staff import accounts
from starter.demo.story import Stage
from starter.local.up import Ready
from tests.portal.desk import Desk, desk_at
from tests.portal.people import PASSWORD, hire, sign_in, signed_in


@pytest.fixture
async def manager(ready: Ready, stage: Stage) -> AsyncIterator[Desk]:
    async with desk_at(ready.api) as desk:
        await signed_in(desk, stage.db, ["manager"], name="Morgan Poe")
        yield desk


async def test_somebody_is_let_in_works_and_is_let_in_no_more(manager: Desk, ready: Ready, stage: Stage) -> None:
    login = f"kim-{uuid4().hex[:8]}"
    await manager.open("/desk/people")
    csrf = dict(manager.form("/desk/people").fields)["csrf"]
    fields = [("csrf", csrf), ("name", "Kim Park"), ("login", login), ("role", "clerk")]
    made = await manager.post("/desk/people", fields)
    [link] = [line for line in made.text.split("<code") if "/staff/link?token=" in line]
    path = link.partition("/staff/link?token=")[2].partition("<")[0]
    async with desk_at(ready.api) as kim:
        await kim.open(f"/staff/link?token={path}")
        await kim.send("/staff/link", password=PASSWORD, again=PASSWORD)
        assert (kim.path, (await kim.open("/desk/people")).answer.status_code) == ("/desk", 403)
        staff_id = await _id_of(stage, login)
        await _press(manager, staff_id, do="roles", role="manager")
        assert (await kim.open("/desk/people")).answer.status_code == 200
        await _press(manager, staff_id, do="disable")
        assert urlsplit(str((await kim.open("/desk")).answer.url)).path == "/staff/sign-in"
    told = (await manager.open("/desk/people")).answer.text
    for said in ("Morgan Poe let in Kim Park: clerk", "Morgan Poe gave other roles to Kim Park", "blocked Kim Park"):
        assert said in told
    await _press(manager, staff_id, do="enable")
    await _press(manager, staff_id, do="link")
    assert "The link for Kim Park" in manager.answer.text
    assert "no-store" in manager.answer.headers["Cache-Control"]


async def test_wrong_input_is_named_and_nobody_is_let_in(manager: Desk) -> None:
    await manager.open("/desk/people")
    csrf = dict(manager.form("/desk/people").fields)["csrf"]
    fields = [("csrf", csrf), ("name", "warehouse"), ("login", "Not a login")]
    manager.answer = await manager.post("/desk/people", fields)
    assert manager.answer.status_code == 422
    for said in ("Please give 1 to 100 small letters", "Please give the name of a person", "at least one role"):
        assert said in manager.answer.text
    assert "not a login" not in (await manager.open("/desk/people")).answer.text
    answer = await _press(manager, 10**9, do="disable")
    assert answer == 404


@pytest.mark.parametrize("role", ["clerk", "auditor", "warehouse"])
async def test_the_page_is_for_managers(ready: Ready, stage: Stage, role: str) -> None:
    async with desk_at(ready.api) as desk:
        await sign_in(desk, await hire(stage.db, role))
        assert "/desk/people" not in desk.answer.text
        assert (await desk.open("/desk/people")).answer.status_code == 403


async def _press(desk: Desk, staff_id: int, **fields: str) -> int:
    await desk.open("/desk/people")
    csrf = dict(desk.form("/desk/people").fields)["csrf"]
    desk.answer = await desk.post(f"/desk/people/{staff_id}", [("csrf", csrf), *fields.items()])
    return desk.answer.status_code


async def _id_of(stage: Stage, login: str) -> int:
    found = await accounts.find(stage.db, login)
    assert found is not None
    return found.id
