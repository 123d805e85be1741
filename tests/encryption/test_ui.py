"""An encrypted return in Temporal's own UI, in a real browser: ciphertext, until the codec server is asked."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from gateways.database.engine import Database
from starter.demo.story import stage_at
from starter.local.up import Place, running
from tests.api.process import serving
from tests.portal.browsing import DESKTOP, launched
from tests.workflows.returns.play import Play, make_request
from workers.codec import encrypting
from workers.master_keys import load_master_keys
from workers.settings import Settings

pytestmark = pytest.mark.long

KEY = "a-key-that-reads-all"
NAME = "Philippa Quackenbush"
CIPHERTEXT = re.compile(r"[\w+/]{100}")
#: Milliseconds for what the UI shows.
SOON = 30_000


@dataclass(frozen=True)
class Seen:
    """A browser's page of a return's workflow, and where the codec server is."""

    page: Page
    workflow: str
    codec: str

    async def shows(self, what: str | re.Pattern[str]) -> str:
        """All that the UI shows of it, once it shows that."""
        await self.page.goto(self.workflow)
        body = self.page.locator("body")
        await expect(body).to_contain_text(what, use_inner_text=True, timeout=SOON)
        return await body.inner_text()

    async def use_codec(self) -> None:
        """As docs/security.md says it."""
        await self.page.get_by_test_id("data-encoder-status").click()
        await self.page.get_by_test_id("use-local-endpoint-input").check()
        asked = self.page.get_by_role("dialog").last
        await asked.get_by_role("textbox").fill(self.codec)
        await asked.get_by_text("Include cross-origin credentials").click()
        await asked.get_by_test_id("confirm-modal-button").click()


@pytest.fixture
async def seen(keys: Path, tmp_path: Path) -> AsyncIterator[Seen]:
    place = Place(tmp_path, temporal_port=0, ui_port=0, api_port=0)
    settings = Settings(data_dir=tmp_path, database_url=None, smtp_url=None, encryption_keys=str(keys))
    async with running(settings, place) as there, launched() as browser:
        db = Database(there.database)
        async with stage_at(there, timedelta(seconds=60), encrypting(db, load_master_keys(str(keys)))) as stage:
            play = Play(stage, make_request(name=NAME))
            await play.start()
        await db.dispose()
        environment = {
            "HOMEWARD_DATABASE_URL": there.database,
            "TEMPORAL_ADDRESS": there.temporal,
            "HOMEWARD_ENCRYPTION_KEYS": str(keys),
            "HOMEWARD_API_KEYS": json.dumps([{"key": KEY, "scopes": ["read"]}]),
            "HOMEWARD_CODEC_ORIGINS": json.dumps([there.ui]),
        }
        async with serving("codec", "--port", "0", **environment) as codec:
            page = await browser.new_page(viewport=DESKTOP)
            yield Seen(page, f"{there.ui}/namespaces/default/workflows/return-{play.return_id}", codec)


async def test_an_operator_reads_an_encrypted_return_once_signed_in(seen: Seen) -> None:
    assert NAME not in await seen.shows(CIPHERTEXT)

    await seen.use_codec()
    async with seen.page.expect_response(lambda answer: answer.url.startswith(seen.codec) and answer.status == 401):
        assert NAME not in await seen.shows(CIPHERTEXT)

    await seen.page.goto(f"{seen.codec}/sign-in")
    await seen.page.get_by_label("API key").fill(KEY)
    await seen.page.get_by_role("button", name="Sign in").click()
    await expect(seen.page.get_by_role("main")).to_contain_text(f"the endpoint {seen.codec} and")

    assert not CIPHERTEXT.search(await seen.shows(NAME))
