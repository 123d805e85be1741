"""What an operator says of how a partner's failed steps are tried again."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from lifecycle.contract.texts import Text, Words

_HOUR = 3600
#: Seconds, of which thousandths count.
Seconds = Annotated[float, Field(ge=0.1, le=_HOUR, allow_inf_nan=False)]

#: So many a second.
Rate = Annotated[float, Field(ge=0.1, le=100)]


class RetryChange(BaseModel):
    """From now on, failed steps of a partner are tried again so; what is left out stays as it is.

    Waits double from ``initial_seconds`` to ``maximum_seconds``. A step fails for good ``give_up_after_seconds``
    after its first failure. Of a partner's ``Retry-After``, ``retry_after_maximum_seconds`` count at most. Once it
    is back after it had failed for everybody, ``recovery_rps`` of the steps that wait are tried each second.
    """

    by: Words
    why: Text
    initial_seconds: Seconds | None = None
    maximum_seconds: Seconds | None = None
    give_up_after_seconds: Annotated[float, Field(ge=1, le=14 * 24 * _HOUR)] | None = None
    retry_after_maximum_seconds: Annotated[float, Field(ge=0, le=24 * _HOUR)] | None = None
    recovery_rps: Rate | None = None


class RetryReset(BaseModel):
    """From now on, failed steps of a partner are tried again as the code and the settings say."""

    by: Words
    why: Text


class HurrySteps(BaseModel):
    """Waiting steps of a partner are tried now, so many a second; ``code`` names one way of failing."""

    code: Words | None = None
    rps: Rate = 5.0


class LimitChange(BaseModel):
    """From now on, at most ``rps`` steps of a partner begin each second: 0 is a pause, null no limit.

    With ``for_seconds`` it holds for so long, then what held before it. One that ``ramps`` is doubled every ten
    seconds, until what held before it is reached, or a hundred a second, where it is lifted.
    """

    by: Words
    why: Text
    rps: Annotated[float, Field(ge=0, le=1000)] | None
    for_seconds: Annotated[float, Field(ge=1, le=30 * 24 * _HOUR)] | None = None
    ramps: bool = False

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        if self.for_seconds is not None and (self.rps is None or self.ramps):
            raise ValueError("expected no for_seconds where the limit is lifted, or ramps")
        if self.ramps and not self.rps:
            raise ValueError("expected an rps above 0 to ramp up from")
        return self
