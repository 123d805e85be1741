"""By when the customer has to hold a label, a drop-off code or a pickup; and what happens when they do not."""

from datetime import datetime, timedelta

from lifecycle.contract.messages import ResolveAttention
from lifecycle.returns.aggregate.about import About
from lifecycle.returns.aggregate.parked_step import ParkedReturnStep
from lifecycle.returns.commands import ProvideHandover, VoidLabel
from lifecycle.returns.state import Return

#: What attention calls it, whichever way the goods come.
LABEL = "label"


def watch_label(ret: Return, now: datetime) -> None:
    """Begin the time in which it has to be there, as soon as it is asked for; forget it once nobody waits for it."""
    if not (ret.agenda.has(ProvideHandover) and ret.live):
        ret.dates.clear_alarm("label_by")
        ret.label_overdue = False
        unpark_late(ret)
    elif ret.dates.label_by is None:
        ret.dates.set_alarm("label_by", now + _time(ret))


def label_alarm(ret: Return) -> bool:
    """Whether the deadline needs an alarm: a step that is under way has a time of its own, which costs none."""
    waits = ret.agenda.has(VoidLabel) or bool(_parked(ret))
    return ret.agenda.has(ProvideHandover) and not ret.label_overdue and waits


def fire_label_deadline(ret: Return, now: datetime) -> None:
    """The alarm has rung."""
    if label_alarm(ret) and ret.dates.label_by is not None and ret.dates.label_by <= now:
        label_late(ret, now)


def label_late(ret: Return, now: datetime) -> None:
    """It is not there in time: operations are mailed, and what is being tried goes on."""
    if not ret.agenda.has(ProvideHandover) or ret.label_overdue:
        return
    ret.label_overdue = True
    hours = ret.opened.terms.label_within_hours
    error = f"not there within {hours} hour{'' if hours == 1 else 's'}"
    if not (parked := _parked(ret)):
        ret.park(ParkedReturnStep(LABEL, error, now))
        return
    for step in parked:
        step.call_again()
    ret.note(now, "attention", detail=f"{LABEL}: {error}", about=About(step=LABEL))


def is_late_label(parked: ParkedReturnStep) -> bool:
    """Whether it is a label that is late and still tried, rather than one whose step failed for good."""
    return parked.kind == LABEL and not parked.running


def unpark_late(ret: Return) -> None:
    """It is there, or nobody needs it, or its step has failed for good and asks for itself."""
    ret.unpark(*(parked for parked in ret.parked if is_late_label(parked)))


def resolve_late(ret: Return, message: ResolveAttention, now: datetime) -> None:
    """Retry goes on trying and calls again after as long; else an operator's word counts instead of the label."""
    if message.action == "retry":
        ret.dates.set_alarm("label_by", now + _time(ret))
        ret.label_overdue = False
    else:
        ret.way.instead = message


def _parked(ret: Return) -> list[ParkedReturnStep]:
    return [parked for parked in ret.open_steps if parked.kind == LABEL]


def _time(ret: Return) -> timedelta:
    return timedelta(hours=ret.opened.terms.label_within_hours)
