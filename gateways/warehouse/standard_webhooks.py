"""A warehouse's webhooks: receipts and inspections, signed by Standard Webhooks.

https://www.standardwebhooks.com: the headers ``webhook-id``, ``webhook-timestamp`` (at most five
minutes from now, both ways) and ``webhook-signature``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, Field, model_validator

from gateways.signatures import Signatures
from gateways.webhook_protocol import PartnerEvent, read_as, read_json
from lifecycle.contract.errors import InvalidRequest, problem
from lifecycle.contract.messages import Inspection, Receipt
from lifecycle.contract.said_by import check_unsigned
from lifecycle.contract.texts import Identifier, ReturnId

_LONGEST_ID = 190
#: Messages of one call.
MOST: Final = 50


class _Document(BaseModel):
    type: Literal["receipt", "inspection"]
    return_id: ReturnId | None = None
    tracking_code: Identifier | None = None
    data: Any

    @model_validator(mode="after")
    def _names_one_return(self) -> Self:
        if (self.return_id is None) is (self.tracking_code is None):
            raise problem("return_id", "this or a tracking_code, one of the two")
        return self


class _Several(BaseModel):
    messages: Annotated[list[Any], Field(min_length=1, max_length=MOST)]


_MESSAGES: Final[Mapping[str, type[Receipt] | type[Inspection]]] = {"receipt": Receipt, "inspection": Inspection}


class StandardWebhooks:
    """See the protocol; ``source`` calls, and shares the secret with us, as Standard Webhooks write it.

    While it is being changed ``secrets`` holds two, with a blank between.
    """

    def __init__(self, source: str, secrets: str) -> None:
        self._source = source
        self._signatures = Signatures(secrets)

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> list[PartnerEvent]:  # noqa: ARG002
        """See the protocol; the signature's time is checked with it."""
        event_id = self._signatures.check(body, headers)
        if len(event_id) > _LONGEST_ID:
            raise InvalidRequest([("webhook-id", f"expected at most {_LONGEST_ID} characters")])
        raw = read_json(body)
        if not (isinstance(raw, dict) and "messages" in raw):
            return [self._event(raw, event_id)]
        messages = read_as(_Several, raw, strict=True).messages
        return [
            self._event(message, f"{event_id}/{number}", f"messages.{number}.")
            for number, message in enumerate(messages)
        ]

    def _event(self, raw: Any, event_id: str, where: str = "") -> PartnerEvent:
        """One receipt or inspection, which stands at ``where`` in the body."""
        with _within(where):
            document = read_as(_Document, raw)
            with _within("data."):
                # A field that is not known is a typing error, such as a quantity under another name.
                message = read_as(_MESSAGES[document.type], document.data, strict=True)
                check_unsigned(message.by)  # timelines name an API key beside whoever has shown it, and nobody has
        of_return, parcel = document.return_id, document.tracking_code
        return PartnerEvent(self._source, event_id, document.type, message, of_return, tracking_code=parcel)


@contextmanager
def _within(where: str) -> Iterator[None]:
    """Name a field that is wrong by its place in the body."""
    try:
        yield
    except InvalidRequest as error:
        raise InvalidRequest(
            [(f"{where}{field}".removesuffix(".body"), text) for field, text in error.problems]
        ) from None
