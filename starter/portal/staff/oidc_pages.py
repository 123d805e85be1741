"""Signing in by a provider of OpenID Connect: the authorization code flow with state, nonce and PKCE."""

from typing import Final

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from gateways.database.staff import accounts
from starter.portal.shared.errors import WrongRole
from starter.portal.shared.session import now, session_of
from starter.portal.staff.admission import let_in
from starter.portal.staff.guard import home_of, person_of
from starter.portal.staff.oidc_claims import Claimed, claimed
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_PATH: Final = "/staff/oidc"
_BACK: Final = "/staff/oidc/callback"
_log = structlog.get_logger("homeward.staff")


@router.get(_PATH)
async def lead_there(request: Request, services: ServicesDep, next: str = "") -> Response:  # noqa: A002
    """Go to the provider, which comes back to the callback."""
    _check_provider(services)
    from starter.portal.staff import oidc_client

    provider = oidc_client.provider_of(services.settings)
    session_of(request)["next"] = next[:500]
    try:
        await oidc_client.check_issuer(provider, services.settings)
        answer: Response = await provider.authorize_redirect(request, f"{_door(request, services)}{_BACK}")
    except (*oidc_client.AWAY, ValueError) as error:
        raise _away(error) from None
    return answer


@router.get(_BACK)
async def come_back(request: Request, services: ServicesDep) -> Response:
    """Let in whom the provider has shown, with the roles that it says."""
    _check_provider(services)
    from starter.portal.staff import oidc_client

    provider, wanted = oidc_client.provider_of(services.settings), str(session_of(request).get("next", ""))
    try:
        await oidc_client.check_issuer(provider, services.settings)
        claims = await oidc_client.claims_of(provider, request, services.settings)
    except oidc_client.AWAY as error:
        raise _away(error) from None
    except oidc_client.REFUSED as error:
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


def _check_provider(services: Services) -> None:
    """Raise 404 where no provider is set."""
    if services.settings.oidc_issuer is None:
        raise HTTPException(404)


def _door(request: Request, services: Services) -> str:
    """Where staff reach their pages, as the provider knows it."""
    return services.settings.staff_url or str(request.app.state.address)


def _refused(why: str) -> HTTPException:
    _log.warning("a sign-in of staff was refused", error=why)
    return HTTPException(403)


def _away(error: Exception) -> HTTPException:
    _log.warning("the staff's provider of OpenID Connect cannot be asked", error=type(error).__name__)
    return HTTPException(503)
