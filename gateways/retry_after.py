"""What a partner says about when to come back."""

import math
from datetime import timedelta


def parse(text: str | None) -> timedelta | None:
    """A Retry-After in seconds, up to a day; None for anything else (a date, nonsense, none)."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return timedelta(seconds=seconds) if math.isfinite(seconds) and 0 <= seconds <= 86_400 else None
