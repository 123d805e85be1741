"""Where a visitor comes from, as limits count it."""

from contextlib import suppress
from ipaddress import IPv6Address, IPv6Network, ip_address

from fastapi import Request

#: What one customer of a provider is given of IPv6, at least: they may use any address of it.
_PREFIX = 64
#: Characters of what a proxy named that is no address.
_LONGEST = 64


def network_of(request: Request) -> str:
    """The visitor's IPv4 address, or the /64 of their IPv6 one; empty where the server knows none.

    What a proxy says counts only from those that ``FORWARDED_ALLOW_IPS`` trusts.
    """
    return network(request.client.host if request.client else "")


def network(host: str) -> str:
    """The same, of an address."""
    with suppress(ValueError):
        address = ip_address(host)
        if isinstance(address, IPv6Address):
            return str(address.ipv4_mapped or IPv6Network((int(address), _PREFIX), strict=False))
        return str(address)
    return host[:_LONGEST]
