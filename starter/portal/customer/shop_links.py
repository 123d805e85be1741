"""Where links from the shop's own pages lead: in without a button, once, and not for long.

The API has made the link, or the shop itself, which signs what stands in the address with a secret that both know.
"""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from gateways.database.messages.signed_links import PORTAL_LINK, PORTAL_LINK_SECONDS, SIGN_IN_HOURS
from gateways.database.sessions import use_link
from lifecycle.contract.boundary import read
from lifecycle.contract.errors import InvalidRequest
from starter.portal.shared.forms import csrf_token
from starter.portal.shared.pages import page
from starter.portal.shared.session import admit_to_order, lead_back_to, now, visitor
from starter.shared.links.portal_links import Destination, PortalLinkRequest, destination
from starter.shared.services import Services, ServicesDep

router = APIRouter()
#: Seconds ahead that a link which the shop has signed may end.
LONGEST_SIGNED: Final = 900
_SIGNATURE: Final = "&signature="


class SignedLink(PortalLinkRequest):
    """A link that the shop has signed; ``expires`` is in seconds since 1970."""

    expires: Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class _Entry:
    """Where a link leads, and by which name it is used up."""

    to: Destination
    link: str


@router.get("/enter")
async def enter(
    request: Request,
    services: ServicesDep,
    token: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """Let in whoever follows a link of the shop's; one that is used, too old or not ours says so."""
    entry = await _sealed(request, token) if token else await _signed(request, services)
    if entry is None or not await _admitted(request, services, entry):
        values: dict[str, Any] = {"order_id": None, "token": "", "hours": SIGN_IN_HOURS}
        return page(request, "customer/sign_in.html", status=403, **values)
    lead_back_to(request, entry.to.return_to)
    return RedirectResponse(entry.to.path, 303)


async def _admitted(request: Request, services: Services, entry: _Entry) -> bool:
    """Whether this visitor sees the order now, or did so before."""
    if entry.to.order_id in visitor(request).orders:
        return True
    at = now()
    if not await use_link(services.db, entry.link, csrf_token(request), at, at + timedelta(seconds=LONGEST_SIGNED)):
        return False
    await admit_to_order(request, entry.to.order_id)
    return True


async def _sealed(request: Request, token: str) -> _Entry | None:
    """A link that the API has made."""
    found = await request.app.state.signer.verified(PORTAL_LINK, token, PORTAL_LINK_SECONDS)
    if not isinstance(found, list):
        return None
    order_id, path, return_to, _ = found
    return _Entry(Destination(order_id, path, return_to), token.rpartition(".")[0])


async def _signed(request: Request, services: Services) -> _Entry | None:
    """A link that the shop has signed: all that stands before its signature, as it stands there."""
    told, _, signature = request.scope["query_string"].decode("latin-1").rpartition(_SIGNATURE)
    secret = services.settings.link_secret
    if secret is None or not _is_signed(secret.get_secret_value(), told, signature):
        return None
    try:
        asked = read(SignedLink, _fields(told))
        ends_in = asked.expires - now().timestamp()
        if not 0 < ends_in <= LONGEST_SIGNED:
            return None
        return _Entry(await destination(services, asked), f"signed {signature}")
    except InvalidRequest:
        return None


def _is_signed(secret: str, told: str, signature: str) -> bool:
    expected = hmac.new(secret.encode(), told.encode("latin-1"), sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("latin-1", "replace"))


def _fields(told: str) -> dict[str, Any]:
    fields: dict[str, Any] = dict(parse_qsl(told))
    if "items" in fields:
        fields["items"] = fields["items"].split(",")
    return fields
