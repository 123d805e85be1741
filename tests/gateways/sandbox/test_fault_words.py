"""Fault words: what they say, and how often they strike."""

import pytest

from gateways.database.engine import Database
from gateways.errors import Busy, Declined, GatewayError, Unavailable
from gateways.sandbox.faults import RETRY_AFTER, Fault, failing_as_asked, parse


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("fault:before", Fault("before")),
        ("pi_1-fault:down:2", Fault("down", 2)),
        ("Flat 3, fault:after:1, back door", Fault("after", 1)),
        ("fault:pending:0", Fault("pending", 0)),
        ("fault:downs", None),
        ("fault:down:", None),
        ("fault:down:x", None),
        ("fault:down:2nd", None),
        ("fault:down:-1", None),
        ("fault:slow", None),
        ("", None),
        (None, None),
    ],
)
def test_a_word_is_found_and_a_malformed_one_is_ordinary_text(text: str | None, fault: Fault | None) -> None:
    assert parse(text) == fault


async def _tries(database: Database, key: str, word: str, count: int) -> tuple[list[str], int]:
    """What each try came to, and how often the effect happened."""
    answers, effects = [], 0
    for _ in range(count):
        try:
            async with failing_as_asked(database, key, [None, word]):
                effects += 1
        except GatewayError as error:
            answers.append(type(error).__name__)
        else:
            answers.append("ok")
    return answers, effects


@pytest.mark.parametrize(
    ("word", "error", "effects_while_failing"),
    [
        ("before", Unavailable, 0),
        ("after", Unavailable, 1),
        ("busy", Busy, 0),
        ("down", Unavailable, 0),
        ("refused", Declined, 0),
    ],
)
async def test_each_word_fails_as_often_as_it_says(
    database: Database, word: str, error: type[GatewayError], effects_while_failing: int
) -> None:
    name = error.__name__
    assert await _tries(database, "k1", f"fault:{word}:2", 3) == ([name, name, "ok"], 2 * effects_while_failing + 1)
    assert await _tries(database, "k1", f"fault:{word}", 4) == ([name] * 4, 4 * effects_while_failing)
    assert await _tries(database, "k2", f"fault:{word}:0", 1) == (["ok"], 1)


async def test_each_key_is_counted_alone_and_a_restart_does_not_begin_anew(database: Database, other: Database) -> None:
    assert await _tries(database, "k1", "fault:down:2", 1) == (["Unavailable"], 0)
    assert await _tries(other, "k1", "fault:down:2", 2) == (["Unavailable", "ok"], 1)
    assert await _tries(other, "k2", "fault:down:2", 1) == (["Unavailable"], 0)


async def test_busy_says_when_to_come_back(database: Database) -> None:
    with pytest.raises(Busy) as refused:
        async with failing_as_asked(database, "k", ["fault:busy"]):
            pass
    assert refused.value.retry_after == RETRY_AFTER


async def test_an_effect_that_itself_fails_is_not_hidden_by_a_lost_answer(database: Database) -> None:
    with pytest.raises(Declined):
        async with failing_as_asked(database, "k", ["fault:after"]):
            raise Declined("above captured", "amount_too_large")
