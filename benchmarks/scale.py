"""What so many returns a day need: ``python -m benchmarks.scale`` prints the table of ``docs/scale.md``.

Figures are those of `make bench` and `make load`; after measuring anew, write them here and the table there.
"""

from dataclasses import dataclass
from math import ceil, log2

PER_DAY = (1_000, 100_000, 5_000_000)
_DAY = 24 * 3600
_MONTH_HOURS = 730

# Measured, of one plain return; CPU in seconds, sizes in bytes.
ACTIONS = 17
HISTORY = 10_200
TRANSITIONS = 16
SERVER_CPU = 0.059
API_CPU = 0.004
#: By the roles that do the work; local steps are done where the workflow runs.
WORKER_CPU = {"returns": 0.036, "carrier": 0.005, "payment": 0.004, "messages": 0.002}
REPLAY_CPU = 0.014
OPEN_IN_WORKER = 122_000
TRANSACTIONS = 10
RECORD = 22_000

# Assumed: how a shop's returns come and go, and how full anything may be.
#: The busiest hour after holidays, to the mean.
PEAK = 5
OPEN_DAYS = 14
RETENTION_DAYS = 30
RECORDS_KEPT_DAYS = 365
#: Visits from outside and deadlines that come after days: each finds its return out of the cache.
COLD_VISITS = 4
CPU_FULL = 0.5
#: Returns that one worker process keeps in memory.
CACHE_BYTES = 8e9
MAILS, MAIL_SECONDS = 2, 0.05
#: How long a state transition holds its shard, and how much of the time it may be held, so that few ever wait.
SHARD_SECONDS, SHARD_FULL = 0.01, 0.1
LEAST_SHARDS, EXECUTIONS_PER_SHARD = 512, 20_000
#: What one PostgreSQL primary of 16 cores does.
DATABASE_TRANSITIONS, DATABASE_TRANSACTIONS, DATABASE_BYTES = 3_000, 5_000, 2e12

# Temporal Cloud, docs.temporal.io/cloud/pricing as of 2026: dollars per million actions up to so many millions.
TIERS = ((5, 50), (10, 45), (20, 40), (50, 35), (100, 30), (float("inf"), 25))
ACTIVE_GBH, RETAINED_GBH = 0.042, 0.00105
#: Business: at least, and its part of what is used; millions of actions, GBh open and GBh closed are included.
BUSINESS, PLAN_PART, INCLUDED = 500, 0.1, (2.5, 2.5 * 744, 100 * 744)


@dataclass(frozen=True)
class Need:
    """What ``per_day`` returns a day need."""

    per_day: int

    @property
    def peak(self) -> float:
        """Returns per second in the busiest hour."""
        return self.per_day / _DAY * PEAK

    @property
    def open(self) -> int:
        """Open at once."""
        return self.per_day * OPEN_DAYS

    @property
    def shards(self) -> int:
        """History shards, a power of two, chosen once for ever."""
        busy = self.peak * TRANSITIONS * SHARD_SECONDS / SHARD_FULL
        executions = self.per_day * (OPEN_DAYS + RETENTION_DAYS) / EXECUTIONS_PER_SHARD
        return int(2 ** ceil(log2(max(busy, executions, LEAST_SHARDS))))

    @property
    def cached(self) -> bool:
        """Whether one worker process may keep all open ones in memory."""
        return self.open * OPEN_IN_WORKER <= CACHE_BYTES

    def cores(self, cpu: float) -> int:
        """Cores for so many seconds of CPU for each return."""
        return max(1, ceil(self.peak * cpu / CPU_FULL))

    def worker_cores(self, role: str) -> int:
        """Cores of one role; one process uses one."""
        replays = 0 if self.cached or role != "returns" else COLD_VISITS * REPLAY_CPU
        return self.cores(WORKER_CPU[role] + replays)

    @property
    def singles(self) -> dict[str, float]:
        """How full what there is only one of would be at the peak."""
        return {
            "the mail relay": self.peak * MAILS * MAIL_SECONDS,
            "Temporal's database, writes": self.peak * TRANSITIONS / DATABASE_TRANSITIONS,
            "the books' database, writes": self.peak * TRANSACTIONS / DATABASE_TRANSACTIONS,
            "the books' database, size": self.per_day * RECORDS_KEPT_DAYS * RECORD / DATABASE_BYTES,
        }

    @property
    def dollars(self) -> float:
        """Temporal Cloud for a month: the cheaper of the plans without a contract."""
        actions = self.per_day * 30.4 * ACTIONS / 1e6
        active = self.open * HISTORY / 1e9 * _MONTH_HOURS
        retained = self.per_day * RETENTION_DAYS * HISTORY / 1e9 * _MONTH_HOURS
        developer = (50 * actions + active * ACTIVE_GBH + retained * RETAINED_GBH) * (1 + PLAN_PART)
        beyond = [max(0.0, used - free) for used, free in zip((actions, active, retained), INCLUDED, strict=True)]
        used = price(beyond[0]) + beyond[1] * ACTIVE_GBH + beyond[2] * RETAINED_GBH
        return min(developer, used + max(BUSINESS, PLAN_PART * used))


