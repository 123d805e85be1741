"""The policy file: its defaults, and what is wrong with it, key by key."""

from decimal import Decimal

import pytest

from lifecycle.contract.policy import InvalidPolicy, Policy, parse_policy
from lifecycle.contract.tenders import TENDERS, TenderKind

CONTRACT = """
version = "default"
[shop]
name = "Demo Shop"
mail_from = "returns@example.com"
operations_mail = "operations@example.com"
return_address = {name = "Demo Shop Returns", line1 = "9 Dock Road", city = "Springfield", state = "IL", postal_code = "62701", country = "US"}
[eligibility]
window_days = 30
final_sale = "declined"
resolutions = ["refund", "store_credit", "replacement", "exchange", "repair"]
out_of_warranty_repair = "quoted"
[approval]
review_above = 50000
review_after_returns = 5
keep_item_below = 0
instant_refund_below = 0
advance_replacement = true
[money]
refund_original_shipping = "seller_fault"
restocking_fee_percent = 0
return_shipping_fee = 0
condition_deduction_percent = {A = 0, B = 0, C = 30, D = 100}
store_credit_bonus_percent = 0
tender_order = ["gift_card", "store_credit", "card", "other"]
on_refund_failure = "attention"
[handover]
methods = ["mail", "pickup", "drop_off"]
remind_after_days = 7
ship_by_days = 14
late_arrival_days = 30
[clock]
country = "US"
subdivision = ""
timezone = "America/New_York"
closed_days = []
starts_on = "handover"
target_business_days = 5
limit_business_days = 7
on_limit = "settle"
"""  # noqa: E501 - as a shop would write it


def test_keys_left_out_keep_the_contracts_defaults() -> None:
    assert parse_policy("") == parse_policy(CONTRACT) == Policy()


def test_every_kind_of_tender_has_its_row_and_its_place_when_money_goes_back() -> None:
    assert sorted(TENDERS) == sorted(TenderKind) == sorted(Policy().money.tender_order)
    assert {kind for kind, rule in TENDERS.items() if rule.is_account} == {"gift_card", "store_credit"}


def test_a_grade_left_out_keeps_its_default() -> None:
    money = parse_policy("[money]\ncondition_deduction_percent = {C = 12.5}").money
    assert list(money.condition_deduction_percent.values()) == [0, 0, Decimal("12.5"), 100]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("colour = 1", "colour"),
        ("[shop]\ncolour = 1", "shop.colour"),
        ('[shop]\nmail_from = "nobody"', "shop.mail_from"),
        ('[shop]\nreturn_address = {line1 = "x", city = "y"}', "shop.return_address.country"),
        ("[eligibility]\nwindow_days = -1", "eligibility.window_days"),
        ("[eligibility]\nwindow_days = 30.5", "eligibility.window_days"),
        ('[eligibility]\nfinal_sale = "maybe"', "eligibility.final_sale"),
        ('[eligibility]\nresolutions = ["refund", "hug"]', "eligibility.resolutions.1"),
        ("[approval]\nreview_above = 10.5", "approval.review_above"),
        ("[approval]\nreview_after_returns = 0", "approval.review_after_returns"),
        ("[money]\nrestocking_fee_percent = 101", "money.restocking_fee_percent"),
        ("[money]\nreturn_shipping_fee = -5", "money.return_shipping_fee"),
        ("[money]\ncondition_deduction_percent = {E = 1}", "money.condition_deduction_percent.E"),
        ('[money]\ntender_order = ["card"]', "money.tender_order"),
        ('[money]\non_refund_failure = "hope"', "money.on_refund_failure"),
        ('[handover]\nmethods = ["pigeon"]', "handover.methods.0"),
        ("[handover]\nremind_after_days = 14", "handover.remind_after_days"),
        (
            '[shop]\nreturn_address = {line1 = "x", city = "y", country = "US", contry = "x"}',
            "shop.return_address.contry",
        ),
        ('[clock]\ncountry = "XX"', "clock.country"),
        ('[clock]\nsubdivision = "ZZ"', "clock.subdivision"),
        ('[clock]\ntimezone = "Moon/Sea"', "clock.timezone"),
        ("[clock]\nclosed_days = [1]", "clock.closed_days.0"),
        ('[clock]\nstarts_on = "whim"', "clock.starts_on"),
        ("[clock]\ntarget_business_days = 8", "clock.limit_business_days"),
        ("[clock]\nlimit_business_days = 0", "clock.limit_business_days"),
        ("[clock]\ntarget_business_days = 5.0", "clock.target_business_days"),
        ('[clock]\non_limit = "forget"', "clock.on_limit"),
        ("version = 1", "version"),
        ("clock = 3", "clock"),
        ('[eligibility]\nout_of_warranty_repair = "free"', "eligibility.out_of_warranty_repair"),
        ("[approval]\nkeep_item_below = -1", "approval.keep_item_below"),
        ("[approval]\ninstant_refund_below = true", "approval.instant_refund_below"),
        ("[approval]\nadvance_replacement = 1", "approval.advance_replacement"),
        ('[money]\nrefund_original_shipping = "often"', "money.refund_original_shipping"),
        ("[money]\nrestocking_fee_percent = true", "money.restocking_fee_percent"),
        ("[money]\nrestocking_fee_percent = nan", "money.restocking_fee_percent"),
        ("[money]\nstore_credit_bonus_percent = -1", "money.store_credit_bonus_percent"),
        ("[handover]\nlate_arrival_days = 366", "handover.late_arrival_days"),
        ("[handover]\nlabel_within_hours = 0", "handover.label_within_hours"),
        ("[handover]\nlabel_within_hours = 721", "handover.label_within_hours"),
        ("[handover]\nlabel_within_hours = 1.5", "handover.label_within_hours"),
        ("[handover]\nship_by_days = 1.5", "handover.ship_by_days"),
    ],
)
def test_what_is_wrong_is_named_by_its_key(text: str, key: str) -> None:
    with pytest.raises(InvalidPolicy) as refused:
        parse_policy(text)
    assert key in [field for field, _ in refused.value.problems]


def test_what_is_not_toml_is_named_by_its_line() -> None:
    with pytest.raises(InvalidPolicy, match="line 2"):
        parse_policy('version = "1"\nwindow_days = = 3')
