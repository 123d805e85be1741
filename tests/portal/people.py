"""People who work at the shop: let in with a password that is quick to hash, and signed in by the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from argon2 import PasswordHasher
from sqlalchemy import Connection

from gateways.database.engine import Database
from gateways.database.staff import accounts
from starter.shared.passwords import Passwords
from tests.portal.desk import Desk

#: Costs next to nothing.
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "four words nobody says"


@dataclass(frozen=True)
class Colleague:
    """Somebody with an account."""

    id: int
    login: str
    name: str


async def hire(db: Database, *roles: str, name: str = "Alex Doe") -> Colleague:
    """An account of its own with these roles."""
    login, kept = f"alex-{uuid4().hex[:8]}", await CHEAP.hash(PASSWORD)

    def work(connection: Connection) -> int:
        staff_id = accounts.add(connection, login, name, roles, datetime.now(UTC))
        accounts.set_password(connection, staff_id, kept)
        return staff_id

    return Colleague(await db.write(work), login, name)


async def sign_in(desk: Desk, colleague: Colleague, *, password: str = PASSWORD, next_page: str = "") -> Desk:
    """By the page, as they do; what it leads to is the page then."""
    await desk.open(f"/staff/sign-in?next={next_page}")
    return await desk.send("/staff/sign-in", login=colleague.login, password=password)


async def signed_in(desk: Desk, db: Database, roles: Sequence[str], **changes: str) -> Colleague:
    """Somebody new with these roles, signed in."""
    colleague = await hire(db, *roles, **changes)
    await sign_in(desk, colleague)
    return colleague
