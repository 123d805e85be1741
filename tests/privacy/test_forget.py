"""A customer who is forgotten: no personal text is left in databases, histories or output, and the books stay."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest
from sqlalchemy import Connection, inspect, select, text
from temporalio.client import Client

from client.names import return_workflow_id, support_id
from gateways.database.engine import Database, rows_of
from gateways.database.failing_steps import StepFailure, keep_words
from gateways.database.forgetting.forget import Said, StillOpenError
from gateways.database.ledger import effects_of
from gateways.database.messages import link_requests
from gateways.database.messages.link_requests import LinkRequest
from gateways.database.messages.outbox import latest_mails
from gateways.database.tables.access import forgotten
from gateways.database.tables.returns import returns
from gateways.orders.database import keep_orders
from gateways.orders.protocol import read_order
from lifecycle.contract.grades import Grade
from lifecycle.contract.request import ReturnRequest
from starter.demo.story import Stage, stage_at
from starter.local.up import Place, running
from starter.shared import services
from starter.shared.connect import converter_of
from starter.shared.forget import forget_customer
from tests.encryption.conftest import key_line
from tests.gateways import postgresql
from tests.support.cases import CasePlay, make_question
from tests.up import PATIENCE
from tests.workflows.returns.play import Play, make_body
from workers.settings import Settings

_numbers = count(1)
SAID: Final = Said("alex", "asked for by letter")
CUSTOMER: Final = {
    "customer_id": "C-forget-me",
    "name": "Philippa Quackenbush",
    "email": "Philippa.Q@quackenbush.example",
    "phone": "+1 555 0142 77",
    "address": {
        "name": "Quackenbush & Daughters",
        "line1": "77 Zanzibar Crescent",
        "line2": "Backyard, third door",
        "city": "Ypsilanti",
        "state": "Michigan",
        "postal_code": "MI-48197-Q",
        "country": "US",
    },
}
NOTE, QUESTION, WORDS = "my left bunion objects", "where does the zebra sleep", "Philippa Quackenbush has moved"
PERSONAL: Final = (
    *(str(CUSTOMER[name]) for name in ("name", "email", "phone")),
    str(CUSTOMER["email"]).lower(),
    *(value for name, value in CUSTOMER["address"].items() if name != "country"),  # type: ignore[attr-defined]
    NOTE,
    QUESTION,
)


@dataclass(frozen=True)
class Shop:
    """An `up` of its own; ``settings`` find it, ``folder`` holds its files."""

    settings: Settings
    folder: Path
    stage: Stage
    temporal: Client

    async def forget(self, *, leave_open: bool = False) -> dict[str, Any]:
        client, db = self.stage.clock.client, self.stage.db
        return await forget_customer(client, db, "C-forget-me", SAID, leave_open=leave_open)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL with a database."""
    with postgresql.cluster() as address:
        yield address


#: The databases, and the first of them without encryption.
#: Temporal takes half a minute and more to delete what was not encrypted.
PLAIN: Final = pytest.param("without encryption", marks=pytest.mark.long)
WAYS: Final = ["sqlite", *postgresql.KINDS[1:], PLAIN]


@pytest.fixture
async def shop(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shop]:
    url = None
    if request.param == "postgresql":
        server, name = str(request.getfixturevalue("server")), f"forgetting{next(_numbers)}"
        connection = await asyncpg.connect(f"{server}/postgres")
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        url = f"{server}/{name}"
    keys = tmp_path / "master.keys"
    keys.write_text(key_line("a", 1))
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=url,
        policy=None,
        smtp_url=None,
        encryption_keys=None if request.param == "without encryption" else str(keys),
    )
    async with _opened(settings) as shop:
        yield shop


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Shop]:
    place = Place(settings.data_dir, temporal_port=0, api_port=0)
    with ExitStack() as ending:
        ending.enter_context(pytest.MonkeyPatch.context()).setattr(services, "PATIENCE", PATIENCE)
        async with running(settings, place) as ready:
            db = Database(ready.database)
            async with stage_at(ready, PATIENCE, converter_of(settings, db)) as stage:
                raw = await Client.connect(ready.temporal)
                yield Shop(settings, settings.data_dir, stage, raw)
            await db.dispose()


def _request(**changes: Any) -> ReturnRequest:
    body = make_body(items=[{"line_id": "1", "quantity": 1, "reason": "defective", "note": NOTE}], **changes)
    body["order"]["customer"] = CUSTOMER
    return ReturnRequest.model_validate(body)


async def _lived(shop: Shop) -> tuple[Play, CasePlay]:
    """A return that ended, a question about it, its order, a sign-in that waits, a partner's words."""
    db = shop.stage.db
    play = Play(shop.stage, _request())
    order = play.request.order.model_dump(mode="json")
    await keep_orders(db, [read_order(order, datetime.now(UTC))])
    await play.start()
    await play.hand_over()
    await play.receive()
    await play.inspect(Grade.A)
    await play.closed()
    case = CasePlay(
        shop.stage, make_question(email=CUSTOMER["email"], text=QUESTION, order_id=play.request.order.order_id)
    )
    await case.ask()
    await case.close()
    await case.ended()
    await db.write(partial(_kept_besides, return_id=play.return_id))
    return play, case


