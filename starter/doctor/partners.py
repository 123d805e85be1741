"""Whether what the settings name can be reached from here."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

from starter.doctor.finding import Finding, failed, ok
from workers.partner_table import live_partners
from workers.settings import PREFIX, Settings

_WITHIN: Final = 5.0
_PORTS: Final = {"https": 443, "http": 80, "smtps": 465, "smtp": 587}


async def examine_partners(settings: Settings) -> AsyncIterator[Finding]:
    """Open a connection to each, and say nothing over it."""
    named = {
        "mail server": (f"{PREFIX}SMTP_URL", settings.smtp_url),
        "mail sender": (f"{PREFIX}MAILS_URL", settings.mails_url),
        "stock system": (f"{PREFIX}STOCK_URL", settings.stock_url),
        "order service": (f"{PREFIX}ORDERS_URL", settings.orders_url),
        **{live.name: (f"{PREFIX}{live.url.upper()}", live.address(settings)) for live in live_partners()},
    }
    for name, (variable, url) in named.items():
        if url:
            yield await _reached(name, variable, str(url))


async def _reached(name: str, variable: str, url: str) -> Finding:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443)
    try:
        async with asyncio.timeout(_WITHIN):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        advice = f"see {variable}, the network, and the partner's own status page"
        return failed(name, f"{host}:{port} cannot be reached ({type(error).__name__})", advice)
    writer.close()
    return ok(name, f"{host}:{port} can be reached")
