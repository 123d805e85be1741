"""The one data converter of worker, client and replay: pydantic models as JSON."""

import json
from dataclasses import replace
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import (
    PydanticJSONPlainPayloadConverter,
    PydanticPayloadConverter,
    pydantic_data_converter,
)
from temporalio.converter import CompositePayloadConverter, DataConverter


class _Lenient(PydanticJSONPlainPayloadConverter):
    """JSON that our own checks shall see, whatever is in it.

    Where a workflow takes raw JSON, what cannot be read, such as half a surrogate pair, would
    fail its task for ever. It is read as far as Python can, else as null; the checks refuse it.
    """

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """See the SDK."""
        try:
            return super().from_payload(payload, type_hint)
        except (ValueError, RuntimeError):
            if type_hint not in (None, Any):
                raise
            try:
                return json.loads(payload.data)
            except ValueError:
                return None


def _made() -> CompositePayloadConverter:
    usual = PydanticPayloadConverter().converters.values()
    return CompositePayloadConverter(
        *(known for known in usual if not isinstance(known, PydanticJSONPlainPayloadConverter)), _Lenient()
    )


#: The SDK makes a converter for each workflow task and each activity. Shared, what they are made of keeps the types
#: that it has seen: looking one up again costs more than reading the payload.
_SHARED = _made()


class _Payloads(CompositePayloadConverter):
    def __init__(self) -> None:
        self.converters = _SHARED.converters


CONVERTER: DataConverter = replace(pydantic_data_converter, payload_converter_class=_Payloads)
