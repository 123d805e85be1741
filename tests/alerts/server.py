"""A real Prometheus with the rules of ops/prometheus, which waits seconds where they wait minutes."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from starter.local.temporal_server import free_port

OPS: Final = Path(__file__).resolve().parents[2] / "ops" / "prometheus"
RULES: Final = OPS / "homeward.rules.yml"


def program(name: str) -> str:
    """Where it is; without it these tests fail in CI, and are skipped elsewhere."""
    found = shutil.which(name)
    if found:
        return found
    missing = f"{name} is not installed: make prometheus"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


class Prometheus:
    """One that runs, and what it says."""

    def __init__(self, url: str) -> None:
        self.client = httpx.AsyncClient(base_url=url, timeout=30)

    async def _data(self, path: str, **asked: str) -> Any:
        answer = await self.client.get(f"/api/v1/{path}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    async def query(self, asked: str) -> list[dict[str, Any]]:
        """What a query finds now."""
        found: list[dict[str, Any]] = (await self._data("query", query=asked))["result"]
        return found

    async def firing(self) -> set[str]:
        """The alerts that fire now."""
        return {alert["labels"]["alertname"] for alert in (await self._data("alerts"))["alerts"] if _fires(alert)}

    async def answers(self) -> bool:
        """Whether it is up."""
        try:
            return (await self.client.get("/-/ready")).status_code == 200
        except httpx.TransportError:
            return False


def _fires(alert: dict[str, Any]) -> bool:
    return bool(alert["state"] == "firing")


@asynccontextmanager
async def prometheus(folder: Path, targets: Collection[str]) -> AsyncIterator[Prometheus]:
    """Scrape these HOST:PORT every two seconds, for as long as the block lasts."""
    rules = re.sub(r"(?m)^( *for:) \w+$", r"\1 5s", RULES.read_text()).replace("offset 5m", "offset 30s")
    (folder / RULES.name).write_text(rules)
    settings = (OPS / "prometheus.yml").read_text().replace("interval: 15s", "interval: 2s")
    listed = "".join(f"\n          - {target}" for target in targets)
    (folder / "prometheus.yml").write_text(settings.replace("\n          - 127.0.0.1:9464", listed))
    listen = f"127.0.0.1:{free_port()}"
    running = await asyncio.create_subprocess_exec(
        program("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={listen}",
        stderr=asyncio.subprocess.DEVNULL,
    )
    found = Prometheus(f"http://{listen}")
    try:
        for _ in range(300):
            if await found.answers():
                break
            await asyncio.sleep(0.1)
        yield found
    finally:
        await found.client.aclose()
        running.terminate()
        await running.wait()
