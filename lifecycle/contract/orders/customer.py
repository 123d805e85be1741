"""Who bought."""

from hashlib import sha256
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, model_validator

from lifecycle.contract.errors import problem
from lifecycle.contract.texts import EmailAddress, Identifier, LongLine, MaybeWords, ShortWords, Words


class Address(BaseModel):
    """A postal address; ``country`` is ISO 3166-1 alpha-2."""

    name: LongLine | None = None
    line1: Words
    line2: MaybeWords | None = None
    city: Words
    state: ShortWords | None = None
    postal_code: ShortWords | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Customer(BaseModel):
    """Who bought; the only personal data of a return.

    Without an id it is a guest, who is known by the mail address; without that, by the order alone. Nothing is mailed
    to who has no address for it, and nothing is fetched from or sent to who has no postal one.
    """

    customer_id: Annotated[Identifier, Field(default_factory=str)]
    name: MaybeWords = ""
    email: EmailAddress | None = None
    phone: ShortWords | None = None
    address: Address | None = None

    @model_validator(mode="before")
    @classmethod
    def _null_is_no_id(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and raw.get("customer_id", "") is None:
            return {name: value for name, value in raw.items() if name != "customer_id"}
        return raw

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if not self.name and (self.email or self.address):
            raise problem("name", "the customer's name, where there is an address or a mail address")
        if not self.customer_id and self.email:
            self.call_guest(self.email)
        return self

    def call_guest(self, by: str) -> None:
        """Give a customer without an id the one of a guest who is known by this; it counts as left out all the same."""
        self.__dict__["customer_id"] = guest_id(by)

    @property
    def mailbox(self) -> str:
        """Where mails go to; ``ValueError`` without a mail address."""
        if self.email is None:
            raise ValueError("the customer has no mail address")
        return self.email

    @property
    def home(self) -> Address:
        """Where parcels are fetched and sent; ``ValueError`` without an address."""
        if self.address is None:
            raise ValueError("the customer has no address")
        return self.address


def guest_id(by: str) -> str:
    """The id of a guest: the same for all orders with one mail address, which cannot be read from it."""
    return f"guest:{sha256(by.strip().lower().encode()).hexdigest()[:32]}"


def id_of(customer: str) -> str:
    """A customer's id as an operator says it: ``guest:`` and a mail address names that guest."""
    kind, _, address = customer.partition(":")
    return guest_id(address) if kind == "guest" and "@" in address else customer
