"""A small provider of OpenID Connect: Authlib's authorization server on a port of its own, for one client.

Whoever is sent there is ``somebody`` at once, as if they had signed in before. It asks for a nonce and PKCE (S256).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from starter.web.server import WebServer

CLIENT, SECRET = "homeward-staff", "what-the-provider-gave"


class _Client(ClientMixin):  # type: ignore[misc] # Authlib has no types
    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == "http://shop.test/staff/oidc/callback"

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True)
class _Code:
    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    auth_time: int = 0

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return self.auth_time

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class Provider:
    """One provider; a test changes who is there, and what it does wrong."""

    issuer: str = ""
    #: Claims of whoever signs in; those of ``besides`` come by the userinfo endpoint alone.
    somebody: dict[str, Any] = field(default_factory=dict)
    besides: dict[str, Any] = field(default_factory=dict)
    #: Changes the ID token's own claims, such as ``aud``.
    spoils: dict[str, Any] = field(default_factory=dict)
    says_it_is: str = ""
    signs_with_another_key: bool = False
    codes: dict[str, _Code] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}))
    other_key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1", "use": "sig"}))

    def app(self) -> Starlette:
        """Its endpoints."""
        server = _Server(self)
        routes = [
            Route("/.well-known/openid-configuration", self._metadata),
            Route("/keys", self._keys),
            Route("/userinfo", self._userinfo),
            Route("/authorize", server.authorize),
            Route("/token", server.token, methods=["POST"]),
        ]
        return Starlette(routes=routes)

    async def _metadata(self, _: Request) -> Response:
        parts = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        endpoints = {f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in parts.items()}
        told = {"issuer": self.says_it_is or self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        return JSONResponse(endpoints | told | {"id_token_signing_alg_values_supported": ["RS256"]})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _userinfo(self, request: Request) -> Response:
        known = request.headers.get("authorization", "").startswith("Bearer ")
        return JSONResponse(self.somebody | self.besides if known else {}, 200 if known else 401)


class _CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc] # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        asked = request.payload.data
        fields = ("redirect_uri", "scope", "nonce", "code_challenge", "code_challenge_method")
        self.server.provider.codes[code] = _Code(code, *(asked[name] for name in fields))

    def query_authorization_code(self, code: str, client: ClientMixin) -> _Code | None:
        found: _Code | None = self.server.provider.codes.get(code)
        return found

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        self.server.provider.codes.pop(authorization_code.code)

    def authenticate_user(self, authorization_code: _Code) -> str:
        return "somebody"


class _IdToken(OpenIDCode):  # type: ignore[misc] # Authlib has no types
    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=True)
        self._provider = provider

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        return False

    def resolve_client_private_key(self, client: ClientMixin) -> RSAKey:
        return self._provider.other_key if self._provider.signs_with_another_key else self._provider.key

    def get_client_algorithm(self, client: ClientMixin) -> str:
        return "RS256"

    def get_client_claims(self, client: ClientMixin) -> dict[str, Any]:
        return {"iss": self._provider.issuer, "aud": [CLIENT]}

    def get_encode_header(self, client: ClientMixin) -> dict[str, str]:
        return {"alg": "RS256", "kid": "1"}

    def generate_user_info(self, user: str, scope: str) -> dict[str, Any]:
        return self._provider.somebody | self._provider.spoils


class _Server(AuthorizationServer):  # type: ignore[misc] # Authlib has no types
    def __init__(self, provider: Provider) -> None:
        super().__init__(scopes_supported=["openid", "profile", "email"])
        self.provider = provider
        self.register_grant(_CodeGrant, [_IdToken(provider), CodeChallenge(required=True)])
        self.register_token_generator("default", BearerTokenGenerator(lambda **_: "an-access-token"))

    def query_client(self, client_id: str) -> _Client | None:
        return _Client() if client_id == CLIENT else None

    def save_token(self, token: Mapping[str, Any], request: OAuth2Request) -> None:
        """Nobody asks for it again."""

    def send_signal(self, *_: Any, **__: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        if isinstance(body, dict):
            return JSONResponse(body, status, dict(headers))
        return Response(body, status, dict(headers))

    async def authorize(self, request: Request) -> Response:
        """As if whoever comes had a session and had agreed before."""
        asked = _Asked(request, dict(request.query_params))
        answer: Response = self.create_authorization_response(
            asked, grant_user="somebody", grant=self.get_authorization_grant(asked)
        )
        return answer

    async def token(self, request: Request) -> Response:
        """A code for tokens."""
        form = {name: str(value) for name, value in (await request.form()).items()}
        answer: Response = self.create_token_response(_Asked(request, form))
        return answer


class _Asked(OAuth2Request):  # type: ignore[misc] # Authlib has no types
    def __init__(self, request: Request, given: dict[str, str]) -> None:
        headers = {name.title(): value for name, value in request.headers.items()}
        # Authlib's server wants https, as a real one has.
        super().__init__(request.method, str(request.url.replace(scheme="https")), headers=headers)
        self.payload = BasicOAuth2Payload(given)

    @property
    def form(self) -> dict[str, str]:
        """What was sent in."""
        return dict(self.payload.data)

    args = form


@asynccontextmanager
async def provider_at_work() -> AsyncIterator[Provider]:
    """A provider on a port of its own."""
    stop, web = asyncio.Event(), WebServer("127.0.0.1", 0)
    provider = Provider(web.url)
    serving = asyncio.create_task(web.serve_app(provider.app(), stop, timedelta(seconds=1)))
    try:
        yield provider
    finally:
        stop.set()
        await serving
        web.close()
