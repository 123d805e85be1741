"""What the shop's own refund service answers: ``docs/own-systems.openapi.json`` describes it."""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, Field

#: How the service's words are called here.
STATUSES: Final[dict[str, Literal["pending", "succeeded", "failed"]]] = {
    "done": "succeeded",
    "pending": "pending",
    "failed": "failed",
}
_Reference = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
_Amount = Annotated[int, Field(strict=True, ge=0, le=10**12)]


class RefundAnswer(BaseModel):
    """To a refund that is asked for; ``amount`` in minor units, what was asked for where it is left out."""

    status: Literal["done", "pending", "failed", "refused"]
    reference: _Reference | None = None
    amount: _Amount | None = None
    code: str | None = None


class KnownRefund(BaseModel):
    """A refund as the service knows it."""

    reference: _Reference
    status: Literal["done", "pending", "failed"]
    amount: _Amount


class FoundRefund(BaseModel):
    """The refund that was looked for; None for nothing."""

    refund: KnownRefund | None


class HeldAmount(BaseModel):
    """What a tender still holds, in minor units."""

    amount: _Amount


class ListedRefund(KnownRefund):
    """One of a list; without ``idempotency_key`` somebody else asked for it."""

    idempotency_key: str | None = None
    tender_reference: str | None = None
    made_at: AwareDatetime | None = None


class RefundPage(BaseModel):
    """A part of the list, and where the next one begins."""

    refunds: list[ListedRefund]
    cursor: str | None = None
