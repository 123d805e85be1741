"""A warehouse's webhooks: receipts and inspections, signed by Standard Webhooks.

https://www.standardwebhooks.com: the headers ``webhook-id``, ``webhook-timestamp`` (at most five
minutes from now, both ways) and ``webhook-signature``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel
from standardwebhooks import Webhook, WebhookVerificationError

from gateways.webhook_protocol import NotSigned, PartnerEvent, read_as, read_json
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.messages import Inspection, Receipt
from lifecycle.contract.said_by import check_unsigned
from lifecycle.contract.texts import ReturnId

_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
_LONGEST_ID = 200


class _Document(BaseModel):
    type: Literal["receipt", "inspection"]
    return_id: ReturnId
    data: Any


_MESSAGES: Final[Mapping[str, type[Receipt] | type[Inspection]]] = {"receipt": Receipt, "inspection": Inspection}


class StandardWebhooks:
    """See the protocol; ``source`` calls, and shares the secret with us, as Standard Webhooks write it."""

    def __init__(self, source: str, secret: str) -> None:
        self._source = source
        self._webhook = Webhook(secret)

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> list[PartnerEvent]:  # noqa: ARG002
        """See the protocol; the library looks at the clock itself."""
        given = {name: headers.get(name, "") for name in _HEADERS}
        try:
            self._webhook.verify(body, given, json_parse=False)
        except (WebhookVerificationError, ValueError, TypeError) as error:
            # The library's own words; whatever it stumbles over is no signature either.
            why = str(error) if isinstance(error, WebhookVerificationError) else "cannot be read"
            raise NotSigned(f"webhook-signature: {why}") from None
        if len(given["webhook-id"]) > _LONGEST_ID:
            raise InvalidRequest([("webhook-id", f"expected at most {_LONGEST_ID} characters")])
        document = read_as(_Document, read_json(body))
        try:
            # A field that is not known is a typing error, such as a quantity under another name.
            message = read_as(_MESSAGES[document.type], document.data, strict=True)
            check_unsigned(message.by)  # timelines name an API key beside whoever has shown it, and nobody has
        except InvalidRequest as error:
            raise InvalidRequest(
                [(f"data.{field}".removesuffix(".body"), text) for field, text in error.problems]
            ) from None
        return [PartnerEvent(self._source, given["webhook-id"], document.type, message, document.return_id)]
