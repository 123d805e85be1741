"""What Authlib does with a provider of OpenID Connect; loaded only where one is set: it takes half a second.

It keeps state, nonce and PKCE in the visitor's signed cookie until they come back, once, and reads the ID token: by the
provider's keys, for this client, of this issuer, not ended, with that nonce.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from fastapi import Request
from joserfc.errors import JoseError

from starter.portal.staff.oidc_claims import value_at
from workers.settings import Settings

#: What it raises where the provider cannot be asked, and where somebody is not let in.
AWAY: Final = (httpx2.HTTPError, RuntimeError)
REFUSED: Final = (AuthlibBaseError, JoseError, ValueError)
_SECONDS: Final = 10.0


def provider_of(settings: Settings) -> StarletteOAuth2App:
    """The provider that the settings name."""
    secret = settings.oidc_client_secret
    return _registered(str(settings.oidc_issuer), str(settings.oidc_client_id), secret and secret.get_secret_value())


@cache
def _registered(issuer: str, client_id: str, secret: str | None) -> StarletteOAuth2App:
    return OAuth().register(
        "staff",
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_id=client_id,
        client_secret=secret,
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256", "timeout": _SECONDS},
    )


async def check_issuer(provider: StarletteOAuth2App, settings: Settings) -> None:
    """What is found at an issuer's address has to be its own (Discovery, section 4.3); ``ValueError`` else."""
    metadata = await provider.load_server_metadata()
    if str(metadata.get("issuer", "")).rstrip("/") != settings.oidc_issuer:
        _registered.cache_clear()  # or it would be believed until the process ends
        raise ValueError("another issuer")


async def claims_of(provider: StarletteOAuth2App, request: Request, settings: Settings) -> Mapping[str, Any]:
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
