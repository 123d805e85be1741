"""The agenda: what merges, in what order lanes begin, when a command leaves, and how it is stored."""

import pytest
from pydantic import TypeAdapter, ValidationError

from lifecycle.returns.agenda import ReturnAgenda
from lifecycle.returns.aggregate.payment import Payment
from lifecycle.returns.commands import (
    BookStock,
    CheckPendingRefunds,
    ClaimMoney,
    ClaimUnits,
    FileLossClaim,
    NotifySiblingReturns,
    Pay,
    PlaceHold,
    ProvideHandover,
    ReleaseHold,
    ReleaseUnits,
    RepairCustomerUnit,
    ReserveStock,
    SendMail,
    Ship,
    VoidLabel,
)
from lifecycle.shared.agenda import Command

ONE_OF_EACH_LANE = (
    SendMail("reminder"),
    CheckPendingRefunds(),
    Pay(Payment("t1", 100)),
    BookStock("receive", "rc-1", ("1-1",), {"name": "record_receipt", "message": {}}),
    FileLossClaim("T-1", 100),
    VoidLabel("buy_return_label"),
    ClaimMoney(),
    Ship(("1-1",)),
    ReserveStock(("1-1",)),
)
STORED: TypeAdapter[ReturnAgenda] = TypeAdapter(ReturnAgenda)


def agenda(*queue: Command) -> ReturnAgenda:
    made = ReturnAgenda()
    for command in queue:
        made.add(command)
    return made


def test_lanes_begin_in_the_order_that_histories_hold() -> None:
    outbound = ["outbound-ship", "outbound-stock"]
    assert agenda(*ONE_OF_EACH_LANE).lanes == [*outbound, "claims", "label", "loss", "goods", "money", "ask", "mail"]


def test_a_lane_goes_in_order_and_its_standing_command_last() -> None:
    first, second = VoidLabel("a"), VoidLabel("b")
    mine = agenda(ProvideHandover(), first, second)
    assert mine.next("label") is first
    mine.done(first)
    assert mine.next("label") is second
    mine.done(second)
    assert mine.next("label") == ProvideHandover()


def test_a_command_is_busy_until_it_is_done() -> None:
    mine = agenda(PlaceHold())
    command = mine.next("outbound-hold")
    assert (command, mine.busy) == (PlaceHold(), True)
    assert command is not None
    mine.done(command)
    assert (mine.next("outbound-hold"), mine.busy) == (None, False)


def test_a_standing_command_is_there_once_until_it_is_withdrawn() -> None:
    mine = agenda(ProvideHandover(), ProvideHandover())
    under_way = mine.next("label")
    assert under_way is not None
    mine.done(under_way)
    assert mine.waiting(ProvideHandover) == [ProvideHandover()]
    mine.withdraw(ProvideHandover)
    assert not mine.busy


def test_others_are_done_as_often_as_they_are_asked_for() -> None:
    assert len(agenda(ReleaseHold(), ReleaseHold()).waiting(ReleaseHold)) == 2


def test_units_are_claimed_or_released_and_never_both() -> None:
    mine = agenda(ClaimMoney())
    mine.claim_units()
    mine.release_units()
    assert (mine.has(ClaimUnits), mine.next("claims")) == (False, ReleaseUnits())
    mine.claim_units()
    mine.claim_units()
    assert mine.waiting(ClaimUnits) == [ClaimUnits()]


def test_what_is_asked_for_anew_while_its_like_is_under_way_is_still_to_be_done() -> None:
    mine = agenda()
    mine.release_units()
    under_way = mine.next("claims")
    assert under_way is not None
    mine.release_units()
    mine.done(under_way)
    assert mine.waiting(ReleaseUnits) == [ReleaseUnits()]


def test_payments_that_look_alike_are_two() -> None:
    first, second = Pay(Payment("t1", 100)), Pay(Payment("t1", 100))
    mine = agenda(first, second)
    mine.done(second)
    assert mine.waiting(Pay)[0] is first


def test_each_unit_on_the_bench_has_a_lane_of_its_own() -> None:
    assert agenda(RepairCustomerUnit("1-1"), RepairCustomerUnit("1-2")).lanes == [
        "outbound-repair-1-1",
        "outbound-repair-1-2",
    ]


@pytest.mark.parametrize("command", [*ONE_OF_EACH_LANE, ReleaseUnits(), NotifySiblingReturns(("R-2",))])
def test_a_stored_command_is_the_same_again(command: Command) -> None:
    stored = STORED.dump_python(agenda(command), mode="json")
    [again] = STORED.validate_python(stored).queue
    assert (type(again), vars(again)) == (type(command), vars(command))


def test_the_state_of_an_earlier_release_is_read() -> None:
    earlier = {"label": False, "void": [], "claims": None, "commands": [], "kept_codes": {"buy_return_label": "T-1"}}
    assert STORED.validate_python(earlier) == ReturnAgenda(kept_codes={"buy_return_label": "T-1"})


def test_a_stored_command_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="expected a command"):
        STORED.validate_python({"queue": [{"kind": "Forget"}]})