def price(millions: float) -> float:
    """Dollars for so many million actions; above 200 the last published price, where there would be a contract."""
    dollars, below = 0.0, 0.0
    for limit, each in TIERS:
        dollars += max(0.0, min(millions, limit) - below) * each
        below = limit
    return dollars


def table() -> str:
    """The needs side by side, in Markdown."""
    needs = [Need(per_day) for per_day in PER_DAY]
    rows = [
        ["returns a second, mean; peak", *(f"{n.per_day / _DAY:.2f}; {n.peak:.2f}" for n in needs)],
        ["open at once", *(f"{n.open:,}" for n in needs)],
        ["Temporal: history shards", *(f"{n.shards:,}" for n in needs)],
        ["Temporal: state transitions a second, peak", *(f"{n.peak * TRANSITIONS:,.0f}" for n in needs)],
        ["Temporal: cores of its services", *(f"{n.cores(SERVER_CPU)}" for n in needs)],
        ["Temporal: histories, open; kept", *(_histories(n) for n in needs)],
        *([f"worker processes: {role}", *(f"{n.worker_cores(role)}" for n in needs)] for role in WORKER_CPU),
        ["open returns in a worker's memory", *("all" if n.cached else "those of the day" for n in needs)],
        ["API processes", *(f"{n.cores(API_CPU)}" for n in needs)],
        ["books: transactions a second, peak", *(f"{n.peak * TRANSACTIONS:,.0f}" for n in needs)],
        ["books: size of a year", *(_size(n.per_day * RECORDS_KEPT_DAYS * RECORD) for n in needs)],
        ["mails a second, peak", *(f"{n.peak * MAILS:,.1f}" for n in needs)],
        ["Temporal Cloud instead, a month", *(f"${n.dollars:,.0f}" for n in needs)],
        ["first bottleneck, and how full it is", *(_bottleneck(n) for n in needs)],
    ]
    head = [["", *(f"{n.per_day:,} a day" for n in needs)], ["---"] * (len(needs) + 1)]
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in [*head, *rows])


def _histories(need: Need) -> str:
    return f"{_size(need.open * HISTORY)}; {_size(need.per_day * RETENTION_DAYS * HISTORY)}"


def _size(size: float) -> str:
    return f"{size / 1e9:,.1f} GB" if size < 1e12 else f"{size / 1e12:,.1f} TB"


def _bottleneck(need: Need) -> str:
    name, full = max(need.singles.items(), key=lambda single: single[1])
    return f"{name}, {full * 100:,.0f} %" if full >= 0.01 else f"{name}, under 1 %"


if __name__ == "__main__":
    print(table())
