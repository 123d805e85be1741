"""Each test of a gateway runs on SQLite and, where the machine has it, on PostgreSQL."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from gateways.carrier.easypost import EasyPostCarrier
from gateways.database.columns import metadata
from gateways.database.engine import Database
from gateways.payment.stripe import StripePayments
from tests.gateways import postgresql
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.gateways.payment.stripe_stand_in import StripeStandIn
from tests.gateways.query_plans import PlanReader
from tests.gateways.stand_ins import PATIENCE

_numbers = itertools.count(1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so when half of the databases was left out."""
    if "postgresql" not in postgresql.KINDS:
        terminalreporter.write_line("tests/gateways: SQLite only, no PostgreSQL programs (initdb, postgres) on PATH")


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The address of a PostgreSQL server, without a database name."""
    if not postgresql.present():
        pytest.fail(f"CI is set, and {', '.join(postgresql.BINARIES)} are not on PATH")
    with postgresql.cluster() as address:
        yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded database file; each test gets a copy."""
    path = tmp_path_factory.mktemp("template") / "homeward.db"
    _run(_upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def upgraded(cluster: str) -> str:
    """An upgraded database; each test finds it empty. A copy for each would take most of a test's time."""
    address = f"{cluster}/homeward"
    _run(_create(cluster, "homeward"))
    _run(_upgrade(address))
    return address


@pytest.fixture(scope="session")
def plans() -> PlanReader:
    """Knows the plans that have been read in this process."""
    return PlanReader()


@pytest.fixture(autouse=True)
def nothing_is_read_whole(plans: PlanReader) -> Iterator[None]:
    """No statement of ours that a test runs reads, or sorts, all of a table that grows."""
    with plans.reading():
        yield
    assert plans.take() == []


@pytest.fixture(params=postgresql.KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database with the newest schema."""
    if kind == "sqlite":
        copy = tmp_path / "homeward.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), copy)
        return f"sqlite:///{copy}"
    address = str(request.getfixturevalue("upgraded"))
    _run(_empty(address))
    return address


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'homeward.db'}"
    name = f"test{next(_numbers)}"
    cluster = request.getfixturevalue("cluster")
    _run(_create(cluster, name))
    return f"{cluster}/{name}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """One process's way to the fresh database."""
    made = Database(url)
    yield made
    await made.dispose()


@pytest.fixture
async def other(url: str) -> AsyncIterator[Database]:
    """Another process's way to the same database."""
    made = Database(url)
    yield made
    await made.dispose()


@pytest.fixture
def stripe() -> Iterator[StripeStandIn]:
    """A stand-in for Stripe."""
    stand_in = StripeStandIn()
    with stand_in.running():
        yield stand_in


@pytest.fixture
async def at_stripe(stripe: StripeStandIn) -> AsyncIterator[StripePayments]:
    """The gateway to it."""
    made = StripePayments("sk_test_1", stripe.url, timeout=PATIENCE)
    yield made
    await made.close()


@pytest.fixture
def easypost() -> Iterator[EasyPostStandIn]:
    """A stand-in for EasyPost."""
    stand_in = EasyPostStandIn()
    with stand_in.running():
        yield stand_in


@pytest.fixture
def at_easypost(easypost: EasyPostStandIn) -> EasyPostCarrier:
    """The gateway to it."""
    return EasyPostCarrier("EZTK1", f"{easypost.url}/v2", timeout=PATIENCE)


def _run(work: Coroutine[None, None, None]) -> None:
    # In a thread: which database a test gets is found out while the tests' own loop may be running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _upgrade(url: str) -> None:
    database = Database(url)
    await database.upgrade()
    await database.dispose()


async def _create(cluster: str, name: str) -> None:
    connection = await asyncpg.connect(f"{cluster}/postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


async def _empty(address: str) -> None:
    rows = [str(table.delete()) for table in metadata.sorted_tables]
    numbers = "SELECT setval(sequencename::regclass, 1, false) FROM pg_sequences"
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(";".join([*rows, numbers]), timeout=30)
    finally:
        await connection.close()
