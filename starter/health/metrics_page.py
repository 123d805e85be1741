"""The metrics of one process as Prometheus reads them: Temporal's SDK's and ours on one page."""

from typing import Final

import httpx
import structlog
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

#: Of what Prometheus scrapes in its text format.
MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_WITHIN: Final = 2.0
_log = structlog.get_logger("homeward.health")


class MetricsPage:
    """``own`` is what this process alone can say; counts that steps keep are in the library's own registry."""

    def __init__(self, sdk_at: str) -> None:
        """``sdk_at`` is the HOST:PORT at which the SDK's runtime gives its metrics."""
        self._sdk = f"http://{sdk_at}/metrics"
        self.own = CollectorRegistry()

    async def text(self) -> str:
        """All of it; where the SDK does not answer, ours alone."""
        ours = generate_latest(REGISTRY) + generate_latest(self.own)
        return ours.decode() + await self.of_sdk()

    async def of_sdk(self) -> str:
        """The SDK's; empty where it does not answer."""
        try:
            async with httpx.AsyncClient(timeout=_WITHIN, trust_env=False) as client:
                return (await client.get(self._sdk)).text
        except httpx.HTTPError as error:
            _log.warning("the SDK's metrics could not be read", exc_info=error)
            return ""