def _kept_besides(connection: Connection, return_id: str) -> None:
    now = datetime.now(UTC)
    failure = StepFailure(f"return-{return_id}/x", return_id, "carrier", "x", "refused")
    keep_words(connection, failure, WORDS, now)
    later = now.replace(year=now.year + 1)
    link_requests.keep(connection, LinkRequest("L-1", "SO-1", str(CUSTOMER["email"]), "n", now, later))


async def _books(shop: Shop, play: Play) -> dict[str, Any]:
    """What has to stay."""
    view = (await play.view()).model_dump(mode="json")
    effects = [(effect["step"], effect["state"]) for effect in await effects_of(shop.stage.db, play.return_id)]
    mails = [(mail["template"], mail["at"]) for mail in await latest_mails(shop.stage.db, None, 100)]
    money = [view[part] for part in ("status", "closed", "settlement", "order_id", "customer_id") if part in view]
    return {"view": money, "effects": effects, "stock": await play.stock(), "mails": mails}


def _rows(connection: Connection) -> str:
    """All that the tables hold, as text."""
    found = []
    for table in inspect(connection).get_table_names():
        rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()  # noqa: S608 (its own name)
        found.append(f"{table}: {json.dumps([list(map(str, row)) for row in rows], ensure_ascii=False)}")
    return "\n".join(found)


async def _histories(shop: Shop) -> str:
    found = [each async for each in shop.temporal.list_workflows()]
    relays = {"outbox-relay", "event-delivery", "inbox-relay", "sign-in-links", "returns-watch"}
    known = [each for each in found if each.id not in relays]  # their runs come and go, and know nobody
    handles = [shop.temporal.get_workflow_handle(each.id, run_id=each.run_id) for each in known]
    return "\n".join([(await handle.fetch_history()).to_json() for handle in handles])


def _left_in(content: str) -> set[str]:
    return {value for value in PERSONAL if value in content or json.dumps(value)[1:-1] in content}


@pytest.mark.parametrize("shop", WAYS, indirect=True)
async def test_nothing_personal_is_left_and_the_books_stay(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    play, case = await _lived(shop)
    db = shop.stage.db
    before = await _books(shop, play)
    assert _left_in(await db.read(_rows)) == set(PERSONAL)
    done = await shop.forget()
    encrypted = shop.settings.encryption_keys is not None
    assert {name: done[name] for name in ("returns", "cases", "orders", "left_open", "files_rewritten")} == {
        "returns": 1, "cases": 1, "orders": 1, "left_open": [], "files_rewritten": True,
    }  # fmt: skip
    assert (done["keys_destroyed"], done["histories_deleted"]) == ((2, 0) if encrypted else (0, 2))
    assert _left_in(await db.read(_rows)) == set()
    assert await _books(shop, play) == before
    await _no_history(shop, return_workflow_id(play.return_id), support_id(case.case_id))
    files = [path for path in shop.folder.rglob("*") if path.is_file() and (encrypted or "temporal" not in path.name)]
    assert files
    for path in files:
        assert _left_in(path.read_bytes().decode("utf-8", "replace")) == set(), path
    assert _left_in("".join(capfd.readouterr())) == set()
    # Once more changes nothing, and a customer nobody knows is none.
    again = await shop.forget()
    assert (again["returns"], again["keys_destroyed"], again["histories_deleted"]) == (1, 0, 0)
    assert await _books(shop, play) == before
    kept = await rows_of(db, select(forgotten))
    assert [(row["by"], row["why"], row["returns"]) for row in kept] == [(SAID.by, SAID.why, 1)] * 2


async def _no_history(shop: Shop, *workflow_ids: str) -> None:
    """What Temporal keeps of them cannot be read; where it could, it is listed no more, and ends in its own time."""
    if shop.settings.encryption_keys is None:
        await _until_unlisted(shop.temporal, set(workflow_ids))
    assert _left_in(await _histories(shop)) == set()


async def _until_unlisted(client: Client, workflow_ids: set[str]) -> None:
    for _ in range(1200):
        if workflow_ids.isdisjoint([each.id async for each in client.list_workflows()]):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(workflow_ids)


@pytest.mark.parametrize("shop", WAYS[:1], indirect=True)
async def test_a_customer_with_something_open_is_not_forgotten_unless_it_is_left(shop: Shop) -> None:
    closed, _ = await _lived(shop)
    body = _request()
    open_one = Play(shop.stage, body)
    await open_one.start()
    with pytest.raises(StillOpenError, match=open_one.return_id):
        await shop.forget()
    assert _left_in(await shop.stage.db.read(_rows)) == set(PERSONAL)
    done = await shop.forget(leave_open=True)
    assert done["left_open"] == [open_one.return_id]
    [request] = await rows_of(shop.stage.db, select(returns.c.request).where(returns.c.return_id == closed.return_id))
    assert str(CUSTOMER["name"]) not in json.dumps(request["request"])
    await open_one.cancel()
    await open_one.days(31)  # until then it may still come
    await open_one.closed()
    assert (await shop.forget())["left_open"] == []
    assert _left_in(await shop.stage.db.read(_rows)) == set()
