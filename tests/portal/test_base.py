"""What holds for every page of the portal."""

import httpx

from starter.local.up import Ready
from tests.portal.browsing import Tab


async def test_an_address_with_nothing_behind_it_says_so_in_the_portals_own_design(tab: Tab) -> None:
    assert await tab.go("/nothing/here") == 404
    assert await tab.page.locator("h1").inner_text() == "There is nothing here"
    await tab.look("not-found")


async def test_files_are_kept_by_browsers_under_their_versions_address_alone(ready: Ready) -> None:
    async with httpx.AsyncClient(base_url=ready.api) as client:
        page = (await client.get("/nothing/here")).text
        path = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert "immutable" in (await client.get(path)).headers["cache-control"]
        assert (await client.get("/static/other/portal.css")).headers["cache-control"] == "no-cache"
        assert (await client.get("/static/other/app.py")).status_code == 404
