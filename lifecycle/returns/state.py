"""The state of one return, and the questions everything else asks of it.

Plain data: the modules beside this one change it (``handover``, ``reception``, ``settling``, ``alarms``,
``attention``), each function taking the instant it happens; its parts in ``aggregate`` change themselves. Each
``check_*`` raises ``Refused`` with the reason and changes nothing; the function of the same name without it checks
again and then acts. What has to be done outside is a command on the agenda, which the workflow carries out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from lifecycle.contract.events.types import EventName
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import Acceptance, Decision, Extra, Outcome, SettlementState, TimelineEntry
from lifecycle.returns.agenda import ReturnAgenda
from lifecycle.returns.aggregate.about import About
from lifecycle.returns.aggregate.card_hold import CardHold
from lifecycle.returns.aggregate.dates import Dates
from lifecycle.returns.aggregate.money import Money
from lifecycle.returns.aggregate.outbound_item import OutboundItem
from lifecycle.returns.aggregate.parcels import HandoverOptions, Parcel
from lifecycle.returns.aggregate.parked_step import ParkedReturnStep
from lifecycle.returns.commands import Why
from lifecycle.returns.opening import Opening
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.units import UnitState
from lifecycle.shared.parked_step import ParkedStep

#: Steps that carry a settlement out; one in attention means that the settlement has failed.
MONEY_STEPS = frozenset({"refund", "charge", "ship"})


@dataclass
class ProcessedIds:
    """Ids of the messages that have been taken, by kind; repeats are dropped."""

    receipts: set[str] = field(default_factory=set)
    inspections: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)


@dataclass
class Return:
    """One return; ``opening`` is None until the policy has decided."""

    return_id: str
    request: ReturnRequest
    opening: Opening | None = None
    units: list[UnitState] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    #: Tracking codes of parcels that take units back to the customer.
    sent_back: list[str] = field(default_factory=list)
    way: HandoverOptions = field(default_factory=HandoverOptions)
    wanted: list[OutboundItem] = field(default_factory=list)
    hold: CardHold | None = None
    money: Money = field(default_factory=Money)
    dates: Dates = field(default_factory=Dates)
    agenda: ReturnAgenda = field(default_factory=ReturnAgenda)
    seen: ProcessedIds = field(default_factory=ProcessedIds)
    parked: list[ParkedReturnStep] = field(default_factory=list)
    timeline: list[TimelineEntry] = field(default_factory=list)
    #: What entries are about, by their place in the timeline; only until they are told.
    about: dict[int, About] = field(default_factory=dict)
    decision: Decision | None = None
    ended: Literal["declined", "cancelled", "expired"] | None = None
    #: Settled at handover, without waiting for the inspection.
    instant: bool = False
    #: The replacement goes out at once, against a hold on the card.
    advance: bool = False
    delivered: bool = False
    #: A parcel came that held nothing of it, and no unit has come since.
    came_empty: bool = False
    reminded: bool = False
    escalated: bool = False
    limit_reached: bool = False
    #: What the customer needs was not there in time, and operations have been mailed.
    label_overdue: bool = False
    #: The time for parcels that come late is over.
    late_over: bool = False
    closed: bool = False
    #: How often another wish was taken up, also where the policy then declined it.
    changes_asked: int = 0

    def park(self, parked: ParkedReturnStep, detail: str | None = None) -> None:
        """A step waits for an operator from now on; ``detail`` is for the timeline, by default its error."""
        self.parked.append(parked)
        told = detail or f"{parked.step}: {parked.error}"
        self.note(parked.since, "attention", detail=told, about=About(step=parked.step))

    def unpark(self, *parked: ParkedStep) -> None:
        """They do not wait any more: answered, or pointless."""
        self.parked = [step for step in self.parked if not any(step is gone for gone in parked)]

    def unpark_settled(self, parked: ParkedReturnStep, now: datetime) -> None:
        """It does not wait any more: what it waited for has happened."""
        self.unpark(parked)
        self.note(now, "attention_resolved", detail=parked.step, about=About(step=parked.step))

    def open_steps_of(self, *steps: str) -> list[ParkedReturnStep]:
        """Of these steps, those that wait for an operator, oldest first."""
        return [parked for parked in self.open_steps if parked.step in steps]

    def note(
        self, at: datetime, event: EventName, by: str = "engine", detail: str | None = None, about: About | None = None
    ) -> None:
        """Put something that happened on the timeline; ``about`` is for subscribers."""
        if about is not None:
            self.about[len(self.timeline)] = about
        self.timeline.append(TimelineEntry(at=at, event=event, by=by, detail=detail))

    def unit(self, unit_id: str) -> UnitState | None:
        """The unit of that id, or None."""
        return next((unit for unit in self.units if unit.unit_id == unit_id), None)

    @property
    def by_id(self) -> dict[str, UnitState]:
        """The units by their ids: whoever looks for many asks for this once."""
        return {unit.unit_id: unit for unit in self.units}

    def named(self, unit_ids: Iterable[str]) -> list[UnitState]:
        """The units of these ids, in that order; an id that is no unit's is passed over."""
        known = self.by_id
        return [known[unit_id] for unit_id in unit_ids if unit_id in known]

    @property
    def opened(self) -> Opening:
        """The opening, once the policy has decided; ``RuntimeError`` before."""
        if self.opening is None:
            raise RuntimeError("the opening step has not been taken")
        return self.opening

    @property
    def expected(self) -> list[UnitState]:
        """The units this return waits, or waited, for."""
        return [unit for unit in self.units if unit.expected]

    @property
    def counted(self) -> list[UnitState]:
        """The units that it settles: those it waits for, and those that the customer keeps."""
        return [unit for unit in self.units if unit.expected or unit.kept]

    @property
    def in_review(self) -> bool:
        """Whether an operator has to approve it first."""
        review = self.decision is not None and self.decision.outcome is Outcome.REVIEW
        return review and not self.ended and not self.money.begun

    @property
    def live(self) -> bool:
        """Whether it was let through and goes on: not in review, declined, cancelled or expired."""
        return self.decision is not None and not self.ended and not self.in_review

    @property
    def settlement(self) -> SettlementState:
        """The customer's end, from its payments and the steps that failed for good."""
        if not self.money.begun:
            return SettlementState.PENDING
        if any(parked.kind in MONEY_STEPS for parked in self.open_steps):
            return SettlementState.FAILED
        if any(payment.state in ("planned", "pending") for payment in self.money.payments):
            return SettlementState.IN_PROGRESS
        if any(item.state == "due" for item in self.wanted):
            return SettlementState.IN_PROGRESS
        return SettlementState.SETTLED

    @property
    def settled(self) -> bool:
        """Whether the customer has what they are owed as known now."""
        return self.settlement is SettlementState.SETTLED

    @property
    def handed_over(self) -> bool:
        """Whether the customer has done their part."""
        return self.dates.handed_over is not None

    @property
    def open_steps(self) -> list[ParkedReturnStep]:
        """Steps that wait for an operator, oldest first."""
        return [parked for parked in self.parked if parked.answer is None]


