"""What so many returns a day need, as ``docs/scale.md`` tells it."""

from pathlib import Path

import pytest

from benchmarks.scale import TIERS, Need, price, table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scale.md"


def test_the_page_shows_what_the_script_prints() -> None:
    assert table() in PAGE.read_text()


def test_actions_are_priced_by_tiers() -> None:
    # The example of Temporal's price list: 11.25 million cost 250, 225 and 50 dollars.
    assert price(11.25) == 525
    assert price(0) == 0
    assert price(300) - price(200) == 100 * TIERS[-1][1]


@pytest.mark.parametrize("per_day", [1_000, 100_000, 5_000_000])
def test_shards_are_a_power_of_two_and_enough(per_day: int) -> None:
    shards = Need(per_day).shards
    assert shards >= 512
    assert shards & (shards - 1) == 0


def test_a_small_shop_keeps_every_open_return_in_memory_and_pays_no_replay() -> None:
    assert Need(1_000).cached
    assert not Need(100_000).cached
    assert Need(100_000).worker_cores("returns") > Need(100_000).cores(0.036)
