"""The FAQ is found by what people ask, whatever they type, in both databases; its files are read when they change."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateways.database.engine import Database
from gateways.database.support import faq
from gateways.language import OWN_CONTENT
from lifecycle.contract.policy import Policy, parse_policy
from lifecycle.support.faq import FaqAnswer
from workers.faq_files import BrokenFaq, FaqFiles, read_answers
from workers.settings import SettingsError

#: What people ask, and the answer that anybody would point them to.
QUESTIONS = [
    ("How many days do I have to send something back?", "how-long-can-i-return"),
    ("Is it too late to return my jacket, I got it 3 weeks ago?", "how-long-can-i-return"),
    ("How do I start a return?", "how-to-return"),
    ("I would like to give back a pair of boots", "how-to-return"),
    ("Can I return only one item of my order", "part-of-an-order"),
    ("can i put two orders in one parcel?", "part-of-an-order"),
    ("I changed my mind and want to keep it, how do I cancel the return", "change-or-cancel"),
    ("can I still change my return to another item", "change-or-cancel"),
    ("Can somebody pick up the parcel at my home?", "ways-to-send"),
    ("where is the nearest drop off point", "ways-to-send"),
    ("I don't have a printer", "print-label"),
    ("i lost the label", "print-label"),
    ("Do I need the original box?", "packing"),
    ("how should I wrap it", "packing"),
    ("has my parcel arrived at your warehouse?", "track-my-return"),
    ("what is the status of my return", "track-my-return"),
    ("the tracking has not moved for a week, is my parcel lost?", "lost-parcel"),
    ("When will I get my money back?", "when-refund"),
    ("still waiting for my refund", "when-refund"),
    ("why did I get less than I paid?", "how-much-refund"),
    ("is there a restocking fee", "how-much-refund"),
    ("my credit card has expired, how will you pay me?", "how-refund-is-paid"),
    ("can I have store credit", "how-refund-is-paid"),
    ("The shoes are too small, can I get a bigger size?", "exchange-or-replace"),
    ("I want a replacement", "exchange-or-replace"),
    ("my phone arrived broken", "broken-or-wrong"),
    ("you sent me the wrong product", "broken-or-wrong"),
    ("can you fix my headphones, they stopped working after a year", "repair"),
    ("how much does a repair cost", "repair"),
    ("why was my return rejected?", "declined"),
    ("I want to talk to a human", "talk-to-a-person"),
    ("what is your phone number", "talk-to-a-person"),
    # Slips of the finger, and other forms of a word.
    ("how long does a refnd take", "when-refund"),
    ("where is my return lable", "print-label"),
    ("exchnage for anohter colour", "exchange-or-replace"),
    ("Packaging", "packing"),
    ("cancelling", "change-or-cancel"),
]


@pytest.fixture
def answers(database: Database) -> FaqFiles:
    """The project's own FAQ, in the database."""
    return FaqFiles(database, None, Policy)


async def test_the_obvious_answer_is_the_first(answers: FaqFiles) -> None:
    found = {question: [best.faq_id for best in await answers.best(question)] for question, _ in QUESTIONS}
    wrong = {question: found[question] for question, wanted in QUESTIONS if found[question][:1] != [wanted]}
    assert wrong == {}


async def test_what_the_faq_does_not_know_gets_no_answer(answers: FaqFiles) -> None:
    for question in ("The heel of my shoe came off", "Where were you born?", "?!", "", " ", "the"):
        assert await answers.best(question) == [], question


async def test_a_search_finds_what_is_only_mentioned(answers: FaqFiles) -> None:
    assert await answers.best("spam") == []
    assert [found.faq_id for found in await answers.search("spam")] == ["print-label"]


async def test_no_text_is_too_odd_to_search_for(answers: FaqFiles) -> None:
    for text in (
        '"', "'", "a OR b", "NEAR(refund, 3)", "refund*", "-refund", "title:refund", "^refund", "refund & !money",
        "refund <-> money", "(((", "\\", "%_", "'; DROP TABLE faq; --", "\x00refund\x00", "\N{PILE OF POO} refund",
        "r\u00e9fund", "\u8fd4\u54c1", "\u202erefund", "x" * 10_000, "refund " * 2000, "a\nb\tc", "1 2 3", "\ud800",
    ):  # fmt: skip
        await answers.best(text)
        await answers.search(text)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
async def test_any_text_can_be_searched_for(answers: FaqFiles, text: str) -> None:
    assert len(await answers.best(text)) <= 3


async def test_shown_and_ended_are_counted_and_the_same_question_once(answers: FaqFiles, database: Database) -> None:
    await answers.all()
    await faq.count_shown(database, ["packing", "repair"])
    await faq.count_shown(database, ["packing"])
    now = datetime.now(UTC)
    for question in ("q1", "q2", "q2"):
        await faq.count_ended(database, question, "packing", now)
    counted = {row["faq_id"]: (row["shown"], row["ended"]) for row in await faq.counts(database)}
    assert (counted["packing"], counted["repair"], counted["declined"]) == ((2, 2), (1, 0), (0, 0))


