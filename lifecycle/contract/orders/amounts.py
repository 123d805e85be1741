"""Numbers and flags of an order, as JSON brings them."""

from typing import Annotated

from pydantic import Field

#: Money in minor units; strict, so that 40.0, "40" and true are refused.
Amount = Annotated[int, Field(strict=True, ge=0, le=10**12)]
#: Left out of what is sent and recorded where it is 0: an order without it takes no more room than before.
RareAmount = Annotated[Amount, Field(exclude_if=lambda amount: amount == 0)]
Count = Annotated[int, Field(strict=True, ge=1, le=1000)]
Flag = Annotated[bool, Field(strict=True)]
