"""Who bought: guests without an id, and customers in a store without an address or any name at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.database.forgetting.blanks import blank_order, values_of
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.orders.customer import guest_id, id_of
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Method, Order, ReturnRequest, parse_request
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import Outcome, RuleName
from lifecycle.returns.eligibility import Facts, decide, methods_of
from lifecycle.returns.resolutions.table import rule_of
from lifecycle.returns.views.return_view import view_of
from starter.portal.customer.progress import progress_of
from tests.lifecycle.orders import NOW, body, opened

MAILS = st.from_regex(r"[a-z]{1,20}@[a-z]{1,10}\.test", fullmatch=True)
HOME = {"line1": "1 Main St", "city": "Springfield", "country": "US"}


def order(customer: dict[str, Any], order_id: str = "SO-1") -> Order:
    return Order.model_validate(body(order_id=order_id)["order"] | {"customer": customer})


def guest(**fields: Any) -> dict[str, Any]:
    return {"name": "Sample Customer", "email": "guest@example.com", "address": HOME, **fields}


@given(MAILS, MAILS)
def test_guests_are_one_customer_by_mail_alone(one: str, other: str) -> None:
    ids = [order(guest(email=email)).customer.customer_id for email in (one, one.upper(), other)]
    assert ids[0] == ids[1]
    assert (ids[0] == ids[2]) is (one == other)
    assert one not in ids[0]
    assert id_of(f"guest:{one}") == ids[0]


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20))
def test_a_guest_without_a_mail_address_is_the_customer_of_one_order(number: str) -> None:
    nobody = order({}, number).customer
    assert nobody.customer_id == guest_id(f"order {number}")
    assert (nobody.email, nobody.address, nobody.name) == (None, None, "")


@pytest.mark.parametrize("customer", [guest(), guest(customer_id=None), {}])
def test_what_was_left_out_stays_left_out_and_reads_the_same(customer: dict[str, Any]) -> None:
    read = order(customer)
    assert "customer_id" not in read.model_dump(exclude_unset=True)["customer"] or customer == {}
    again = Order.model_validate(read.model_dump(mode="json", exclude_unset=True, exclude_none=True))
    assert again.customer.customer_id == read.customer.customer_id
    assert Order.model_validate(read.model_dump(mode="json")) == read


@pytest.mark.parametrize("known", [{"email": "guest@example.com"}, {"address": HOME}])
def test_who_is_written_to_has_a_name(known: dict[str, Any]) -> None:
    asked = body()
    asked["order"]["customer"] = known
    with pytest.raises(InvalidRequest, match=r"order\.customer\.name: expected the customer's name"):
        parse_request(asked, now=NOW, forbid_unknown=True)


@pytest.mark.parametrize("resolution", Resolution)
@pytest.mark.parametrize("method", Method)
def test_without_an_address_nothing_is_fetched_and_nothing_is_sent(resolution: Resolution, method: Method) -> None:
    asked = body(resolution=resolution, method=method, exchange_for=[{"sku": "B", "quantity": 1, "unit_price": 1}])
    asked["order"]["customer"] = {}
    rules = {rule.rule for rule in decide(ReturnRequest.model_validate(asked), Policy(), Facts(), NOW).decision.rules}
    expected = {RuleName.RESOLUTION} if rule_of(resolution).sends else set()
    assert rules == expected | ({RuleName.METHOD} if method is not Method.MAIL else set())


def test_money_is_given_back_in_the_store() -> None:
    asked = body(channel="store")
    asked["order"]["customer"] = {}
    assert decide(parse_request(asked, now=NOW), Policy(), Facts(), NOW).decision.outcome is Outcome.ALLOWED


def test_the_page_waits_for_no_label_that_nobody_buys() -> None:
    ret = opened(customer=guest(address=None))
    assert progress_of(view_of(ret), ret.request).way == "own"
    assert progress_of(view_of(ret), opened().request).way == "preparing"
    assert methods_of(ret.request.order, Policy()) == [Method.MAIL]
    assert methods_of(opened().request.order, Policy()) == list(Method)


@pytest.mark.parametrize("customer", [{}, guest(address=None), guest(email=None)])
def test_they_can_be_forgotten(customer: dict[str, Any]) -> None:
    kept = order(customer).model_dump(mode="json")
    blank = Order.model_validate(blank_order(kept))
    assert blank.customer.customer_id == kept["customer"]["customer_id"]
    assert not values_of(kept) & values_of(blank_order(kept))


def test_without_it_nobody_is_written_to() -> None:
    with pytest.raises(ValueError, match="no mail address"):
        _ = order({}).customer.mailbox
    with pytest.raises(ValueError, match="no address"):
        _ = order({}).customer.home
