"""Every role is shown the buttons that it may press, and no other: all pages of the staff, walked by everybody."""

import re
from collections.abc import Awaitable, Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from client.list_rows import ListFilter
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from starter.portal.desk.one_return.acts import ACTS
from starter.shared.access_table import ROLES, TABLE, UPDATES, Other, Row, scopes_of_roles
from tests.portal.desk import Desk
from tests.portal.test_desk import in_review, listed
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import Play, make_request

_SAID = {"answer": "add_message", "close": "close_case"}
_PATTERNS = {row: re.compile(re.sub(r"\\{\w+(:path)?\\}", "[^/]+", re.escape(row[1]))) for row in TABLE}


class _Ways(HTMLParser):
    """What a page lets its reader go to, and press: ``(method, path, do)``."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self._form = ("get", "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.found.append(("GET", given["href"], ""))
        elif tag == "form":
            self._form = (given.get("method", "get").upper(), given.get("action", ""))
            self.found.append((*self._form, ""))
        elif tag == "button":
            self.found.append((*self._form, given.get("value", "")))


def _refused(role: str, page: str, text: str) -> Iterator[str]:
    ways, scopes = _Ways(), scopes_of_roles([role])
    ways.feed(text)
    for method, href, do in ways.found:
        path = urlsplit(href).path or page
        if urlsplit(href).netloc or path.startswith("#"):
            continue
        opens = next((TABLE[row] for row in _rows(method, path)), Other.ANYBODY)
        if not (isinstance(opens, Other) or scopes & opens):
            yield f"{role} on {page}: {method} {path}"
        update = ACTS[do].update if do in ACTS and path.startswith("/desk/returns/") else _SAID.get(do)
        if update and not scopes & UPDATES[update]:
            yield f"{role} on {page}: {do}"


def _rows(method: str, path: str) -> Iterator[Row]:
    """Those that this leads to, one whose path is written out first."""
    found = [row for row, pattern in _PATTERNS.items() if row[0] == method and pattern.fullmatch(path)]
    yield from sorted(found, key=lambda row: "{" in row[1])


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_nobody_is_shown_what_is_refused_to_them(
    new_desk: Callable[..., Awaitable[Desk]], shown: list[str], role: str
) -> None:
    desk = await new_desk(role)
    opened = []
    for page in shown:
        await desk.open(page)
        if desk.answer.status_code == 200:
            opened.append(page)
            assert list(_refused(role, page, desk.answer.text)) == []
    assert opened


@pytest.fixture(scope="module")
async def shown(stage: Stage) -> list[str]:
    """All kinds of pages, of returns that wait for somebody."""
    review, here = in_review(stage), Play(stage, make_request())
    await review.start(until=Status.IN_REVIEW)
    await here.hand_in()
    case = CasePlay(stage, make_question(return_id=here.return_id))
    await case.ask()
    await listed(stage, ListFilter(statuses=(Status.RECEIVED,)), here.return_id)
    desk = [
        "/desk",
        "/desk/returns",
        "/desk/questions",
        f"/desk/questions/{case.case_id}",
        "/desk/start",
        "/desk/policy",
    ]
    floor = ["/warehouse", "/warehouse/bench", f"/warehouse/returns/{here.return_id}", "/staff"]
    return [*desk, *(f"/desk/returns/{story.return_id}" for story in (review, here)), *floor]
