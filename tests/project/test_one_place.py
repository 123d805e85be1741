"""What a resolution, a grade or a fee is stands in one place; nothing else asks which one it has."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.language import text, texts
from lifecycle.contract.fees import Deductions
from lifecycle.contract.grades import GRADES, Grade
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import SETTLED, Status
from lifecycle.returns.fees import PER_RETURN, PER_UNIT
from lifecycle.returns.resolutions.table import RULES

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("lifecycle", "gateways", "client", "activities", "workflows", "workers", "starter")
TEXTS = texts("pages")


def _naming(words: str, *, outside: str) -> Iterator[str]:
    """Files of the product in which one of the members stands, other than in the folder or file that is their place."""
    for package in PRODUCT:
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(outside) and re.search(words, path.read_text()):
                yield name


def test_resolutions_are_named_in_their_own_files() -> None:
    found = sorted(_naming(r"\bResolution\.[A-Z]", outside="lifecycle/returns/resolutions/"))
    assert found == ["lifecycle/contract/request.py", "lifecycle/support/messages.py"]


def test_every_resolution_has_a_rule_and_ends_in_a_status_of_its_own() -> None:
    assert set(RULES) == set(Resolution)
    assert {rule.status for rule in RULES.values()} == SETTLED - {Status.REJECTED}


@pytest.mark.parametrize("resolution", Resolution)
def test_every_resolution_has_its_mail_and_its_words(resolution: Resolution) -> None:
    assert (ROOT / "content" / "en" / "mails" / f"{RULES[resolution].status}.txt").is_file()
    for section in (TEXTS["resolution"], TEXTS["offer"], TEXTS["get"], TEXTS["warehouse"]["resolution"]):
        assert section[resolution]
    assert TEXTS["status"][RULES[resolution].status]
    assert any(f"settled_{resolution}" in section for section in TEXTS.values() if isinstance(section, dict))


def test_grades_are_named_in_their_table() -> None:
    found = set(_naming(r"\bGrade\.[A-Z]", outside="lifecycle/contract/grades.py"))
    # The demonstration plays what it tells.
    assert {name for name in found if not name.startswith("starter/demo/")} == set()
    assert set(GRADES) == set(Grade)


@pytest.mark.parametrize("grade", Grade)
def test_every_grade_has_its_key_and_its_words(grade: Grade) -> None:
    words = TEXTS["warehouse"]["grade"]
    assert words["key"][grade]
    assert words["means"][grade]


def test_every_fee_has_its_rule_and_nothing_else_names_it() -> None:
    assert sorted([*PER_UNIT, *PER_RETURN]) == sorted(Deductions.model_fields)
    places = {"lifecycle/contract/fees.py", "lifecycle/contract/policy.py", "lifecycle/returns/fees.py"}
    # The examples of the API's description show a whole answer.
    places.add("starter/api/shared/examples.py")
    found = set(_naming(rf"\b({'|'.join(Deductions.model_fields)})\b", outside="lifecycle/returns/fees.py"))
    assert found <= places


@pytest.mark.parametrize("fee", Deductions.model_fields)
def test_every_fee_has_its_words_in_mails_and_on_pages(fee: str) -> None:
    assert "5.00 USD" in text("mails/words", f"fee.{fee}", money="5.00 USD")
    assert text("pages", f"part.{fee}")
