"""Integers in minor units, exactly."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.contract.money import exponent, format_money, is_currency, percent, spread


@given(st.integers(0, 10**12), st.integers(1, 1000))
def test_spread_adds_up_and_the_first_parts_get_the_rest(total: int, parts: int) -> None:
    shares = spread(total, parts)
    assert sum(shares) == total
    assert len(shares) == parts
    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[-1] <= 1


@given(st.integers(0, 10**12), st.decimals(0, 100, places=4))
def test_percent_rounds_half_up(amount: int, percentage: Decimal) -> None:
    exact = Decimal(amount) * percentage / 100
    assert abs(percent(amount, percentage) - exact) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("amount", "percentage", "expected"),
    [(3666, "15", 550), (3666, "10", 367), (1, "50", 1), (1, "49.9999", 0), (333, "33.3333", 111), (7, "100", 7)],
)
def test_percent_by_hand(amount: int, percentage: str, expected: int) -> None:
    assert percent(amount, Decimal(percentage)) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (4033, "USD", "40.33 USD"),
        (7, "EUR", "0.07 EUR"),
        (1234, "JPY", "1234 JPY"),
        (1234, "KWD", "1.234 KWD"),
        (-50, "GBP", "-0.50 GBP"),
    ],
)
def test_money_for_people(amount: int, currency: str, text: str) -> None:
    assert format_money(amount, currency) == text


def test_currencies() -> None:
    assert [is_currency(code) for code in ("USD", "JPY", "KWD", "usd", "XYZ", "")] == [True] * 3 + [False] * 3
    assert [exponent(code) for code in ("USD", "JPY", "KWD", "ISK")] == [2, 0, 3, 0]
