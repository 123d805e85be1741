"""What a partner's webhook needs besides its row: a header that a proxy drops would be a silent 401."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import String

from gateways.database.tables.messages import inbox
from gateways.webhook_protocol import NotSigned
from workers.settings import PREFIX, Settings
from workers.webhook_table import WEBHOOKS

ROOT = Path(__file__).resolve().parents[2]
PROXY = ROOT / "ops" / "proxy"
#: What visitors send besides.
OF_VISITORS = {"content-type", "cookie"}
NEEDED = {header.lower() for webhook in WEBHOOKS.values() for header in webhook.headers}


class Asked(dict[str, str]):
    """No headers, but which of them were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names = set[str]()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]  # the only form used
        self.names.add(name.lower())
        return default


def passed_on(sample: str) -> set[str]:
    """The headers that a part of nginx's sample passes on as they came."""
    passed = re.findall(r"^ *proxy_set_header (\S+) \$http_(\w+);", sample, re.MULTILINE)
    assert all(variable == name.lower().replace("-", "_") for name, variable in passed)
    return {name.lower() for name, _ in passed}


def test_nginx_passes_on_the_headers_that_partners_sign_with_and_no_others() -> None:
    public = (PROXY / "nginx.conf").read_text().partition("proxy_pass_request_headers off;")[2].partition("\n}")[0]
    assert passed_on(public) == OF_VISITORS
    assert re.findall(r"^ *include (\S+);", public, re.MULTILINE) == ["homeward/webhook_headers.conf"]
    assert passed_on((PROXY / "webhook_headers.conf").read_text()) == NEEDED


def test_caddy_drops_no_header_that_partners_sign_with() -> None:
    dropped = re.findall(r"^\s*header_up -(\S+)", (PROXY / "Caddyfile").read_text(), re.MULTILINE)
    assert dropped
    assert not {name.lower() for name in dropped} & NEEDED


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_row_names_the_headers_that_its_reader_asks_for(name: str) -> None:
    asked, webhook = Asked(), WEBHOOKS[name]
    with pytest.raises(NotSigned):
        webhook.reader("whsec_" + "YW4tZW50aXJlbHktdW5rbm93bi1zZWNyZXQ=").read(b"{}", asked, datetime.now(UTC))
    assert asked.names == {header.lower() for header in webhook.headers}


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_row_has_its_secret_and_its_line_on_the_page(name: str) -> None:
    setting = WEBHOOKS[name].setting
    assert setting in Settings.model_fields
    line = rf"^\| `POST /v1/webhooks/{name}` \|.*\| `{PREFIX}{setting.upper()}` \|$"
    assert re.search(line, (ROOT / "docs" / "webhooks.md").read_text(), re.MULTILINE)


def test_the_inbox_has_room_for_every_name() -> None:
    assert isinstance(inbox.c.source.type, String)
    assert max(map(len, WEBHOOKS)) <= (inbox.c.source.type.length or 0)
