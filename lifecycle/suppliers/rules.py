"""The goods' journey to one supplier: gathered, asked about in batches, authorised, shipped, credited or refused.

Each ``check_*`` raises ``Refused`` and changes nothing; each of the others expects what its check allows.
A repeat, known by the message's own id, changes nothing either.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from lifecycle.contract.errors import Refused
from lifecycle.contract.money import format_money
from lifecycle.suppliers.messages import AddUnit, Authorise, RecordCredit, RecordShipment, Refuse
from lifecycle.suppliers.state import (
    Authorisation,
    BatchPlan,
    SupplierCredit,
    SupplierNotice,
    SupplierReturn,
    SupplierShipment,
    SupplierSummary,
    SupplierTrouble,
    SupplierUnit,
    SupplierView,
    UnitStage,
    Upcoming,
)

#: A unit that has ended, and the papers of it, are remembered for so long, and no more than so many.
REMEMBERED, MOST_REMEMBERED = timedelta(days=180), 1000
_OPEN = tuple(stage for stage in UnitStage if not stage.ended)


# What is said to it


def add_unit(journey: SupplierReturn, message: AddUnit, now: datetime) -> None:
    """Gather a unit; one that is known already is a repeat."""
    if message.name in journey.units:
        return
    journey.units[message.name] = SupplierUnit(
        unit_id=message.name, sku=message.sku, serial_number=message.serial_number, since=now
    )
    journey.note(now, "added", by="homeward", detail=message.name)


def check_authorise(journey: SupplierReturn, message: Authorise) -> None:
    """Units that wait for it, whether they were asked about or not."""
    if message.authorisation_id not in journey.authorisations:
        _check_units(journey, message.unit_ids, UnitStage.GATHERED, UnitStage.ASKED)


def authorise(journey: SupplierReturn, message: Authorise, now: datetime) -> None:
    """The supplier takes these units back."""
    check_authorise(journey, message)
    key = message.authorisation_id
    if key in journey.authorisations:
        return
    journey.authorisations[key] = Authorisation(authorisation_id=key, by=message.by, at=now)
    for unit in _move(journey, message.unit_ids, UnitStage.AUTHORISED, now):
        unit.authorisation_id = key
    journey.note(now, "authorised", message.by, f"{key}: {_units(len(message.unit_ids))}")


def check_shipment(journey: SupplierReturn, message: RecordShipment) -> None:
    """There has to be something that the supplier has authorised and that is not shipped yet."""
    if message.shipment_id not in journey.shipments and not journey.at(UnitStage.AUTHORISED):
        raise Refused("nothing is authorised that has not been shipped")


def record_shipment(journey: SupplierReturn, message: RecordShipment, now: datetime) -> None:
    """Everything authorised and not shipped yet is on its way."""
    check_shipment(journey, message)
    key = message.shipment_id
    if key in journey.shipments:
        return
    journey.shipments[key] = SupplierShipment(
        shipment_id=key, by=message.by, tracking_code=message.tracking_code, at=now
    )
    names = [unit.unit_id for unit in journey.at(UnitStage.AUTHORISED)]
    for unit in _move(journey, names, UnitStage.SHIPPED, now):
        unit.shipment_id = key
    journey.note(now, "shipped", message.by, f"{key}: {_units(len(names))}")


def check_credit(journey: SupplierReturn, message: RecordCredit) -> None:
    """Units that were shipped and not credited yet; a part of a shipment is enough."""
    if message.credit_id not in journey.credits:
        _check_units(journey, message.unit_ids, UnitStage.SHIPPED)


def record_credit(journey: SupplierReturn, message: RecordCredit, now: datetime) -> None:
    """The supplier has given money back for these units."""
    check_credit(journey, message)
    key = message.credit_id
    if key in journey.credits:
        return
    journey.credits[key] = SupplierCredit(
        credit_id=key, by=message.by, amount=message.amount, currency=message.currency, at=now
    )
    for unit in _move(journey, message.unit_ids, UnitStage.CREDITED, now):
        unit.credit_id = key
    money = format_money(message.amount, message.currency)
    journey.note(now, "credited", message.by, f"{key}: {money} for {_units(len(message.unit_ids))}")


def check_refuse(journey: SupplierReturn, message: Refuse) -> None:
    """Units that have not ended, at whatever stage."""
    if not _refused_before(journey, message):
        _check_units(journey, message.unit_ids, *_OPEN)


def refuse(journey: SupplierReturn, message: Refuse, now: datetime) -> None:
    """The supplier does not take these units, or does not pay for them."""
    check_refuse(journey, message)
    if _refused_before(journey, message):
        return
    for unit in _move(journey, message.unit_ids, UnitStage.REFUSED, now):
        unit.reason = message.reason
    journey.note(now, "refused", message.by, f"{_units(len(message.unit_ids))}: {message.reason}")


def _refused_before(journey: SupplierReturn, message: Refuse) -> bool:
    """A refusal has no id of its own: the same units for the same reason are a repeat."""
    units = [journey.units.get(name) for name in message.unit_ids]
    return all(unit and unit.stage is UnitStage.REFUSED and unit.reason == message.reason for unit in units)


def _check_units(journey: SupplierReturn, names: list[str], *stages: UnitStage) -> None:
    for name in names:
        unit = journey.units.get(name)
        if unit is None:
            raise Refused(f"unit_ids: {name} is not among the units of {journey.supplier_id}")
        if unit.stage not in stages:
            raise Refused(f"unit_ids: {name} is {unit.stage}, expected {' or '.join(stages)}")


def _move(journey: SupplierReturn, names: list[str], stage: UnitStage, now: datetime) -> Iterator[SupplierUnit]:
    for name in names:
        unit = journey.units[name]
        unit.stage, unit.since, unit.reminded_at = stage, now, None
        yield unit


def _units(count: int) -> str:
    return f"{count} unit{'' if count == 1 else 's'}"


# What happens by itself


def needs_plan(journey: SupplierReturn) -> bool:
    """Whether the policy has to be asked when the units gathered now make a batch."""
    return journey.plan is None and bool(journey.at(UnitStage.GATHERED))


def begin_batch(journey: SupplierReturn, plan: BatchPlan) -> None:
    """The units gathered now keep this plan."""
    journey.plan = plan
    journey.remind_after_days = plan.remind_after_days


def advance(journey: SupplierReturn, now: datetime) -> None:
    """Make a batch that is full or due, and remind of what has waited too long; notices say what to write."""
    gathered, plan = journey.at(UnitStage.GATHERED), journey.plan
    if not gathered:
        journey.plan = None
    elif plan is not None:
        if len(gathered) >= plan.size:
            _ask(journey, gathered[: plan.size], now)
        elif plan.ask_at is not None and plan.ask_at <= now:
            _ask(journey, gathered, now)
    _remind(journey, now)


def _ask(journey: SupplierReturn, units: list[SupplierUnit], now: datetime) -> None:
    journey.batches += 1
    names = [unit.unit_id for unit in units]
    for unit in _move(journey, names, UnitStage.ASKED, now):
        unit.batch = journey.batches
    journey.plan = None
    step = f"ask-{journey.batches}"
    journey.notices.append(SupplierNotice(step=step, template="supplier_ask", unit_ids=names, batch=journey.batches))
    journey.note(now, "asked", detail=f"batch {journey.batches}: {_units(len(names))}")


def _remind(journey: SupplierReturn, now: datetime) -> None:
    late = [unit for unit in _waiting(journey) if _remind_at(journey, unit) <= now]
    if not late:
        return
    for unit in late:
        unit.reminded_at = now
    journey.reminders += 1
    names = [unit.unit_id for unit in late]
    step = f"remind-{journey.reminders}"
    journey.notices.append(SupplierNotice(step=step, template="supplier_waits", unit_ids=names))
    journey.note(now, "reminded", detail=_units(len(names)))


def _waiting(journey: SupplierReturn) -> list[SupplierUnit]:
    """The units that wait for somebody; those that a weekday will take along wait for nobody."""
    if journey.plan is not None and journey.plan.ask_at is None:
        return journey.at(*_OPEN)
    return journey.at(UnitStage.ASKED, UnitStage.AUTHORISED, UnitStage.SHIPPED)


def _remind_at(journey: SupplierReturn, unit: SupplierUnit) -> datetime:
    return (unit.reminded_at or unit.since) + timedelta(days=journey.remind_after_days)


def next_alarm(journey: SupplierReturn) -> Upcoming | None:
    """What happens next by itself; None when nothing does until somebody says something."""
    found = [Upcoming(at=_remind_at(journey, unit), what="reminder") for unit in _waiting(journey)]
    if journey.plan is not None and journey.plan.ask_at is not None and journey.at(UnitStage.GATHERED):
        found.append(Upcoming(at=journey.plan.ask_at, what="next batch"))
    if journey.trouble is not None:
        found.append(Upcoming(at=journey.trouble.again_at, what=f"{journey.trouble.step} again"))
    return min(found, key=lambda upcoming: upcoming.at, default=None)


def all_ended(journey: SupplierReturn) -> bool:
    """Whether no unit is open and no mail is to be written."""
    return not journey.at(*_OPEN) and not journey.notices


# What is kept, and shown


def tidy(journey: SupplierReturn, now: datetime) -> None:
    """Forget what ended long ago, so that the state fits into one payload however long the journey is.

    Totals go on counting it. A unit that was forgotten and comes again is a new one.
    """
    ended = sorted(journey.at(UnitStage.CREDITED, UnitStage.REFUSED), key=lambda unit: unit.since)
    for number, unit in enumerate(ended):
        if unit.since + REMEMBERED <= now or number < len(ended) - MOST_REMEMBERED:
            del journey.units[unit.unit_id]
            journey.units_before[unit.stage] = journey.units_before.get(unit.stage, 0) + 1
    units = journey.units.values()
    for key in journey.authorisations.keys() - {unit.authorisation_id for unit in units}:
        del journey.authorisations[key]
    for key in journey.shipments.keys() - {unit.shipment_id for unit in units}:
        del journey.shipments[key]
    for key in sorted(journey.credits.keys() - {unit.credit_id for unit in units}):
        credit = journey.credits.pop(key)
        before = journey.credited_before.get(credit.currency, 0)
        journey.credited_before[credit.currency] = before + credit.amount


def summary_of(journey: SupplierReturn) -> SupplierSummary:
    """How many units are at which stage, and what was credited, from the beginning on."""
    counts = {stage: len(journey.at(stage)) + journey.units_before.get(stage, 0) for stage in UnitStage}
    credited = dict(journey.credited_before)
    for credit in journey.credits.values():
        credited[credit.currency] = credited.get(credit.currency, 0) + credit.amount
    step = journey.trouble.step if journey.trouble else None
    return SupplierSummary(supplier_id=journey.supplier_id, units=counts, credited=credited, attention=step)


def view_of(journey: SupplierReturn) -> SupplierView:
    """All there is to see."""
    trouble = journey.trouble
    return SupplierView(
        supplier_id=journey.supplier_id,
        totals=summary_of(journey),
        units=list(journey.units.values()),
        authorisations=list(journey.authorisations.values()),
        shipments=list(journey.shipments.values()),
        credits=list(journey.credits.values()),
        next=next_alarm(journey),
        attention=SupplierTrouble.model_validate(trouble, from_attributes=True) if trouble else None,
        timeline=journey.timeline,
    )
