"""Signing in by a provider of OpenID Connect: the authorization code flow with state, nonce and PKCE.

Authlib keeps these three in the visitor's signed cookie until they come back, once, and reads the ID token: by the
provider's keys, for this client, of this issuer, not ended, with that nonce.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import httpx2
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from joserfc.errors import JoseError
from sqlalchemy import Connection

from gateways.database.staff import accounts
from starter.portal.shared.errors import WrongRole
from starter.portal.shared.session import now, session_of
from starter.portal.staff.admission import let_in
from starter.portal.staff.guard import home_of, person_of
from starter.portal.staff.oidc_claims import Claimed, claimed, value_at
from starter.shared.services import Services, ServicesDep
from workers.settings import Settings

router = APIRouter()
_PATH: Final = "/staff/oidc"
_BACK: Final = "/staff/oidc/callback"
_SECONDS: Final = 10.0
_log = structlog.get_logger("homeward.staff")


@router.get(_PATH)
async def lead_there(request: Request, services: ServicesDep, next: str = "") -> Response:  # noqa: A002
    """Go to the provider, which comes back to the callback."""
    provider = _provider(services.settings)
    session_of(request)["next"] = next[:500]
    try:
        await _check_issuer(provider, services.settings)
        answer: Response = await provider.authorize_redirect(request, f"{_door(request, services)}{_BACK}")
    except (httpx2.HTTPError, ValueError, RuntimeError) as error:
        raise _away(error) from None
    return answer


@router.get(_BACK)
async def come_back(request: Request, services: ServicesDep) -> Response:
    """Let in whom the provider has shown, with the roles that it says."""
    provider, wanted = _provider(services.settings), str(session_of(request).get("next", ""))
    try:
        await _check_issuer(provider, services.settings)
        claims = await _claims(provider, request, services.settings)
    except (httpx2.HTTPError, RuntimeError) as error:
        raise _away(error) from None
    except (AuthlibBaseError, JoseError, ValueError) as error:
        raise _refused(type(error).__name__) from None
    found = claimed(claims, services.settings.oidc_roles_claim, services.settings.oidc_roles)
    if found is None:
        raise _refused("no usable subject or name")
    return await _admit(request, services, found, wanted)


async def _admit(request: Request, services: Services, found: Claimed, wanted: str) -> Response:
    issuer, at = services.settings.staff_issuer, now()

    def known(connection: Connection) -> int | None:
        account = accounts.known_by(connection, issuer, found.subject, found.name, found.roles, at)
        return account.id if account.disabled_at is None and found.roles else None

    if await let_in(request, services, known) is None:
        _log.warning("a sign-in of staff was refused", error="disabled, or without a role")
        raise WrongRole
    person = await person_of(request, services)
    return RedirectResponse(home_of(request, person, wanted) if person else _PATH, 303)


async def _claims(provider: StarletteOAuth2App, request: Request, settings: Settings) -> Mapping[str, Any]:
    """What the ID token says, and where the roles are not in it, what the provider says besides of the same person."""
    token = await provider.authorize_access_token(request)
    claims: Mapping[str, Any] | None = token.get("userinfo")
    if not claims:
        raise ValueError("no ID token")
    if value_at(claims, settings.oidc_roles_claim) is None and provider.server_metadata.get("userinfo_endpoint"):
        besides = await provider.userinfo(token=token)
        # Core, section 5.3.2: else it may be about somebody else.
        return {**besides, **claims} if besides.get("sub") == claims.get("sub") else claims
    return claims


def _provider(settings: Settings) -> StarletteOAuth2App:
    """The provider; 404 where none is set."""
    if settings.oidc_issuer is None:
        raise HTTPException(404)
    secret = settings.oidc_client_secret
    return _registered(settings.oidc_issuer, str(settings.oidc_client_id), secret and secret.get_secret_value())


@cache
def _registered(issuer: str, client_id: str, secret: str | None) -> StarletteOAuth2App:
    return OAuth().register(
        "staff",
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_id=client_id,
        client_secret=secret,
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256", "timeout": _SECONDS},
    )


async def _check_issuer(provider: StarletteOAuth2App, settings: Settings) -> None:
    """What is found at an issuer's address has to be its own (Discovery, section 4.3); ``ValueError`` else."""
    metadata = await provider.load_server_metadata()
    if str(metadata.get("issuer", "")).rstrip("/") != settings.oidc_issuer:
        _registered.cache_clear()  # or it would be believed until the process ends
        raise ValueError("another issuer")


def _door(request: Request, services: Services) -> str:
    """Where staff reach their pages, as the provider knows it."""
    return services.settings.staff_url or str(request.app.state.address)


def _refused(why: str) -> HTTPException:
    _log.warning("a sign-in of staff was refused", error=why)
    return HTTPException(403)


def _away(error: Exception) -> HTTPException:
    _log.warning("the staff's provider of OpenID Connect cannot be asked", error=type(error).__name__)
    return HTTPException(503)
