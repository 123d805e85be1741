"""Who bought."""

from typing import Annotated

from pydantic import BaseModel, Field

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
    """Who bought; the only personal data of a return."""

    customer_id: Identifier
    name: Words
    email: EmailAddress
    phone: ShortWords | None = None
    address: Address
