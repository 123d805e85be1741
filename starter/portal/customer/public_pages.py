"""A return's label, and where it stands, for whoever has the shop's link to it: nothing else, and not for ever."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response

from client.errors import NotAllowed
from gateways.database.messages.signed_links import PUBLIC_LINK
from gateways.database.returns.records import policy_in, request_in
from gateways.errors import Declined
from lifecycle.contract.policy import Policy
from starter.portal.customer.progress import progress_of
from starter.portal.customer.wording import headline_of, promise_of
from starter.portal.shared.formats import Days
from starter.portal.shared.pages import page
from starter.portal.shared.session import now
from starter.shared.handover_options import label_of
from starter.shared.links.public_links import LONGEST, Show, Shown, opened
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_Token = Annotated[str, Query(max_length=1000)]
_SECONDS: Final = LONGEST * 3600


@router.get("/public/status")
async def status(request: Request, services: ServicesDep, token: _Token = "") -> Response:
    """Where the return stands, without names, addresses, goods or amounts."""
    found = await _opened(request, token, "status")
    if found is None:
        return _ended(request)
    view = await services.homeward.view(found.return_id)
    asked = await services.db.read(lambda connection: request_in(connection, found.return_id))
    policy = await _policy(services, found.return_id)
    known, days = progress_of(view, asked), Days(policy.clock.timezone)
    shown: dict[str, Any] = {"view": view, "known": known, "days": days, "headline": headline_of(view, known)}
    return page(request, "customer/public.html", **shown, promise=promise_of(view, policy, days))


@router.get("/public/label")
async def label(request: Request, services: ServicesDep, token: _Token = "") -> Response:
    """The label as PDF, or the drop-off code as PNG; 404 while there is none, and once it is used or void."""
    found = await _opened(request, token, "label")
    if found is None:
        return _ended(request)
    view = await services.homeward.view(found.return_id)
    if view.closed or view.handover.at:  # nobody needs the name and the address on it any more
        raise HTTPException(404)
    try:
        file = await label_of(services, found.return_id)
    except (NotAllowed, Declined):
        raise HTTPException(404) from None
    headers = {"Content-Disposition": f'inline; filename="{file.filename}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)


async def _opened(request: Request, token: str, show: Show) -> Shown | None:
    sealed = await request.app.state.signer.verified(PUBLIC_LINK, token, _SECONDS) if token else None
    return opened(sealed, show, now())


def _ended(request: Request) -> Response:
    return page(request, "customer/public_ended.html", status=403)


async def _policy(services: Services, return_id: str) -> Policy:
    kept = await services.db.read(lambda connection: policy_in(connection, return_id))
    return Policy.model_validate(kept) if kept else services.policy()
