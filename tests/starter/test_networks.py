"""Visitors are counted by what one of them is given: an IPv4 address, or a /64 of IPv6."""

import pytest

from starter.shared.networks import network


@pytest.mark.parametrize(
    ("host", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1:aaaa::1", "2001:db8:0:1::/64"),
        ("2001:0DB8:0:1::2", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "2001:db8:0:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("x" * 1000, "x" * 64),
        ("", ""),
    ],
)
def test_what_a_visitor_is_counted_as(host: str, counted_as: str) -> None:
    assert network(host) == counted_as
