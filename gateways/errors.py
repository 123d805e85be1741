"""How a partner fails, classified by what to do about it."""

import re
from datetime import timedelta

#: A code is shown and logged, so a partner's own is taken only where it cannot be a sentence.
_CODE = re.compile(r"^[A-Za-z0-9_.:-]{1,60}$")


class GatewayError(Exception):
    """A partner did not do what was asked.

    ``message`` is our own text and ``code`` a short word: both may be shown anywhere. ``words`` are the
    partner's own, which may quote a name or an address: they are kept with the ledger and go nowhere else.
    """

    def __init__(self, message: str, code: str, words: str | None = None) -> None:
        self.code = code_or(code, "other")
        self.words = words
        super().__init__(message)

    @property
    def facts(self) -> dict[str, str | list[str]]:
        """What a log may say of it besides its code: names of ours and of the shop's, never a value."""
        return {}


class Unavailable(GatewayError):
    """Try again: a time-out, a lost connection, a 5xx. The effect may have happened."""


class Busy(Unavailable):
    """Try again after a while: 429; ``retry_after`` is None where the partner did not say."""

    def __init__(self, message: str, code: str, retry_after: timedelta | None, words: str | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message, code, words)


class Declined(GatewayError):
    """Never try again: the partner understood and refused."""


class Unclear(Declined):
    """Never try again by itself: the partner refuses to say whether an earlier call had its effect."""


def code_or(word: str | None, otherwise: str) -> str:
    """A partner's word where it is a code, such as ``insufficient_funds``; else the other one."""
    return word if word and _CODE.match(word) else otherwise
