"""What does not agree, from what the books and the partners say alone."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lifecycle.reconciliation.books import BookedEffect, ReturnBooks
from lifecycle.reconciliation.compare import compare
from lifecycle.reconciliation.finding import ADVICE, finding
from lifecycle.reconciliation.outside import MadePayment, Outside, return_of, step_of
from starter.cli.main import main
from tests.project.test_contract import commands

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
PAGE = (Path(__file__).parents[3] / "docs" / "operating.md").read_text()


def charge(amount: int = 700, key: str | None = "return-R-1/charge-t1") -> MadePayment:
    return MadePayment("charge", "ch_1", key, None, amount, "succeeded", NOW)


def booked(amount: int = 700, *, done: bool = True) -> dict[str, BookedEffect]:
    result = {"reference": "ch_1", "amount": amount} if done else {}
    return {"charge-t1": BookedEffect(done, result, {}, NOW)}


def kinds(books: ReturnBooks, *payments: MadePayment, workflow: str = "running") -> list[str]:
    return [one.kind for one in compare(books, Outside(workflow, "received", payments), None, NOW)]


def opened(effects: dict[str, BookedEffect], hours: float = 1) -> ReturnBooks:
    return ReturnBooks("R-1", opened_at=NOW - timedelta(hours=hours), effects=effects)


def test_a_charge_that_agrees_is_none() -> None:
    assert kinds(opened(booked()), charge()) == []


def test_a_charge_that_is_only_begun_may_still_be_booked() -> None:
    assert kinds(opened(booked(done=False)), charge()) == []


@pytest.mark.parametrize(
    ("effects", "made", "kind"),
    [
        ({}, [charge()], "charge_not_booked"),
        (booked(), [], "charge_missing"),
        (booked(), [charge(701)], "charge_differs"),
    ],
)
def test_a_charge_that_does_not_agree(effects: dict[str, BookedEffect], made: list[MadePayment], kind: str) -> None:
    assert kinds(opened(effects), *made) == [kind]


@pytest.mark.parametrize("workflow", ["terminated", "failed", "timed_out", "gone"])
def test_an_open_return_without_a_workflow(workflow: str) -> None:
    assert kinds(opened({}), workflow=workflow) == ["orphaned"]


@pytest.mark.parametrize("workflow", ["running", "completed"])
def test_a_return_that_the_books_do_not_know(workflow: str) -> None:
    lost = ReturnBooks("R-1", reservations=["return-R-1/reserve/1"], claims=1)
    assert kinds(lost, workflow=workflow) == ["not_in_books"]


def test_what_nobody_knows_holds_nothing() -> None:
    lost = ReturnBooks("R-1", reservations=["return-R-1/reserve/1"], claims=1)
    assert kinds(lost, workflow="gone") == ["reservation_open", "claim_left"]


def test_whose_a_key_is() -> None:
    assert (return_of("return-R-1/refund-t1"), step_of("return-R-1/refund-t1")) == ("R-1", "refund-t1")
    assert return_of("supplier-acme/credit") is None


def test_every_advice_names_commands_that_there_are() -> None:
    known = set(commands(main, ""))
    named = {word for advice in ADVICE.values() for word in re.findall(r"`homeward ([a-z ]+?)(?: [A-Z-].*?)?`", advice)}
    assert {word for word in named if word not in known and word.split()[0] not in known} == set()
    told = finding("reservation_open", "R-1", "text", "return-R-1/reserve/1")
    assert told.advice == "`homeward inventory release return-R-1/reserve/1`"


def test_the_page_knows_every_kind() -> None:
    table = PAGE.partition("## Do the books agree")[2].partition("\n\nA refund by hand")[0]
    assert set(re.findall(r"`([a-z_]+)`", " ".join(re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)))) == set(ADVICE)
