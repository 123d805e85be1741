"""A return whose workflow is lost: its customer is told that the shop knows, the warehouse that it has to wait."""

from collections.abc import Callable

from starter.demo.story import Stage
from tests.portal.browsing import Tab
from tests.portal.visits import follow
from tests.workflows.returns.play import Play


async def test_its_customer_reads_that_it_has_stopped_and_is_offered_nothing_that_fails(
    tab: Tab, stage: Stage, play: Callable[..., Play]
) -> None:
    story = play()
    await story.start()
    await follow(tab, stage, story)
    assert await tab.page.get_by_role("link", name="Cancel this return").count() == 1
    await story.handle.terminate("a stray one")
    await tab.page.reload()
    text = await tab.page.locator("main").inner_text()
    assert "Work on your return has stopped by a fault on our side" in text
    assert "You need not send or ask for anything a second time" in text
    assert await tab.page.get_by_role("link", name="Cancel this return").count() == 0
    assert await tab.go(f"/returns/{story.return_id}/change") == 409
    await stage.homeward.revive(story.return_id)
    await tab.go(f"/returns/{story.return_id}")
    assert "has stopped" not in await tab.page.locator("main").inner_text()
    assert await tab.page.get_by_role("link", name="Cancel this return").count() == 1


async def test_the_warehouse_books_nothing_into_it(tab: Tab, stage: Stage, play: Callable[..., Play]) -> None:
    story = play()
    await story.start()
    await story.handle.terminate("a stray one")
    await tab.go("/warehouse")
    await tab.page.keyboard.type("Sam")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url("**/warehouse")
    await tab.go(f"/warehouse/returns/{story.return_id}")
    assert "This return has stopped" in await tab.page.locator("main").inner_text()
    assert await tab.page.get_by_role("button", name="Record").count() == 0
    await stage.homeward.revive(story.return_id)
