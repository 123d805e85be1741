"""Everything a repair may have done in the outside world: one dataclass each, with the lane that carries it out.

The handler of each is in ``workflows/repairs``.
"""

from dataclasses import dataclass
from typing import Any, Literal

from lifecycle.repairs.messages import Part
from lifecycle.shared.agenda import Agenda, Command
from lifecycle.shared.repair_messages import RepairEvent


@dataclass(frozen=True)
class ReportToReturn(Command):
    """Signal to the return what has happened to its unit."""

    event: RepairEvent
    lane = "events"


@dataclass(frozen=True)
class SendRepairMail(Command):
    """Write a mail, by its template."""

    template: Literal["repair_estimate", "repair_reminder", "repair_waits"]
    to: Literal["customer", "operations"]
    values: dict[str, Any]
    lane = "mail"


@dataclass(frozen=True)
class TakeParts(Command):
    """Take the parts of one piece of work from stock."""

    parts: list[Part]
    lane = "parts"


@dataclass(frozen=True)
class ShelveUnit(Command):
    """The shop's own unit leaves the bench: to the shelf, or out of stock."""

    lane = "shelf"


class RepairAgenda(Agenda):
    """The commands of one repair."""

    LANES = ("events", "mail", "parts", "shelf")
