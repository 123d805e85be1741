"""Who looks: a signed cookie that holds what this visitor may see, each with its own end, and the session's id.

The id's row in the database makes it count: signing out drops the row, and with it every copy of the cookie.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any, Final

from fastapi import Request
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from gateways.database import sessions
from gateways.database.engine import Database
from gateways.database.staff import sessions as staff_sessions
from starter.portal.shared.signer import Signer

#: Seconds from signing in until it has to be done again; also from a cookie's last change until it counts no more.
LASTS: Final = 8 * 60 * 60
#: Seconds that a desk of the warehouse stays open: the longest shift.
DESK_LASTS: Final = 12 * 60 * 60
#: A cookie holds 4 KB: somebody with more orders signs in to the older ones again.
_MOST_ORDERS: Final = 10
#: What is shown until an instant, by id.
_UNTIL: Final = ("orders", "cases", "proved")
#: All that a session has been given.
_GIVEN: Final = ("id", *_UNTIL, "desk", "staff", "place")


@dataclass(frozen=True)
class Visitor:
    """What the cookie says: orders that are shown to be theirs and support cases, the latest last.

    ``cases`` are those that they asked, or got a link to; ``proved`` are the latter alone.
    """

    orders: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    proved: tuple[str, ...] = ()
    #: Somebody of the staff has signed in, or shown a key at a desk of the warehouse.
    staff: bool = False


class Sessions:
    """Starlette's signed cookie, with the secret from the database, which is asked for at the first page."""

    def __init__(self, app: ASGIApp, *, signer: Signer, db: Database, secure: bool) -> None:
        self._app = _Standing(app, db)
        self._seals = signer
        self._secure = secure
        self._signed: SessionMiddleware | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; files need no session, and come when the database does not answer."""
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self._app(scope, receive, send)
            return
        if self._signed is None:
            self._signed = SessionMiddleware(
                self._app,
                secret_key=await self._seals.secret(),
                # With this prefix no other host of the domain can plant one.
                session_cookie="__Host-homeward" if self._secure else "homeward",
                max_age=LASTS,
                same_site="lax",
                https_only=self._secure,
            )
        await self._signed(scope, receive, send)


class _Standing:
    """Takes out of the cookie what has ended: all that it was given once it is signed out, else each at its time."""

    def __init__(self, app: ASGIApp, db: Database) -> None:
        self._app = app
        self._db = db

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; who is not signed in costs no look into the database."""
        session: dict[str, Any] = scope.get("session", {})
        if "id" in session and await sessions.stands(self._db, session["id"], now()):
            _drop_ended(session, _in(0))
        else:
            _take_all(session)
        await self._app(scope, receive, send)


def _drop_ended(session: dict[str, Any], at: int) -> None:
    for name in _UNTIL:
        ends = session.get(name, {})
        if any(until <= at for until in ends.values()):
            session[name] = {known: until for known, until in ends.items() if until > at}
    if "desk" in session and session["desk"]["until"] <= at:
        session.pop("desk")


def _take_all(session: dict[str, Any]) -> None:
    for name in _GIVEN:
        session.pop(name, None)


def now() -> datetime:
    """By the clock that dates cookies and links too."""
    return datetime.fromtimestamp(time.time(), UTC)


def _in(seconds: int) -> int:
    return int(now().timestamp()) + seconds


def _instant(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


def session_of(request: Request) -> dict[str, Any]:
    """What the cookie holds; empty where there is none, such as on the page that says the database is away."""
    found: dict[str, Any] = request.scope.get("session", {})
    return found


def visitor(request: Request) -> Visitor:
    """Who looks."""
    session = session_of(request)
    return Visitor(
        orders=tuple(session.get("orders", ())),
        cases=tuple(session.get("cases", ())),
        proved=tuple(session.get("proved", ())),
        staff="desk" in session or "staff" in session,
    )


async def admit_to_order(request: Request, order_id: str) -> None:
    """This visitor has shown that the order is theirs."""
    await _give(request, ("orders",), order_id)


def lead_back_to(request: Request, url: str | None) -> None:
    """Have the pages lead back to where this visitor came from; None leads nowhere else."""
    session = session_of(request)
    session.pop("return_to", None)
    if url:
        session["return_to"] = url


async def admit_to_case(request: Request, case_id: str, *, proved: bool) -> None:
    """This visitor has asked the question; ``proved``: they have the link that its mails bring to its address."""
    # Who has only asked may do no more than before: their open pages, such as the form that Back shows, stay good.
    await _give(request, ("cases", "proved") if proved else ("cases",), case_id, renews_token=proved)


async def _give(request: Request, names: tuple[str, ...], known: str, *, renews_token: bool = True) -> None:
    """Show it from now on, for its time."""
    until = _in(LASTS)
    await _admit(request, until, renews_token=renews_token)
    session = session_of(request)
    for name in names:
        others = [(other, ends) for other, ends in session.get(name, {}).items() if other != known]
        session[name] = dict([*others, (known, until)][-_MOST_ORDERS:])


async def admit_staff(request: Request, desk: dict[str, str]) -> None:
    """This visitor has shown that they belong to the shop; ``desk`` is kept as it is, with its end."""
    until = _in(DESK_LASTS)
    await _admit(request, until)
    session_of(request)["desk"] = desk | {"until": until}


async def admit_person(request: Request, token: str, ends_at: datetime) -> None:
    """This visitor has shown who of the staff they are; ``token`` names their session.

    Nothing of before comes along: neither an id that somebody else may know, nor what a customer was shown.
    """
    await sign_out(request)
    await _admit(request, int(ends_at.timestamp()))
    session_of(request)["staff"] = token


def staff_token(request: Request) -> str | None:
    """What names the session of somebody of the staff; None where nobody signed in. It may have ended."""
    found = session_of(request).get("staff")
    return found if isinstance(found, str) else None


def keep_staff(request: Request) -> None:
    """Have the cookie signed anew: it counts for some hours from the last page."""
    session_of(request)["staff"] = session_of(request)["staff"]


async def _admit(request: Request, until: int, *, renews_token: bool = True) -> None:
    """Have a session that stands, mostly with a token for forms that nobody knew before; raises ``Unavailable``."""
    session, db = session_of(request), _db(request)
    if renews_token:
        session.pop("csrf", None)
    if "id" in session and await sessions.extend(db, session["id"], _instant(until)):
        return
    _take_all(session)
    session["id"] = token_urlsafe(24)
    await sessions.begin(db, session["id"], _instant(until))


def _db(request: Request) -> Database:
    found: Database = request.app.state.services.db
    return found


def is_at_work(request: Request) -> bool:
    """Whether this is a page of the warehouse, and somebody has signed in there."""
    return request.url.path.startswith("/warehouse") and visitor(request).staff


async def sign_out(request: Request) -> None:
    """Forget everything about this visitor, on every device that has this session; raises ``Unavailable``."""
    session = session_of(request)
    if token := staff_token(request):
        await staff_sessions.end(_db(request), token)
    if "id" in session:
        await sessions.end(_db(request), session["id"])
    session.clear()
