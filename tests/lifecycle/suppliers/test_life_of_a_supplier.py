"""Any messages in any order, and time between them: what holds of a supplier's journey whatever happens."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lifecycle.contract.errors import Refused
from lifecycle.suppliers import rules
from lifecycle.suppliers.messages import AddUnit, Authorise, RecordCredit, RecordShipment, Refuse
from lifecycle.suppliers.state import BatchPlan, SupplierReturn, UnitStage

START = datetime(2026, 11, 11, 15, tzinfo=UTC)
UNITS = [f"R-{number}/1-{unit}" for number in range(4) for unit in (1, 2)]
SOME = st.lists(st.sampled_from(UNITS), min_size=1, max_size=4, unique=True)
KEYS = st.sampled_from(["K-1", "K-2", "K-3", "K-4", "K-5", "K-6"])
ORDER = [UnitStage.GATHERED, UnitStage.ASKED, UnitStage.AUTHORISED, UnitStage.SHIPPED, UnitStage.CREDITED]


class LifeOfASupplier(RuleBasedStateMachine):
    """Beside the rules it keeps books of its own, made from the messages that were taken."""

    def __init__(self) -> None:
        super().__init__()
        self.journey = SupplierReturn(supplier_id="ACME")
        self.now = START
        self.added: set[str] = set()
        self.money: Counter[str] = Counter()
        self.taken: set[str] = set()
        self.asked: set[str] = set()
        self.reached: dict[str, UnitStage] = {}

    def _say(self, key: str, check: Callable[[], None], act: Callable[[], None]) -> bool:
        """Send a message twice; whether it was taken the first time. A refused one changes nothing."""
        before = self.journey.model_dump()
        try:
            check()
        except Refused:
            assert self.journey.model_dump() == before
            return False
        assert self.journey.model_dump() == before
        act()
        after = self.journey.model_dump()
        act()
        assert self.journey.model_dump() == after
        if key in self.taken:
            assert after == before
            return False
        self.taken.add(key)
        return True

    @rule(name=st.sampled_from(UNITS))
    def add(self, name: str) -> None:
        return_id, _, unit_id = name.partition("/")
        rules.add_unit(self.journey, AddUnit(return_id=return_id, unit_id=unit_id, sku="S"), self.now)
        self.added.add(name)

    @rule(size=st.integers(1, 4), weekday=st.booleans(), remind=st.integers(1, 40))
    def settle(self, size: int, *, weekday: bool, remind: int) -> None:
        """What the workflow does after each message."""
        for _ in range(20):
            if rules.needs_plan(self.journey):
                ask_at = self.now + timedelta(days=5) if weekday else None
                plan = BatchPlan(size=size, ask_at=ask_at, remind_after_days=remind)
                rules.begin_batch(self.journey, plan)
            rules.advance(self.journey, self.now)
        upcoming = rules.next_alarm(self.journey)
        assert upcoming is None or upcoming.at > self.now
        for notice in self.journey.notices:
            if notice.template == "supplier_ask":
                assert not self.asked & set(notice.unit_ids)
                self.asked |= set(notice.unit_ids)
        self.journey.notices.clear()

    @rule(key=KEYS, units=SOME)
    def authorise(self, key: str, units: list[str]) -> None:
        message = Authorise(authorisation_id=key, by="ops", unit_ids=units)
        self._say(
            f"authorise {key}",
            lambda: rules.check_authorise(self.journey, message),
            lambda: rules.authorise(self.journey, message, self.now),
        )

    @rule(key=KEYS)
    def ship(self, key: str) -> None:
        message = RecordShipment(shipment_id=key, by="ops")
        self._say(
            f"ship {key}",
            lambda: rules.check_shipment(self.journey, message),
            lambda: rules.record_shipment(self.journey, message, self.now),
        )

    @rule(key=KEYS, units=SOME, amount=st.integers(1, 9999), currency=st.sampled_from(["USD", "JPY"]))
    def credit(self, key: str, units: list[str], amount: int, currency: str) -> None:
        message = RecordCredit(credit_id=key, by="ops", amount=amount, currency=currency, unit_ids=units)
        taken = self._say(
            f"credit {key}",
            lambda: rules.check_credit(self.journey, message),
            lambda: rules.record_credit(self.journey, message, self.now),
        )
        if taken:
            self.money[currency] += amount

    @rule(units=SOME, reason=st.sampled_from(["worn", "late"]))
    def refuse(self, units: list[str], reason: str) -> None:
        message = Refuse(by="ops", unit_ids=units, reason=reason)
        before = self.journey.model_dump()
        try:
            rules.refuse(self.journey, message, self.now)
        except Refused:
            assert self.journey.model_dump() == before
            return
        after = self.journey.model_dump()
        rules.refuse(self.journey, message, self.now)
        assert self.journey.model_dump() == after

    @rule(days=st.sampled_from([0, 1, 5, 30, 200]))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def go_on_in_a_new_run(self) -> None:
        rules.tidy(self.journey, self.now)
        self._forget()
        before = self.journey.model_dump()
        self.journey = SupplierReturn.model_validate_json(self.journey.model_dump_json(exclude_defaults=True))
        assert self.journey.model_dump() == before

    def _forget(self) -> None:
        """What the journey has forgotten may come again, as something new."""
        journey = self.journey
        papers: dict[str, set[str]] = {
            "authorise": set(journey.authorisations),
            "ship": set(journey.shipments),
            "credit": set(journey.credits),
        }
        self.taken = {key for key in self.taken if key.split()[1] in papers[key.split()[0]]}
        self.asked &= set(journey.units)

    @invariant()
    def no_unit_is_lost_or_made_up(self) -> None:
        summary = rules.summary_of(self.journey)
        assert set(self.journey.units) <= self.added
        # A unit that was forgotten may come again, and then counts again.
        assert sum(summary.units.values()) >= len(self.added)

    @invariant()
    def every_cent_is_counted_once(self) -> None:
        summary = rules.summary_of(self.journey)
        assert Counter(summary.credited) == self.money

    @invariant()
    def units_only_go_forward(self) -> None:
        for name in set(self.reached) - set(self.journey.units):
            assert self.reached.pop(name).ended
        for name, unit in self.journey.units.items():
            before = self.reached.get(name, UnitStage.GATHERED)
            if unit.stage is UnitStage.REFUSED:
                assert before is not UnitStage.CREDITED
            else:
                assert before is not UnitStage.REFUSED
                assert ORDER.index(before) <= ORDER.index(unit.stage)
            self.reached[name] = unit.stage

    @invariant()
    def papers_stand_with_their_units(self) -> None:
        for unit in self.journey.units.values():
            assert unit.stage is not UnitStage.SHIPPED or unit.shipment_id in self.journey.shipments
            assert (unit.credit_id is not None) == (unit.stage is UnitStage.CREDITED)
            assert unit.credit_id is None or unit.credit_id in self.journey.credits
            assert (unit.reason is not None) == (unit.stage is UnitStage.REFUSED)
            assert unit.batch is None or unit.batch <= self.journey.batches

    @invariant()
    def a_view_can_always_be_shown(self) -> None:
        rules.view_of(self.journey).model_dump_json()


TestLifeOfASupplier = LifeOfASupplier.TestCase
