"""Links to a return's label and to where it stands, for whoever has them: the shop sends them on, and they end."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from client.errors import UnknownReturn
from gateways.database.engine import Database
from gateways.database.messages.signed_links import public_link
from gateways.database.returns.records import get_return
from starter.shared.services import Services

Show = Literal["status", "label"]
#: Hours.
LONGEST: Final = 720
_USUAL: Final = 72


class PublicLinkRequest(BaseModel):
    """What the links show, and for how many hours."""

    show: Annotated[list[Show], Field(min_length=1, max_length=2)] = ["status", "label"]
    valid_hours: Annotated[int, Field(strict=True, ge=1, le=LONGEST)] = _USUAL


class PublicLinks(BaseModel):
    """Whoever has one sees what it shows, without signing in, until ``ends_at``; null for what was not asked for.

    ``status_url`` shows where the return stands, without names, addresses, goods or amounts; ``label_url`` is the
    label, or the code of a drop-off, as it then is.
    """

    return_id: str
    status_url: str | None
    label_url: str | None
    ends_at: datetime


@dataclass(frozen=True)
class Shown:
    """What a link opens."""

    return_id: str
    show: Show


async def links_to(services: Services, return_id: str, asked: PublicLinkRequest) -> PublicLinks:
    """Links of a return; raises ``UnknownReturn`` and ``Unavailable``."""
    if await get_return(services.db, return_id) is None:
        raise UnknownReturn(return_id)
    ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=asked.valid_hours)
    made = {
        show: await _link(services.db, services.settings.front_door, return_id, show, ends_at) for show in asked.show
    }
    return PublicLinks(return_id=return_id, status_url=made.get("status"), label_url=made.get("label"), ends_at=ends_at)


async def _link(db: Database, front_door: str, return_id: str, show: Show, ends_at: datetime) -> str:
    return await public_link(db, front_door, show, [return_id, show, int(ends_at.timestamp())])


def opened(sealed: object, show: Show, now: datetime) -> Shown | None:
    """What a link opens whose seal is ours; None for one that has ended, or shows something else."""
    if not isinstance(sealed, list):
        return None
    return_id, shows, ends_at = sealed
    return Shown(return_id, show) if shows == show and now.timestamp() < ends_at else None
