"""Ids and keys that are made of two parts: no two different things have the same one."""

from collections.abc import Callable, Hashable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from activities.suppliers.journey import record_id as supplier_record
from activities.support.cases import record_id as case_record
from client.names import earlier_repair_id, repair_id, support_id
from gateways.database import ledger
from gateways.database.messages.events import Event
from gateways.subscribers.envelope import event_id
from lifecycle.contract.boundary import read
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.texts import ReturnId
from lifecycle.returns.eligibility import SHIPPING, unit_id
from lifecycle.returns.goods import outbound
from lifecycle.suppliers.messages import AddUnit
from lifecycle.support.messages import CaseId
from tests.lifecycle.orders import NOW, body, opened
from workflows.shared.steps import StepIds

#: Few letters, so that two pairs often are the same text in a row.
RETURNS = st.text("R1.-", min_size=1, max_size=5).filter(lambda text: text[0] in "R1")
#: Whatever the shop calls its lines, tenders and suppliers.
NAMES = st.text("R1.-:/#", min_size=1, max_size=5)
UNITS = st.builds(unit_id, NAMES, st.integers(1, 12))
#: As the return names the steps that book, pay and tell; those of its repairs name their unit.
STEPS = st.one_of(
    st.sampled_from(["open", "reserve", "reserve-2", "close"]),
    st.builds("refund-{}".format, NAMES),
    st.builds("repair-{}/take_parts".format, UNITS),
)


def _unit_name(pair: tuple[str, str]) -> str:
    return AddUnit.model_construct(return_id=pair[0], unit_id=pair[1], sku="S").name


def _event(pair: tuple[str, int]) -> str:
    return event_id(Event(return_id=pair[0], number=pair[1], at=NOW, data={}))


@pytest.mark.parametrize(
    ("made", "parts"),
    [
        (lambda pair: repair_id(*pair), st.tuples(RETURNS, UNITS)),
        (_unit_name, st.tuples(RETURNS, UNITS)),
        (lambda pair: unit_id(*pair), st.tuples(NAMES, st.integers(1, 12))),
        (lambda pair: ledger.key(*pair), st.tuples(RETURNS, STEPS)),
        (lambda pair: f"return-{pair[0]}/{pair[1]}", st.tuples(RETURNS, NAMES)),
        (_event, st.tuples(RETURNS, st.integers(1, 12))),
    ],
    ids=["repairs", "units at suppliers", "units", "effects", "waiting steps", "events"],
)
def test_two_pairs_never_share_an_id(made: Callable[[Any], Hashable], parts: st.SearchStrategy[Any]) -> None:
    @given(parts, parts)
    def check(one: Any, other: Any) -> None:
        assert (made(one) == made(other)) is (one == other)

    check()


@given(st.lists(st.sampled_from("R1"), min_size=3, max_size=6))
def test_one_text_parted_in_two_places_names_two_repairs(parts: list[str]) -> None:
    pairs = [("-".join(parts[:place]), "-".join([*parts[place:], "1"])) for place in range(1, len(parts))]
    assert len({repair_id(*pair) for pair in pairs}) == len(pairs)


def test_the_ids_of_repairs_of_before_could_meet() -> None:
    pairs = [("VIC", "1-1-1"), ("VIC-1", "1-1")]
    assert len({earlier_repair_id(*pair) for pair in pairs}) == 1
    assert {repair_id(*pair) for pair in pairs} == {"repair:VIC:1-1-1", "repair:VIC-1:1-1"}


@pytest.mark.parametrize("kind", [ReturnId, CaseId], ids=["return", "case"])
@pytest.mark.parametrize("between", [":", "/", "~"])
def test_what_stands_between_the_parts_of_an_id_is_in_no_return_and_no_case(kind: Any, between: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(f"R{between}1")


@given(st.lists(st.sampled_from(["refund-t1", "refund-t1-2", "refund-t1-2-2", "refund-t1-02", "close"]), max_size=12))
@example(["refund-t1", "refund-t1", "refund-t1-2"])
@example(["refund-t1-2", "refund-t1", "refund-t1"])
def test_no_two_steps_of_a_return_have_one_name(kinds: list[str]) -> None:
    names, given_out = StepIds(), []
    for kind in kinds:
        names = StepIds(names.used)  # as a run that goes on later does
        given_out.append(names.next(kind))
    assert len(set(given_out)) == len(kinds)


def test_the_names_of_steps_are_those_of_before_where_none_could_meet() -> None:
    names = StepIds()
    assert [names.next("refund-t1") for _ in range(3)] == ["refund-t1", "refund-t1-2", "refund-t1-3"]
    assert [names.next(kind) for kind in ("reserve", "close", "reserve")] == ["reserve", "close", "reserve-2"]


def test_a_card_is_not_called_what_the_credit_goes_to_that_homeward_gives() -> None:
    def order(kind: str) -> dict[str, Any]:
        return body(tenders=[{"tender_id": "store_credit", "kind": kind, "captured": 15400}])

    with pytest.raises(InvalidRequest, match=r"order\.tenders\.0\.tender_id: expected another id"):
        read(ReturnRequest, order("card"))
    assert read(ReturnRequest, order("store_credit")).order.tenders
    assert ReturnRequest.model_validate(order("card")).order.tenders, "what runs already goes on"


def test_a_piece_of_an_exchange_is_no_unit_of_a_line_called_exchange() -> None:
    line = {"line_id": "exchange", "sku": "SHOE", "quantity": 3, "unit_price": 4000}
    items = [{"line_id": "exchange", "quantity": 2, "reason": "unwanted"}]
    swap = [{"sku": "OTHER", "quantity": 2, "unit_price": 4000}, {"sku": "OTHER", "quantity": 1, "unit_price": 4000}]
    ret = opened(lines=[line], items=items, resolution="exchange", exchange_for=swap)
    ret.wanted = []
    outbound.require(ret, ret.units)
    names = {item.name for item in ret.wanted}
    assert len(names) == 3
    assert not names & {unit.unit_id for unit in ret.units}
    assert outbound.needed(ret) == ret.wanted, "each of them has to be in stock"


@given(UNITS)
def test_no_unit_is_claimed_as_the_shipping(unit: str) -> None:
    assert unit != SHIPPING


LONG = "Acme & Sons " + "x" * 90


@given(st.lists(NAMES | st.sampled_from([LONG, supplier_record(LONG).removeprefix("supplier:")]), unique=True))
@example([LONG, supplier_record(LONG).removeprefix("supplier:")])
def test_no_two_suppliers_keep_their_records_together(suppliers: list[str]) -> None:
    records = {supplier_record(supplier) for supplier in suppliers}
    assert len(records) == len(suppliers)
    assert all(len(record) <= 100 for record in records)


@given(NAMES, st.sampled_from(["ask-1", "remind-2", "call_operations/ask-1/20261124T150000Z"]), NAMES, STEPS)
def test_suppliers_cases_and_returns_have_no_key_in_common(one: str, step: str, other: str, its: str) -> None:
    supplier, case = ledger.key(supplier_record(one), step), ledger.key(case_record("S-1"), "keep")
    assert not {supplier, case} & {ledger.key("R-1", its), ledger.key(case_record("S-2"), "keep")}
    assert (supplier == ledger.key(supplier_record(other), step)) is (one == other)


def test_workflows_of_different_kinds_have_no_id_in_common() -> None:
    ids = {repair_id("1", "1"), earlier_repair_id("1", "1"), support_id("1-1"), "return-1-1", "supplier-1-1"}
    assert len(ids) == 5
