"""Homeward with a public address and keys as a process of its own, and each sample before it."""

import json
from collections.abc import AsyncIterator

import pytest

from starter.local.up import Ready
from tests.api.process import api_process
from tests.proxy.fronts import SHOP, Front, Proxy, front
from tests.webhooks.partners import SECRETS

KEY = "the-only-key-of-the-shop"
#: Calls a minute from one address.
CALLS = 40


@pytest.fixture(scope="module")
async def homeward(ready: Ready) -> AsyncIterator[str]:
    """Where it listens. All of it is served: what stays closed does so by the proxy."""
    environment = {
        "HOMEWARD_PUBLIC_URL": f"https://{SHOP}",
        "HOMEWARD_SANDBOX": "1",
        "HOMEWARD_API_KEYS": json.dumps([{"key": KEY, "scopes": ["read", "operate", "warehouse"], "name": "shop"}]),
        "HOMEWARD_API_CALLS_PER_MINUTE": str(CALLS),
        **{f"HOMEWARD_{partner.upper()}_WEBHOOK_SECRET": secret for partner, secret in SECRETS.items()},
    }
    async with api_process(ready, **environment) as address:
        yield address


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest) -> Proxy:
    """Whose sample it is."""
    found: Proxy = request.param
    return found


@pytest.fixture(scope="module")
async def before(proxy: Proxy, homeward: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Front]:
    """The sample before that Homeward."""
    async with front(proxy, tmp_path_factory.mktemp(proxy), homeward) as made:
        yield made
