"""Webhooks in: signed, answered once the inbox has them (CONTRACT section 8).

Whose webhook it is, is proved by the partner's own signature over the raw body, so none of these
calls asks for an API key.
"""

from datetime import UTC, datetime
from typing import Any, Final, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, SecretStr

from gateways.webhooks import NotJson, NotSigned, Webhooks
from starter.api.shared.problems import FAILED, MALFORMED, TOO_LARGE, UNAVAILABLE, Failure, Kind, problem_responses
from starter.api.shared.problems import INVALID as WRONG_CONTENT
from starter.shared.inbox import Inbox, OtherContent
from starter.shared.services import Services, ServicesDep
from workers.settings import PREFIX

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])

NO_SECRET: Final = Kind("no-secret", 404, "No secret", "The partner's webhook secret is not set; detail names it.")
NOT_SIGNED: Final = Kind(
    "not-signed", 401, "Not signed", "The signature does not fit, or its time is too far from now."
)
OTHER_CONTENT: Final = Kind("other-content", 409, "Known with another content", "The same webhook-id came before.")

Partner = Literal["easypost", "stripe", "warehouse"]


class WebhookAnswer(BaseModel):
    """Its state, and ``why`` it is not with its return yet, where that is so."""

    state: Literal["ignored", "repeated", "passed", "dismissed", "queued", "waiting"]
    why: str | None = None


_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": WebhookAnswer,
        "description": "Its return has it, or had it before, or it is about nothing we care for.",
    },
    202: {"model": WebhookAnswer, "description": "It is stored: forwarded as soon as possible, or by an operator."},
    **problem_responses(MALFORMED, NOT_SIGNED, NO_SECRET, OTHER_CONTENT, TOO_LARGE, WRONG_CONTENT, FAILED, UNAVAILABLE),
}


def _described(signature: str, example: dict[str, Any]) -> dict[str, Any]:
    """The body and the headers as the OpenAPI page describes them: they are read raw, to check the signature."""
    content = {"application/json": {"schema": {"type": "object"}, "example": example}}
    header = {"name": signature, "in": "header", "required": False, "schema": {"type": "string"}}
    return {"parameters": [header], "requestBody": {"required": True, "content": content}, "security": []}


_SCAN: Final = {
    "id": "evt_1",
    "object": "Event",
    "description": "tracker.updated",
    "created_at": "2026-11-10T09:00:05Z",
    "result": {
        "id": "trk_1",
        "object": "Tracker",
        "tracking_code": "9400100000000000000000",
        "status": "in_transit",
        "tracking_details": [{"status": "in_transit", "message": "Accepted", "datetime": "2026-11-10T09:00:00Z"}],
    },
}
_REFUND: Final = {
    "id": "evt_1",
    "object": "event",
    "type": "refund.failed",
    "created": 1794474000,
    "data": {
        "object": {
            "id": "re_1",
            "object": "refund",
            "status": "failed",
            "failure_reason": "expired_or_canceled_card",
            "metadata": {"return_id": "R-1001"},
        }
    },
}
_RECEIPT: Final = {
    "type": "receipt",
    "return_id": "R-1001",
    "data": {"receipt_id": "rcpt-1", "complete": True, "units": [{"line_id": "1", "quantity": 1}]},
}


@router.post(
    "/easypost", response_model=WebhookAnswer, responses=_ANSWERS, openapi_extra=_described("X-Hmac-Signature", _SCAN)
)
async def easypost(request: Request, response: Response, services: ServicesDep) -> WebhookAnswer:
    """What a carrier says of a parcel, from EasyPost: events of trackers; others are ignored."""
    return await _receive("easypost", request, response, services)


@router.post(
    "/stripe", response_model=WebhookAnswer, responses=_ANSWERS, openapi_extra=_described("Stripe-Signature", _REFUND)
)
async def stripe(request: Request, response: Response, services: ServicesDep) -> WebhookAnswer:
    """The outcome of a refund, from Stripe: events of refunds; others are ignored."""
    return await _receive("stripe", request, response, services)


@router.post(
    "/warehouse",
    response_model=WebhookAnswer,
    responses=_ANSWERS,
    openapi_extra=_described("webhook-signature", _RECEIPT),
)
async def warehouse(request: Request, response: Response, services: ServicesDep) -> WebhookAnswer:
    """A receipt or an inspection, from the warehouse, signed as Standard Webhooks are."""
    return await _receive("warehouse", request, response, services)


async def _receive(partner: Partner, request: Request, response: Response, services: Services) -> WebhookAnswer:
    reader = _reader(partner, _secret(partner, services))
    body = await request.body()
    try:
        events = reader.read(body, request.headers, datetime.now(UTC))
    except NotSigned as error:
        raise Failure(NOT_SIGNED, str(error)) from None
    except NotJson as error:
        raise Failure(MALFORMED, str(error)) from None
    try:
        taken = await Inbox(services.homeward, services.db).take(events)
    except OtherContent as error:
        raise Failure(OTHER_CONTENT, str(error)) from None
    response.status_code = 200 if taken.done else 202
    return WebhookAnswer(state=taken.state, why=taken.why)


def _secret(partner: Partner, services: Services) -> str:
    name = f"{partner}_webhook_secret"
    secret: SecretStr | None = getattr(services.settings, name)
    if secret is None:
        raise Failure(NO_SECRET, f"{PREFIX}{name.upper()} is not set")
    return secret.get_secret_value()


def _reader(partner: Partner, secret: str) -> Webhooks:
    """The partners' own libraries are loaded at their first webhook: they cost half a second."""
    if partner == "easypost":
        from gateways.carrier.easypost_webhooks import EasyPostWebhooks

        return EasyPostWebhooks(secret)
    if partner == "stripe":
        from gateways.payment.stripe_webhooks import StripeWebhooks

        return StripeWebhooks(secret)
    from gateways.warehouse.standard_webhooks import StandardWebhooks

    return StandardWebhooks(secret)
