"""What a list of the desk was asked for, read from its address; what cannot be read is left out, and said."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request

from client.list_rows import ListFilter
from lifecycle.contract.request import Method, Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.shared.listing import Sort
from starter.portal.shared.forms import plain

_CHOICES: Final = {"status": Status, "resolution": Resolution, "method": Method, "reason": Reason, "sort": Sort}
#: Fields of the form, in its order.
FIELDS: Final = ("q", *_CHOICES, "country", "from", "to", "late", "attention")
_LONGEST: Final = 200
T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """The list that is wanted; ``given`` is what the form says, ``wrong`` the fields that could not be read."""

    wanted: ListFilter
    given: dict[str, str]
    wrong: list[str] = field(default_factory=list)

    @property
    def narrowed(self) -> bool:
        """Whether it asks for more than all there is."""
        return any(name not in ("q", "sort") for name in self.given)

    @property
    def typed(self) -> dict[str, str]:
        """What each field of the form holds."""
        return dict.fromkeys(FIELDS, "") | self.given

    def address(self, **more: str) -> str:
        """The query of this list, with something more."""
        return urlencode(self.given | more)


def asked(request: Request, zone: ZoneInfo) -> Asked:
    """Read the address of a list; days are the shop's."""
    given = {name: plain(request.query_params.get(name, ""))[:_LONGEST] for name in FIELDS}
    given = {name: value for name, value in given.items() if value}
    wrong: list[str] = []
    found: dict[str, Any] = {}
    for name, kind in _CHOICES.items():
        found[name] = _read(name, given, wrong, kind)
    status = found.pop("status")
    first = _read("from", given, wrong, date.fromisoformat)
    last = _read("to", given, wrong, date.fromisoformat)
    wanted = ListFilter(
        **{**found, "sort": found["sort"] or Sort.NEWEST},
        statuses=(status,) if status else (),
        text=given.get("q"),
        country=_read("country", given, wrong, _country),
        attention=True if "attention" in given else None,
        escalated=True if "late" in given else None,
        opened_from=begins(first, zone) if first else None,
        opened_before=begins(last + timedelta(days=1), zone) if last else None,
    )
    return Asked(wanted, given, wrong)


def begins(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins at the shop."""
    return datetime.combine(day, time.min, zone)


def _country(typed: str) -> str:
    if len(typed) != 2 or not typed.isascii() or not typed.isalpha():
        raise ValueError(typed)
    return typed.upper()


def _read(name: str, given: dict[str, str], wrong: list[str], kind: Any) -> Any:
    if name not in given:
        return None
    try:
        return kind(given[name])
    except ValueError:
        wrong.append(name)
        del given[name]
        return None