def write(folder: Path, name: str, text: str) -> None:
    (folder / "faq").mkdir(exist_ok=True)
    (folder / "faq" / name).write_text(text)


GOOD = """---
title: Gift wrap?
topic: Shop
keywords: ribbon
order: 1
---
Within {{ policy.eligibility.window_days }} days.
"""


async def test_a_shop_brings_its_own_and_changes_it_while_it_runs(database: Database, tmp_path: Path) -> None:
    write(tmp_path, "gift-wrap.md", GOOD)
    policy = Policy()
    files = FaqFiles(database, tmp_path, lambda: policy)
    assert [found.text for found in await files.best("ribbon")] == ["Within 30 days."]
    policy = parse_policy("[eligibility]\nwindow_days = 60")
    assert [found.text for found in await files.best("ribbon")] == ["Within 60 days."]
    write(tmp_path, "bows.md", GOOD.replace("Gift wrap?", "Bows?"))
    assert {found.faq_id for found in await files.best("ribbon")} == {"bows", "gift-wrap"}
    write(tmp_path, "gift-wrap.md", "nonsense")
    assert len(await files.best("ribbon")) == 2, "what is broken is refused, the old answers stay"
    assert await files.one("gift-wrap") is not None
    (tmp_path / "faq" / "gift-wrap.md").unlink()
    assert [found.faq_id for found in await files.all()] == ["bows"]
    assert await files.one("gift-wrap") is None


async def test_two_processes_share_one_index(answers: FaqFiles, other: Database) -> None:
    await answers.all()
    assert [found.faq_id for found in await FaqFiles(other, None, Policy).best("human")] == ["talk-to-a-person"]
    assert [found.faq_id for found in await faq.search(other, "human")] == ["talk-to-a-person"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no head", "between two lines of ---"),
        (GOOD.replace("order: 1", "order: first"), "order: expected a number"),
        (GOOD.replace("title: Gift wrap?\n", ""), "title: expected to be there"),
        (GOOD.replace("topic", "topics"), "topics: "),
        (GOOD.replace("keywords: ribbon", "keywords"), "a line without a colon"),
        (GOOD.replace("window_days", "window_dais"), "window_dais"),
        (GOOD.replace("{{ policy", "{{ policy }"), "gift-wrap.md: "),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, told: str) -> None:
    write(tmp_path, "gift-wrap.md", text)
    with pytest.raises(BrokenFaq, match=r"^gift-wrap\.md: ") as refused:
        read_answers(tmp_path / "faq", Policy())
    assert told in str(refused.value)


async def test_what_is_wrong_stops_a_process_that_starts(database: Database, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HOMEWARD_CONTENT: expected a folder faq"):
        FaqFiles(database, tmp_path, Policy)
    write(tmp_path, "Bad Name.md", GOOD)
    with pytest.raises(SettingsError, match=r"HOMEWARD_CONTENT: Bad Name\.md: expected a name of small letters"):
        FaqFiles(database, tmp_path, Policy)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[eligibility]\nfinal_sale = "review"\nresolutions = ["refund"]\nout_of_warranty_repair = "declined"',
        '[eligibility]\nresolutions = ["refund", "repair"]\nout_of_warranty_repair = "declined"',
        '[money]\nreturn_shipping_fee = 495\nrestocking_fee_percent = 10\nrefund_original_shipping = "always"',
        "[money]\nstore_credit_bonus_percent = 5\nstore_credit_valid_days = 365",
        "[money]\ncondition_deduction_percent = {C = 0, D = 0}",
        '[handover]\nmethods = ["mail"]\n[clock]\nstarts_on = "received"\non_limit = "attention"',
        '[handover]\nmethods = ["pickup"]\n[clock]\nstarts_on = "requested"\n[approval]\nadvance_replacement = false',
        '[money]\nrefund_original_shipping = "never"\ncondition_deduction_percent = {B = 12.5}',
    ],
    ids=range(9),
)
def test_the_answers_follow_the_policy(text: str) -> None:
    """Every branch of every file can be read, under policies that differ from the default."""
    found = {answer.faq_id: answer.text for answer in read_answers(OWN_CONTENT / "faq", parse_policy(text))}
    assert all(said.strip() for said in found.values())
    assert not [name for name, said in found.items() if "{" in said or "%}" in said]


def test_the_answers_are_many_and_each_has_its_words() -> None:
    found: list[FaqAnswer] = read_answers(OWN_CONTENT / "faq", Policy())
    assert len(found) >= 14
    assert all(answer.keywords for answer in found)
    assert len({answer.title for answer in found}) == len(found)


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BrokenFaq):
        read_answers(tmp_path / "faq", Policy())
