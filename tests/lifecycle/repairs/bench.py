"""A repair for tests of its rules, and short ways to speak to it."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from lifecycle.calendar.calendars import make_calendar
from lifecycle.contract.policy import ClockRules
from lifecycle.repairs import rules
from lifecycle.repairs.commands import ReportToReturn, SendRepairMail
from lifecycle.repairs.messages import Diagnosis, DiagnosisOutcome, EstimateAnswer, Part, RepairCheck, RepairWork
from lifecycle.shared.repair_messages import RepairInput

#: A Monday morning in Springfield.
MONDAY = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)
CALENDAR = make_calendar(ClockRules(), MONDAY)
_numbers = count(1)


def given(**changes: Any) -> RepairInput:
    """What a repair out of warranty starts with."""
    facts: dict[str, Any] = {
        "return_id": "R-1",
        "order_id": "SO-1",
        "unit_id": "1-1",
        "sku": "PHONE",
        "title": "Phone",
        "currency": "USD",
        "in_warranty": False,
        "calendar": CALENDAR,
    }
    return RepairInput.model_validate(facts | changes)


class Bench:
    """One repair that has begun, and who speaks to it."""

    def __init__(self, now: datetime = MONDAY, **changes: Any) -> None:
        self.repair = rules.Repair(given(**changes), now)
        self.now = now
        rules.begin(self.repair, now)

    def diagnose(self, outcome: str = "repairable", estimate: int | None = 5000, name: str | None = None) -> None:
        message = Diagnosis(diagnosis_id=name or _id(), outcome=DiagnosisOutcome(outcome), estimate=estimate)
        rules.diagnose(self.repair, message, self.now)

    def answer(self, *, accepted: bool) -> None:
        rules.answer_estimate(self.repair, EstimateAnswer(by="customer", accepted=accepted), self.now)

    def work(self, *parts: Part, name: str | None = None) -> None:
        rules.record_work(self.repair, RepairWork(repair_id=name or _id(), parts=list(parts)), self.now)

    def check(self, *, passed: bool, name: str | None = None) -> None:
        rules.record_check(self.repair, RepairCheck(check_id=name or _id(), passed=passed), self.now)

    @property
    def told(self) -> list[str]:
        """The states that the return hears of, in order."""
        return [report.event.state.value for report in self.repair.agenda.waiting(ReportToReturn)]

    @property
    def mails(self) -> list[str]:
        """The templates of the mails to write, in order."""
        return [mail.template for mail in self.repair.agenda.waiting(SendRepairMail)]


def _id() -> str:
    return f"m-{next(_numbers)}"
