"""Links that a shop puts into its own pages and mails: a return's label, and where it stands."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response

from starter.api.returns.start_and_read import ReturnId
from starter.api.shared import examples
from starter.api.shared.api_keys import authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.problems import ALWAYS, NOT_FOUND, OF_A_BODY
from starter.shared.links.public_links import PublicLinkRequest, PublicLinks, links_to
from starter.shared.services import ServicesDep

router = APIRouter(prefix="/v1/returns/{return_id}/links", tags=["portal"])
_ASK: Final = Body(PublicLinkRequest, {"show": ["status", "label"], "valid_hours": 72})
_LINKS: Final = {
    "return_id": examples.RETURN_ID,
    "status_url": "https://shop.example.com/public/status?token=WyJSLTEwMDEi...",
    "label_url": "https://shop.example.com/public/label?token=WyJSLTEwMDEi...",
    "ends_at": "2026-11-27T15:04:05Z",
}


@router.post(
    "",
    summary="Make public links to a return's label and status",
    **answers(PublicLinks, _LINKS, "Links that open without signing in.", *ALWAYS, *OF_A_BODY, NOT_FOUND, body=_ASK),
    dependencies=[Depends(authenticate)],
)
async def make_public_links(
    return_id: ReturnId, asked: Annotated[PublicLinkRequest, Depends(_ASK)], services: ServicesDep
) -> Response:
    """Make links for the shop's own pages and mails; they open as often as one likes until they end.

    Whoever has the label's sees what is on it, names and addresses too. Each call makes other links, and ends none.
    """
    return json_of(await links_to(services, return_id, asked))
