"""What steps count, for Prometheus; docs/operating.md says what each means, and no label names a return or anybody."""

import re
from typing import Final

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

from lifecycle.returns.promise import Kept

# The instant of each series' first value would be a series more.
disable_created_metrics()  # type: ignore[no-untyped-call]

PARTNER_CALLS: Final = Counter(
    "homeward_partner_calls", "Attempts of steps, by how they came out", ["partner", "call", "outcome", "code"]
)
PARTNER_CALL_SECONDS: Final = Histogram(
    "homeward_partner_call_seconds",
    "How long attempts of steps took",
    ["partner", "call"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30),
)
RETURNS_STARTED: Final = Counter("homeward_returns_started", "Returns decided on", ["method", "resolution"])
RETURNS_SETTLED: Final = Counter(
    "homeward_returns_settled", "Returns closed and settled, by how the promise was kept", ["resolution", "promise"]
)
REFUNDED: Final = Counter("homeward_refunded_minor_units", "Money refunded, in minor units", ["currency"])
POLICY_REFUSED: Final = Gauge("homeward_policy_refused", "Whether the changed policy file is refused")
#: Codes are ours, a partner's own or HTTP's; what does not look like one is counted as another.
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,59}|[1-5][0-9]{2}")


def count_attempt(partner: str, call: str, seconds: float, outcome: str, code: str = "") -> None:
    """Count one attempt of a step: ``call`` is its activity's type, ``code`` says how it failed."""
    PARTNER_CALLS.labels(partner, call, outcome, code_label(code) if code else "").inc()
    PARTNER_CALL_SECONDS.labels(partner, call).observe(seconds)


def code_label(code: str) -> str:
    """The code as a label: a partner's own may be any, and no metric may grow with what partners say."""
    return code if _CODE.fullmatch(code) else "other"


def how_kept(promise: Kept | None) -> str:
    """How the promise of a settled return was kept: within its target where the clock had not started."""
    if promise is None or promise.settled is None or promise.settled <= promise.target:
        return "target"
    return "limit" if promise.settled <= promise.limit else "late"
