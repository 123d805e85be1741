"""Signing in to the codec server: Temporal's UI sends no key of its own, and a browser sends a cookie where it may.

The key is shown once. The cookie says which one it was, signed, and gives nothing away of it: whether that key is still
there, and reads, is looked up at every request.
"""

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer
from jinja2 import Environment, PackageLoader, StrictUndefined

from gateways.database.secrets import secret
from starter.api.shared.api_keys import ApiKeys, Caller, need
from starter.api.shared.problems import Failure
from starter.shared.access_table import scopes_of
from starter.shared.services import Services

router = APIRouter(include_in_schema=False)
SIGN_IN: Final = "/sign-in"
#: What the cookie is for; no other address is sent it.
_DECODE: Final = "/decode"
_COOKIE: Final = "homeward_codec"
_LASTS: Final = timedelta(hours=8)
_pages: Final = Environment(loader=PackageLoader("starter.api", "pages"), autoescape=True, undefined=StrictUndefined)
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


@router.get(SIGN_IN)
async def sign_in_page(request: Request) -> Response:
    """Ask for the key, or say what to do with it once it was shown."""
    return _page(request, done="done" in request.query_params)


@router.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Take a key that reads."""
    form = await request.form()
    gate: ApiKeys = request.app.state.api_keys
    try:
        caller = await gate.authenticate(request, str(form.get("key", "")))
        need(caller, *scopes_of("POST", _DECODE))
    except Failure as failure:
        return _page(request, wrong=failure.detail, status=failure.kind.status)
    answer = RedirectResponse(f"{SIGN_IN}?done", 303)
    answer.set_cookie(
        _COOKIE,
        (await _signer(request)).dumps(caller.name),
        path=_DECODE,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


async def signed_in(request: Request) -> Caller | None:
    """Whose key was shown in this browser; None where nobody's was, or it has ended."""
    try:
        mark = (await _signer(request)).loads(request.cookies.get(_COOKIE, ""), max_age=int(_LASTS.total_seconds()))
    except BadSignature:
        return None
    gate: ApiKeys = request.app.state.api_keys
    return await gate.authenticate_mark(request, str(mark))


async def _signer(request: Request) -> URLSafeTimedSerializer:
    services: Services = request.app.state.services
    return URLSafeTimedSerializer(await secret(services.db, "codec"), salt="codec")


def _page(request: Request, *, wrong: str = "", done: bool = False, status: int = 200) -> Response:
    at = f"{request.url.scheme}://{request.url.netloc}"
    hours = int(_LASTS / timedelta(hours=1))
    text = _pages.get_template("codec_sign_in.html").render(wrong=wrong, done=done, at=at, hours=hours)
    return HTMLResponse(text, status, _HEADERS)
