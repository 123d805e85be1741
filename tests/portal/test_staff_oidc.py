"""Staff who sign in by a provider of OpenID Connect: a real one, small, on a port of its own."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import delete
from temporalio.client import Client

from gateways.database.engine import Database
from gateways.database.staff import accounts
from gateways.database.tables.staff import staff
from starter.portal.app import portal
from starter.portal.staff.oidc_claims import claimed
from starter.shared.services import Services, services_of
from tests.portal.desk import Desk, desk_at
from tests.portal.oidc_provider import CLIENT, SECRET, Provider, provider_at_work
from tests.portal.people import CHEAP, hire, sign_in
from workers.converter import CONVERTER
from workers.settings import Settings

KIM: dict[str, Any] = {"sub": "248289761001", "name": "Kim Park", "groups": ["shop-bench", "other"]}
GROUPS = {"shop-bench": ["bench"], "shop-office": ["clerk", "support"]}
At = Callable[..., Desk]


@pytest.fixture(scope="module")
async def at_work() -> AsyncIterator[Provider]:
    """One for all tests: it takes a moment to make its keys."""
    async with provider_at_work() as there:
        yield there


@pytest.fixture(autouse=True)
def provider(at_work: Provider) -> Provider:
    """The same, with Kim before it, and nothing wrong."""
    at_work.somebody, at_work.besides, at_work.spoils = dict(KIM), {}, {}
    at_work.signs_with_another_key, at_work.says_it_is = False, ""
    return at_work


@pytest.fixture(scope="module")
async def pages(at_work: Provider, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    """Pages whose staff sign in there."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("oidc"),
        database_url=None,
        policy=None,
        smtp_url=None,
        oidc_issuer=at_work.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SecretStr(SECRET),
        oidc_roles_claim="groups",
        oidc_roles=GROUPS,  # type: ignore[arg-type] # as the environment has it
    )
    db = Database(settings.database)
    await db.upgrade()
    client = await Client.connect("127.0.0.1:1", data_converter=CONVERTER, lazy=True)
    yield replace(services_of(settings, client, db), passwords=CHEAP)
    await db.dispose()


@pytest.fixture
async def services(pages: Services) -> Services:
    """The same, with nobody known yet."""
    await pages.db.write(lambda connection: connection.execute(delete(staff)))
    return pages


class _Web(httpx.AsyncBaseTransport):
    """What a browser reaches: the shop in this process, anything else over the network."""

    def __init__(self, shop: httpx.AsyncBaseTransport) -> None:
        self._shop, self._network = shop, httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        there = self._shop if request.url.host == "shop.test" else self._network
        return await there.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


@pytest.fixture
async def at(services: Services) -> AsyncIterator[At]:
    """Browsers."""
    made: list[Desk] = []

    def make(**changes: Any) -> Desk:
        app = portal(replace(services, **changes), "http://shop.test")
        made.append(desk_at("http://shop.test", _Web(httpx.ASGITransport(app, raise_app_exceptions=False))))
        return made[-1]

    yield make
    for desk in made:
        await desk.client.aclose()


async def _is_in(desk: Desk) -> bool:
    await desk.open("/staff")
    return desk.path == "/staff"


async def test_somebody_signs_in_by_the_provider_with_the_roles_that_it_says(
    at: At, services: Services, provider: Provider
) -> None:
    desk = at()
    await desk.open("/staff")
    assert (desk.path, "at 127.0.0.1" in desk.answer.text) == ("/staff/sign-in", True)
    await desk.open("/staff/oidc?next=/staff")
    asked = next(step.url.params for step in desk.answer.history if step.url.path == "/authorize")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert all(len(asked[name]) >= 20 for name in ("state", "nonce", "code_challenge"))
    assert (desk.path, "Kim Park" in desk.answer.text) == ("/staff", True)
    [known] = await accounts.everybody(services.db)
    assert (known["issuer"], known["login"], known["roles"]) == (provider.issuer, KIM["sub"], ["bench"])
    provider.somebody |= {"name": "Kim Lee", "groups": ["shop-office"]}
    await at().open("/staff/oidc")
    await desk.open("/staff")
    assert "Kim Lee" in desk.answer.text, "it is the same person, and what holds is what it said last"
    [known] = await accounts.everybody(services.db)
    assert known["roles"] == ["clerk", "support"]
    await desk.send("/staff/sign-out")
    assert not await _is_in(desk)


async def test_roles_may_come_beside_the_id_token(at: At, services: Services, provider: Provider) -> None:
    del provider.somebody["groups"]
    provider.besides = {"groups": ["shop-office"]}
    desk = at()
    await desk.open("/staff/oidc")
    assert await _is_in(desk)
    provider.besides |= {"sub": "somebody-else"}
    assert (await at().open("/staff/oidc")).answer.status_code == 403


