"""Partners' webhooks: signed, read, and turned into messages for a return."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NoReturn, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from lifecycle.contract.boundary import read
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.messages import Inspection, PaymentEvent, Receipt, TrackingEvent
from lifecycle.contract.request import faults, problems
from lifecycle.shared.json_keys import RepeatedKey, once

Kind = Literal["tracking", "payment", "receipt", "inspection"]
Message = TrackingEvent | PaymentEvent | Receipt | Inspection
Model = TypeVar("Model", bound=BaseModel)

MESSAGES: Mapping[Kind, type[Message]] = {
    "tracking": TrackingEvent,
    "payment": PaymentEvent,
    "receipt": Receipt,
    "inspection": Inspection,
}


class NotSigned(Exception):
    """The signature does not fit, or the time that goes with it is too far from now."""


class NotJson(Exception):
    """The body cannot be read."""


@dataclass(frozen=True)
class PartnerEvent:
    """One message for one return; ``event_id`` is the same when the partner sends it again.

    ``return_id`` is None where the partner does not name it: its parcel or its refund leads to it.
    """

    source: str
    event_id: str
    kind: Kind
    message: Message
    return_id: str | None = None
    #: The parcel that leads to its return, where the message itself does not name it.
    tracking_code: str | None = None
    #: Not of a return at all, unless a parcel or refund of one is found.
    only_if_known: bool = False


class Webhooks(Protocol):
    """One partner's webhooks."""

    def read(self, body: bytes, headers: Mapping[str, str], now: datetime) -> list[PartnerEvent]:
        """The events that the webhook brings; none where it is about something else.

        ``headers`` are found in any case. Raises ``NotSigned``, ``NotJson``, ``InvalidRequest``.
        """
        ...


def read_json(body: bytes) -> Any:
    """The body as JSON; raises ``NotJson``."""
    try:
        return json.loads(body, parse_constant=_no_constant, object_pairs_hook=once)
    except RepeatedKey as error:
        raise NotJson(f"expected JSON: {error}") from None
    except (ValueError, RecursionError):
        raise NotJson("expected JSON in UTF-8") from None


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def read_as(model: type[Model], raw: Any, *, strict: bool = False) -> Model:
    """What is needed of it; raises ``InvalidRequest``, which names the fields.

    ``strict``: unknown fields are refused, texts judged; a carrier's or a payment provider's are taken as they come.
    """
    if strict:
        return read(model, raw)
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise InvalidRequest(problems(error), faults(error)) from None