def remedy_of(ret: Return, unit: UnitState) -> Resolution:
    """What the customer gets for this unit."""
    return unit.remedy or ret.request.resolution


def on_bench(ret: Return, unit: UnitState) -> bool:
    """Whether the bench has the next word on it: a grade alone does not settle a repair."""
    done = unit.bench is not None and unit.bench.outcome is not None
    repairs = rule_of(remedy_of(ret, unit)).sends == "repaired_unit"
    return repairs and not done and unit.acceptance is not Acceptance.REJECTED


def change_resolution(ret: Return, resolution: Resolution) -> None:
    """The customer gets something else than they asked for; the request as it came stays in the records."""
    ret.request = ret.request.model_copy(update={"resolution": resolution})


def reasons(decision: Decision) -> str | None:
    """The rules that stood in the way, in one line."""
    lines = [f"{rule.unit_id or 'return'}: {rule.rule} ({rule.detail})" for rule in decision.rules]
    return "; ".join(lines) or None


def why_declined(decision: Decision) -> list[Why]:
    """The same for a mail, which has words of its own for each rule."""
    return [{"key": f"rule.{rule.rule}", "unit": rule.unit_id, "detail": rule.detail} for rule in decision.rules]


def these(units: Iterable[UnitState], tracking_code: str | None = None) -> About:
    """An entry is about these units, and the parcel of that code."""
    return About(units=[unit.unit_id for unit in units], tracking_code=tracking_code)


def all_units(ret: Return) -> About:
    """An entry is about all units that were asked for."""
    return these(ret.units)
