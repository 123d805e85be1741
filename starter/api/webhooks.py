"""Webhooks in: signed, answered once the inbox has them (CONTRACT section 8).

Whose webhook it is, is proved by the partner's own signature over the raw body, so none of these
calls asks for an API key.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr

from gateways.webhook_protocol import NotJson, NotSigned
from starter.api.shared.problems import (
    FAILED,
    MALFORMED,
    NO_SECRET,
    NOT_SIGNED,
    OTHER_CONTENT,
    TOO_LARGE,
    UNAVAILABLE,
    Failure,
    problem_responses,
)
from starter.api.shared.problems import INVALID as WRONG_CONTENT
from starter.shared.inbox import Inbox, OtherContent
from starter.shared.services import ServicesDep
from workers.settings import PREFIX, Settings
from workers.webhook_table import WEBHOOKS, PartnerWebhook

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])


class MessageAnswer(BaseModel):
    """The state of one message of several."""

    state: Literal["ignored", "repeated", "passed", "dismissed", "queued", "waiting"]
    why: str | None = None


class WebhookAnswer(BaseModel):
    """Its state, and ``why`` it is not with its return yet, where that is so.

    Of several messages the gravest, and that of each in ``messages``, in their order.
    """

    state: Literal["ignored", "repeated", "passed", "dismissed", "queued", "waiting"]
    why: str | None = None
    messages: Annotated[list[MessageAnswer], Field(exclude_if=lambda messages: not messages)] = []


_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": WebhookAnswer,
        "description": "Its return has it, or had it before, or it is about nothing we care for.",
    },
    202: {"model": WebhookAnswer, "description": "It is stored: forwarded as soon as possible, or by an operator."},
    **problem_responses(MALFORMED, NOT_SIGNED, NO_SECRET, OTHER_CONTENT, TOO_LARGE, WRONG_CONTENT, FAILED, UNAVAILABLE),
}


def _described(webhook: PartnerWebhook) -> dict[str, Any]:
    """The body and the headers as the OpenAPI page describes them: they are read raw, to check the signature."""
    content = {"application/json": {"schema": {"type": "object"}, "example": webhook.example}}
    header = {"name": webhook.signature, "in": "header", "required": False, "schema": {"type": "string"}}
    return {"parameters": [header], "requestBody": {"required": True, "content": content}, "security": []}


def _endpoint(webhook: PartnerWebhook) -> Callable[..., Awaitable[WebhookAnswer]]:
    async def receive(request: Request, response: Response, services: ServicesDep) -> WebhookAnswer:
        reader = webhook.reader(_secret(webhook, services.settings))
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
        several = webhook.answers_each and len(taken.each) > 1
        each = [MessageAnswer(state=one.state, why=one.why) for one in taken.each] if several else []
        return WebhookAnswer(state=taken.state, why=taken.why, messages=each)

    return receive


def _secret(webhook: PartnerWebhook, settings: Settings) -> str:
    secret: SecretStr | None = getattr(settings, webhook.setting)
    if secret is None:
        raise Failure(NO_SECRET, f"{PREFIX}{webhook.setting.upper()} is not set")
    return secret.get_secret_value()


for _name, _webhook in WEBHOOKS.items():
    router.add_api_route(
        f"/{_name}",
        _endpoint(_webhook),
        methods=["POST"],
        name=_name,
        operation_id=f"receive_from_{_name}",
        description=_webhook.description,
        response_model=WebhookAnswer,
        responses=_ANSWERS,
        openapi_extra=_described(_webhook),
    )
