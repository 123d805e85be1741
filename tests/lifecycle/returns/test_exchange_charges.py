"""Whatever happens in whatever order, no charge of an exchange is above what was shown, or said yes to."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.contract.errors import Refused
from lifecycle.contract.grades import Grade
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.policy import Policy
from lifecycle.returns.decisions.quote import quote
from lifecycle.returns.units import IN_HAND
from tests.lifecycle.orders import NOW, body
from tests.lifecycle.returns.exchange_story import Exchange, pieces
from tests.lifecycle.returns.story import SHOE

GRADES = st.sampled_from([*Grade, None])
WANTED = st.lists(
    st.builds(pieces, st.integers(1, 3), st.integers(0, 9000), st.sampled_from(["X", "Y"]), st.integers(0, 700)),
    min_size=1,
    max_size=3,
)
UNITS = st.sampled_from(["1-1", "1-2"])


class Watched(Exchange):
    """An exchange whose every step is looked at: what is charged was shown, or said yes to."""

    def __init__(self, rules: Policy, items: list[dict[str, Any]]) -> None:
        self.allowed = 10**9
        super().__init__(rules, exchange_for=items)
        self.now = NOW
        raw = body(
            items=[{"line_id": "1", "quantity": 2, "reason": "unwanted"}], resolution="exchange", exchange_for=items
        )
        self.allowed = max(0, -quote(raw, rules, NOW).amount)

    def look(self) -> None:
        assert -sum(amount for amount in self.paid if amount < 0) <= self.allowed
        assert len(self.shipped) == len([item for item in self.ret.wanted if item.state == "shipped"])
        if self.asked is not None:
            assert self.asked.amount > self.allowed
            assert self.ret.dates.stopped is not None
            assert not any(item.state == "due" for item in self.ret.wanted)

    def act(self, data: st.DataObject) -> None:
        """One thing happens, whether it fits or not."""
        actions = [self._receive, self._inspect, self._override, self._answer, self._time]
        with suppress(Refused):
            data.draw(st.sampled_from(actions))(data)

    def _receive(self, data: st.DataObject) -> None:
        quantity, complete = data.draw(st.integers(0, 2)), data.draw(st.booleans())
        self.receive(*[SHOE] * quantity, complete=complete, now=self.now)

    def _inspect(self, data: st.DataObject) -> None:
        self.inspect(now=self.now, **{f"u{data.draw(UNITS).replace('-', '_')}": data.draw(GRADES)})

    def _override(self, data: st.DataObject) -> None:
        change = st.tuples(st.just("grade"), st.sampled_from(Grade)) | st.tuples(
            st.just("acceptance"), st.sampled_from(["accepted", "rejected"])
        )
        field, value = data.draw(change)
        self.change(field, value, unit_id=data.draw(UNITS), now=self.now)

    def _answer(self, data: st.DataObject) -> None:
        accepted, sku = data.draw(st.booleans()), data.draw(st.sampled_from([None, "X", "Y"]))
        kept = [{"sku": sku, "quantity": data.draw(st.integers(1, 3))}] if sku else None
        asked = self.asked
        if asked is not None and accepted:
            self.allowed, before = asked.amount, self.allowed
            try:
                self.answer(accepted=True, exchange_for=kept, now=self.now)
            except Refused:
                self.allowed = before
                raise
        else:
            self.answer(accepted=accepted, exchange_for=kept, now=self.now)

    def _time(self, data: st.DataObject) -> None:
        self.now += timedelta(hours=data.draw(st.integers(1, 24 * 8)))
        self.wait(self.now)


@settings(max_examples=400)
@given(WANTED, st.integers(0, 2000), st.sampled_from(["settle", "attention"]), st.data())
def test_no_charge_is_ever_above_what_was_shown_or_said_yes_to(
    items: list[dict[str, Any]], fee: int, on_limit: str, data: st.DataObject
) -> None:
    rules = Policy.model_validate({"money": {"return_shipping_fee": fee}, "clock": {"on_limit": on_limit}})
    story = Watched(rules, items)
    story.scan(TrackingStatus.ACCEPTED)
    for _ in range(data.draw(st.integers(1, 9))):
        story.act(data)
        story.look()
    story.wait(story.now + timedelta(days=90))
    story.look()
    assert story.asked is None
    ungraded = any(unit.reception in IN_HAND and not unit.judged for unit in story.ret.expected)
    assert story.ret.money.begun or story.ret.open_steps or ungraded