@pytest.mark.parametrize(
    "spoilt",
    [
        {"spoils": {"aud": ["another-client"]}},
        {"spoils": {"iss": "https://evil.example"}},
        {"spoils": {"exp": 1_000_000_000}},
        {"spoils": {"nonce": "another"}},
        {"signs_with_another_key": True},
        {"somebody": KIM | {"groups": []}},
        {"somebody": KIM | {"groups": ["manager"]}},
        {"somebody": KIM | {"sub": "x" * 256}},
    ],
    ids=str,
)
async def test_what_the_provider_may_not_say_lets_nobody_in(at: At, provider: Provider, spoilt: dict[str, Any]) -> None:
    for name, value in spoilt.items():
        setattr(provider, name, value)
    desk = at()
    await desk.open("/staff/oidc")
    assert desk.answer.status_code == 403
    assert not await _is_in(desk)


async def _callback(desk: Desk) -> str:
    """Where the provider sends the browser back to, without going there."""
    to_provider = await desk.client.get("/staff/oidc", follow_redirects=False)
    back = await desk.client.get(to_provider.headers["location"], follow_redirects=False)
    return back.headers["location"]


async def test_a_callback_is_for_the_browser_that_began_and_for_once(at: At) -> None:
    desk, other = at(), at()
    address = await _callback(desk)
    await _callback(other)
    await other.open(address)
    assert other.answer.status_code == 403
    assert not await _is_in(other)
    for wrong in (address.replace("state=", "state=x"), address.partition("&state")[0], address.partition("?")[0]):
        assert (await at().open(wrong)).answer.status_code == 403
    address = await _callback(desk)
    assert (await desk.open(address.replace("code=", "code=x"))).answer.status_code == 403
    await desk.open(await _callback(desk))
    assert await _is_in(desk)
    assert (await desk.open(address)).answer.status_code == 403
    assert (await desk.open("/staff/oidc/callback?error=access_denied")).answer.status_code == 403


async def test_somebody_who_is_disabled_here_is_in_no_more(at: At, services: Services) -> None:
    desk = at()
    await desk.open("/staff/oidc")
    assert await _is_in(desk)
    await accounts.disable(services.db, KIM["sub"], datetime.now(UTC))
    assert not await _is_in(desk)
    assert (await desk.open("/staff/oidc")).answer.status_code == 403


async def test_no_password_opens_anything_beside_a_provider(at: At, services: Services) -> None:
    ours = await hire(services.db, "manager")
    without = services.settings.model_copy(update={"oidc_issuer": None})
    desk = at(settings=without)
    await sign_in(desk, ours)
    assert await _is_in(desk)
    cookies, desk = dict(desk.client.cookies), at()
    desk.client.cookies.update(cookies)
    assert not await _is_in(desk), "a session of before ends"
    await desk.open("/staff/sign-in")
    assert 'type="password"' not in desk.answer.text
    for path in ("/staff/link", "/staff/oidc/nothing"):
        assert (await desk.open(path)).answer.status_code == 404
    for path in ("/staff/oidc", "/staff/oidc/callback"):
        assert (await at(settings=without).open(path)).answer.status_code == 404


async def test_a_provider_that_is_away_or_is_another_is_said_so(at: At, services: Services, provider: Provider) -> None:
    provider.says_it_is = "https://evil.example"
    other = services.settings.model_copy(update={"oidc_client_id": "another"})
    assert (await at(settings=other).open("/staff/oidc")).answer.status_code == 503
    provider.says_it_is = ""
    away = services.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:1"})
    desk = at(settings=away)
    assert (await desk.open("/staff/oidc")).answer.status_code == 503
    assert (await desk.open("/staff/oidc/callback?code=a&state=b")).answer.status_code == 503


@pytest.mark.parametrize(
    ("claims", "at", "roles"),
    [
        ({"roles": ["clerk", "boss"]}, "roles", ("clerk",)),
        ({"roles": "clerk  auditor"}, "roles", ("auditor", "clerk")),
        ({"realm_access": {"roles": ["bench"]}}, "realm_access.roles", ("bench",)),
        ({"https://shop.example/roles": ["bench"]}, "https://shop.example/roles", ("bench",)),
        ({"roles": {"clerk": True}}, "roles", ()),
        ({"roles": [["clerk"], None, 1]}, "roles", ()),
        ({}, "realm_access.roles", ()),
    ],
)
def test_a_claim_is_read_as_providers_write_it(claims: dict[str, Any], at: str, roles: tuple[str, ...]) -> None:
    found = claimed({"sub": "1", "name": "Kim"} | claims, at, {})
    assert found
    assert found.roles == roles


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": " Kim   Park "}, "Kim Park"),
        ({"name": "customer", "preferred_username": "kim"}, "kim"),
        ({"name": "Kim (key till)", "email": "kim@shop.example"}, "kim@shop.example"),
        ({"name": ""}, "1"),
    ],
)
def test_a_name_that_timelines_could_mistake_is_not_taken(claims: dict[str, Any], name: str) -> None:
    found = claimed({"sub": "1"} | claims, "roles", {})
    assert found
    assert found.name == name


def test_without_a_provider_what_speaks_with_one_is_not_loaded() -> None:
    """It takes half a second of each process that serves pages."""
    pages = Path("starter").rglob("*.py")
    assert [path.name for path in pages if re.search(r"^(from|import) authlib", path.read_text(), re.MULTILINE)] == [
        "oidc_client.py"
    ]
    loads = re.compile(r"^(from|import) .*oidc_client", re.MULTILINE)
    assert [path.name for path in Path("starter").rglob("*.py") if loads.search(path.read_text())] == []
