"""Links from the shop's own pages into the portal, for customers who are signed in there."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from starter.api.shared.api_keys import authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.problems import ALWAYS, OF_A_BODY
from starter.shared.links.portal_links import PortalLink, PortalLinkRequest, link_to
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/portal-links", tags=["portal"])

_ASK = Body(
    PortalLinkRequest, {"order_id": "SO-5501", "customer": "customer@example.com", "go": "return", "items": ["1"]}
)
_LINK = {"url": "https://shop.example.com/enter?token=WyJTTy01NTAx...", "ends_at": "2026-11-24T15:09:05Z"}


@router.post(
    "",
    summary="Make a link that opens an order's pages",
    **answers(
        PortalLink, _LINK, "A link that opens the pages once, within five minutes.", *ALWAYS, *OF_A_BODY, body=_ASK
    ),
    dependencies=[Depends(authenticate)],
)
async def make_portal_link(asked: Annotated[PortalLinkRequest, Depends(_ASK)], services: ServicesDep) -> Response:
    """Make a link that opens an order's pages for a customer who is signed in at the shop.

    Whoever follows it is let in, so send them there at once: a redirect, not a mail. Each call makes another link.
    """
    return json_of(await link_to(services, asked))
