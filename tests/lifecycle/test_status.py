"""The diagram in the documents is the table in the code."""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from lifecycle import deadlines, handover, reception
from lifecycle.messages import Approve, Cancel, Decline, Grade, Inspection, TrackingEvent, TrackingStatus
from lifecycle.policy import Policy
from lifecycle.status import MOVES, diagram, status_of
from lifecycle.view import Status
from tests.lifecycle.orders import NOW, policy
from tests.lifecycle.test_settling import BOTH, LATER, LIMIT, SHOE, Story

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "status.md"


def test_the_document_shows_the_table() -> None:
    assert f"```mermaid\n{diagram()}```" in DOCUMENT.read_text()


def test_the_document_explains_every_status_of_the_table() -> None:
    text = DOCUMENT.read_text()
    assert [status for status in MOVES if f"| `{status}` |" not in text] == []


def test_every_status_can_be_reached_from_the_first() -> None:
    reached, frontier = {Status.REQUESTED}, {Status.REQUESTED}
    while frontier:
        frontier = {after for before in frontier for after in MOVES[before]} - reached
        reached |= frontier
    assert reached == set(MOVES)


class Told(Story):
    """A story that remembers every status it went through."""

    def __init__(self, rules: Policy | None = None, **changes: Any) -> None:
        self.seen = [Status.REQUESTED]
        super().__init__(rules, **changes)
        self.look()

    def look(self) -> None:
        if self.seen[-1] is not status_of(self.ret):
            self.seen.append(status_of(self.ret))

    def go(self, now: datetime = NOW) -> None:
        deadlines.progress(self.ret, now)
        self.look()
        super().go(now)
        self.look()

    def judge(self, *grades: Grade | None) -> None:
        for unit, grade in zip(("1-1", "1-2"), grades, strict=False):
            verdict = {"unit_id": unit, "grade": grade, "accepted": grade is not None}
            raw = {"inspection_id": self.number(), "units": [verdict]}
            reception.inspect(self.ret, Inspection.model_validate(raw), LATER)
            deadlines.progress(self.ret, LATER)
            self.look()
            self.go(LATER)

    def cancel(self) -> None:
        handover.cancel(self.ret, Cancel(by="customer"), NOW)
        self.go()

    def reject(self) -> None:
        for unit in ("1-1", "1-2"):
            self.change("acceptance", "rejected", unit)

    def returned(self) -> None:
        self.scan(TrackingStatus.RETURNED, LATER, LATER)

    def accepted(self) -> None:
        self.scan(TrackingStatus.ACCEPTED, LIMIT, LIMIT)

    def lost(self) -> None:
        """Nothing but the scan, so that the payment is still to come."""
        raw = {"event_id": self.number(), "tracking_code": "T-1", "status": "lost", "at": LIMIT}
        handover.track(self.ret, TrackingEvent.model_validate(raw), LIMIT)
        self.go(LIMIT)


REVIEW = policy(approval={"review_above": 100}, clock={"starts_on": "requested"})


def told(*steps: Callable[[Told], object], rules: Policy | None = None, **changes: Any) -> list[Status]:
    story = Told(rules, **changes)
    for step in steps:
        step(story)
        story.look()
    return story.seen


def part(story: Told) -> None:
    story.receive(SHOE)


def rest(story: Told) -> None:
    story.receive(complete=True)


def both(story: Told) -> None:
    story.receive(BOTH)


def graded(*grades: Grade | None) -> Callable[[Told], None]:
    return lambda story: story.judge(*grades)


def approve(story: Told) -> None:
    handover.approve(story.ret, Approve(by="reviewer"), NOW)


def decline(story: Told) -> None:
    handover.decline(story.ret, Decline(by="reviewer", reason="no"), NOW)


def paid_outside(story: Told) -> None:
    story.wait()
    story.resolve("mark_done", "by hand")


A, D = Grade.A, Grade.D
STORIES: list[Callable[[], list[Status]]] = [
    lambda: told(delivered_at=None),
    lambda: told(approve, rules=REVIEW),
    lambda: told(decline, rules=REVIEW),
    lambda: told(Told.cancel, rules=REVIEW),
    lambda: told(paid_outside, rules=REVIEW),
    *(
        (lambda ways=ways: told(*ways))  # type: ignore[misc]
        for ways in [
            (Told.returned, Told.cancel),
            (Told.returned, Told.accepted),
            (Told.returned, part),
            (Told.returned, both),
            (Told.returned, Told.lost),
            (Told.returned, rest),
            (Told.returned, Told.reject),
            (Told.cancel, Told.accepted),
            (Told.cancel, part),
            (Told.cancel, both),
            (Told.wait, Told.accepted),
            (Told.wait, part),
            (Told.wait, both),
            (Told.accepted, Told.returned),
            (Told.accepted, part, both),
            (Told.accepted, both, graded(A, A)),
            (Told.accepted, Told.lost),
            (Told.accepted, rest),
            (Told.accepted, Told.reject),
            (Told.lost,),
            (rest, part, graded(None)),
            (rest, part, graded(A)),
            (Told.reject,),
            (part, graded(A), rest),
            (part, graded(D), rest),
            (part, graded(None), rest, both, graded(None, A)),
            (part, graded(None), rest, part, lambda story: story.change("grade", "A", "1-2")),
            (part, graded(None), rest, part, lambda story: story.change("grade", "D", "1-2")),
            (both, graded(D, D)),
            (both, graded(None, None)),
        ]
    ),
]


def test_every_move_of_the_table_is_made_by_some_story_and_no_other() -> None:
    made = {move for story in STORIES for move in pairwise(story())}
    table = {(before, after) for before, following in MOVES.items() for after in following}
    assert sorted(table - made) == []
    assert sorted(made - table) == []
