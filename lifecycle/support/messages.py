"""What starts a support case, and what is said to it: three updates (CONTRACT section 7).

Unknown fields change nothing, and an update's answer names them; nullable fields may be left out.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from lifecycle.contract.boundary import read
from lifecycle.contract.messages import By
from lifecycle.contract.request import Channel, ExchangeItem, Flag, Item, Method, Order, invalid_as_request_error
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.texts import EmailAddress, Identifier, LongText, ReturnId, Text, Words
from lifecycle.contract.times import PickupSlot

#: Who writes as the customer; everybody else writes for the shop.
CUSTOMER = "customer"
#: The id of the question itself among the messages of its case.
QUESTION = "question"


def _says_something(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("support", "expected some words")
    return text


CaseId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
MessageText = Annotated[LongText, AfterValidator(_says_something)]


class Queue(StrEnum):
    """Whose task it is: those who see to returns, or those who answer everything else."""

    RETURNS = "returns"
    SUPPORT = "support"


class Question(BaseModel):
    """A question after the sale. ``return_id`` is the return that it is about, ``follows`` a closed case.

    Without a ``queue``, a question that names a return is for those who see to returns.
    """

    channel: Channel = Channel.WEB
    email: EmailAddress
    subject: Words
    text: MessageText
    order_id: Identifier | None = None
    return_id: ReturnId | None = None
    queue: Queue | None = None
    follows: CaseId | None = None

    @property
    def lands_in(self) -> Queue:
        """The queue it is for."""
        return self.queue or (Queue.RETURNS if self.return_id else Queue.SUPPORT)


class SupportRequest(Question):
    """The question that starts a case."""

    case_id: CaseId
    #: It comes from a form that anybody can fill in, with anybody's address.
    anonymous: Flag = False


class AddMessage(BaseModel):
    """One more message: the customer's, or an answer by somebody of the shop, whom ``by`` names."""

    message_id: Identifier
    by: By
    text: MessageText


class CloseCase(BaseModel):
    """Nothing more is to be answered; ``by`` the customer, or somebody of the shop."""

    by: By
    reason: Text | None = None


class WantedReturn(BaseModel):
    """The request of a return as far as it is known: what is left out is taken from the case and its order.

    ``order_id`` is another order than the case's, ``order`` one that the shop need not be asked for.
    """

    order_id: Identifier | None = None
    order: Order | None = None
    items: Annotated[list[Item], Field(min_length=1, max_length=500)] | None = None
    resolution: Resolution = Resolution.REFUND
    method: Method = Method.MAIL
    exchange_for: list[ExchangeItem] | None = None
    pickup_slot: PickupSlot | None = None


class MakeReturn(BaseModel):
    """The case becomes a return; ``anyway``: even if the order is not of the address that asked."""

    by: By
    request: WantedReturn | None = None
    anyway: Flag = False


def parse_case(raw: Any, *, forbid_unknown: bool = False) -> SupportRequest:
    """Check what starts a case; raises ``InvalidRequest``, whose message names every field that is wrong.

    ``forbid_unknown`` is for the command line and the pages, where texts are judged strictly too.
    """
    if forbid_unknown:
        return read(SupportRequest, raw)
    with invalid_as_request_error():
        return SupportRequest.model_validate(raw)
