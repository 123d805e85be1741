"""The codec server: decrypts payloads for Temporal's UI and command line, for whoever has a key that reads.

The command line sends the key; a browser has shown it before, see ``codec_sign_in``.

It is served by itself, never beside the API: what it gives is everything that workflows were told.
"""

from typing import Annotated, Any, Final

from cryptography.exceptions import InvalidTag
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from starlette.middleware.cors import CORSMiddleware
from temporalio.api.common.v1 import Payload, Payloads

from starter.api import codec_sign_in
from starter.api.guard import Guard
from starter.api.request_log import RequestLog
from starter.api.shared.api_keys import ApiKeys, Caller, authenticate, bearer, need
from starter.api.shared.bodies import read_json
from starter.api.shared.problems import MALFORMED, Failure, install_problem_handlers
from starter.shared.access_table import scopes_of
from starter.shared.services import Services
from workers.codec import Codec
from workers.master_keys import UnknownMasterKeyError

router = APIRouter()
#: What the UI and the command line send.
_HEADERS: Final = ("Authorization", "Content-Type", "X-Namespace")


def codec_app(services: Services, codec: Codec) -> FastAPI:
    """``/decode``, and where to sign in for it; pages of ``HOMEWARD_CODEC_ORIGINS`` may have a browser call it."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.services, app.state.codec = services, codec
    app.state.api_keys = ApiKeys(services)
    routers = [router, codec_sign_in.router]
    for one in routers:
        app.include_router(one)
    install_problem_handlers(app, routers)
    app.add_middleware(RequestLog)
    app.add_middleware(Guard, secure=False)
    # Outermost: a browser asks first, without the key, whether the page may ask.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=services.settings.codec_origins,
        allow_methods=["POST"],
        allow_headers=_HEADERS,
        allow_credentials=True,
    )
    return app


async def _reads(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Caller:
    """Who asks, by a key that reads, sent now or shown before; raises ``Failure``."""
    caller = await codec_sign_in.signed_in(request) if given is None else None
    if caller is None:
        return await authenticate(request, given)
    need(caller, *scopes_of(request.method, request.scope["route"].path))
    return caller


@router.post("/decode", dependencies=[Depends(_reads)])
async def decode(request: Request) -> Response:
    """Payloads as they were before they were encrypted; what cannot be read stays as it is."""
    given = _read(await read_json(request))
    codec: Codec = request.app.state.codec
    found = Payloads(payloads=[await _decoded(codec, payload) for payload in given.payloads])
    told: dict[str, Any] = MessageToDict(found)
    return JSONResponse(told)


def _read(body: Any) -> Payloads:
    try:
        if isinstance(body, dict):
            return ParseDict(body, Payloads(), ignore_unknown_fields=True)
    except ParseError:
        pass
    raise Failure(MALFORMED, "expected payloads as Temporal writes them")


async def _decoded(codec: Codec, payload: Payload) -> Payload:
    try:
        [decoded] = await codec.decode([payload])
    except (InvalidTag, UnknownMasterKeyError):
        return payload
    return decoded
