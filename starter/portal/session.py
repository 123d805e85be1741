"""Who looks: a signed cookie that holds what this visitor may see, and expires."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from starter.portal.seals import Seals

#: Seconds from signing in until it has to be done again.
LASTS: Final = 8 * 60 * 60
#: A cookie holds 4 KB: somebody with more orders signs in to the older ones again.
_MOST_ORDERS: Final = 10


@dataclass(frozen=True)
class Staff:
    """Somebody of the shop; ``scopes`` are those of the HTTP API: start, read, operate."""

    name: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Visitor:
    """What the cookie says: orders that are shown to be theirs and support cases, the latest last.

    ``cases`` are those that they asked, or got a link to; ``proved`` are the latter alone.
    """

    orders: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    proved: tuple[str, ...] = ()
    staff: Staff | None = None


class Sessions:
    """Starlette's signed cookie, with the secret from the database, which is asked for at the first page."""

    def __init__(self, app: ASGIApp, *, seals: Seals, secure: bool) -> None:
        self._app = app
        self._seals = seals
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


def session_of(request: Request) -> dict[str, Any]:
    """What the cookie holds; empty where there is none, such as on the page that says the database is away."""
    found: dict[str, Any] = request.scope.get("session", {})
    return found


def visitor(request: Request) -> Visitor:
    """Who looks."""
    session = session_of(request)
    staff = session.get("staff")
    return Visitor(
        orders=tuple(session.get("orders", ())),
        cases=tuple(session.get("cases", ())),
        proved=tuple(session.get("proved", ())),
        staff=Staff(staff["name"], tuple(staff["scopes"])) if staff else None,
    )


def admit_to_order(request: Request, order_id: str) -> None:
    """This visitor has shown that the order is theirs; the session begins anew."""
    session = session_of(request)
    orders = [known for known in session.get("orders", ()) if known != order_id]
    session.pop("csrf", None)
    session["orders"] = [*orders, order_id][-_MOST_ORDERS:]


def admit_to_case(request: Request, case_id: str, *, proved: bool) -> None:
    """This visitor has asked the question; ``proved``: they have the link that its mails bring to its address."""
    session = session_of(request)
    for kept in ("cases", "proved") if proved else ("cases",):
        cases = [known for known in session.get(kept, ()) if known != case_id]
        session[kept] = [*cases, case_id][-_MOST_ORDERS:]


def admit_staff(request: Request, staff: Staff) -> None:
    """This visitor has shown that they belong to the shop; the session begins anew."""
    session = session_of(request)
    session.pop("csrf", None)
    session["staff"] = {"name": staff.name, "scopes": list(staff.scopes)}


def is_at_work(request: Request) -> bool:
    """Whether this is a page of the warehouse, and somebody has signed in there."""
    return request.url.path.startswith("/warehouse") and "desk" in session_of(request)


def sign_out(request: Request) -> None:
    """Forget everything about this visitor."""
    session_of(request).clear()
