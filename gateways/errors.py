"""How a partner fails, sorted by what to do about it."""

from datetime import timedelta


class GatewayError(Exception):
    """A partner did not do what was asked; ``code`` is a short word for logs."""

    def __init__(self, message: str, code: str) -> None:
        self.code = code
        super().__init__(message)


class Unavailable(GatewayError):
    """Try again: a time-out, a lost connection, a 5xx. The effect may have happened."""


class Busy(Unavailable):
    """Try again after a while: 429; ``retry_after`` is null where the partner did not say."""

    def __init__(self, message: str, code: str, retry_after: timedelta | None) -> None:
        self.retry_after = retry_after
        super().__init__(message, code)


class Declined(GatewayError):
    """Never try again: the partner understood and refused."""
