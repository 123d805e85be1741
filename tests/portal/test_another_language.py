"""Another language is one folder of content and one constant; no words that customers read stand in the code."""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from gateways.language import OWN_CONTENT

ROOT = Path(__file__).resolve().parents[2]
#: What is German in the folder; all the rest stays as it was copied.
GERMAN = {
    "language.toml": [
        ('locale = "en_US"', 'locale = "de"'),
        ('search = "english"', 'search = "german"'),
        ("\na about", "\ndie a about"),
    ],
    "pages.toml": [('one = "One answer"', 'one = "Eine Antwort"')],
    "faq/packing.md": [
        ("keywords: pack", "keywords: Verpackung, pack"),
        ("How should I pack it?", "Wie packe ich es?"),
    ],
    "mails/words.toml": [
        ('money = "0.00 ¤¤"', 'money = "#,##0.00 ¤"'),
        ('date = "y-MM-dd"', 'date = "dd.MM.y"'),
        ('window_start = "EEEE, d MMMM, HH:mm"', 'window_start = "EEEE, d. MMMM, HH:mm"'),
        ('"{start} to {end} {zone}"', '"{start} bis {end} Uhr {zone}"'),
        ("window (the {days} days ended on {day})", "die {days} Tage endeten am {day}"),
    ],
    "grades.toml": [('C = "used or damaged"', 'C = "gebraucht oder beschädigt"')],
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("content")
    shutil.copytree(OWN_CONTENT, folder / "de")
    for name, changes in GERMAN.items():
        text = (folder / "de" / name).read_text()
        for english, german in changes:
            assert english in text, (name, english)
            text = text.replace(english, german, 1)
        (folder / "de" / name).write_text(text)
    command = [sys.executable, "-m", "tests.portal.in_another_language", str(folder / "de"), f"sqlite:///{folder}/db"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, object] = json.loads(ran.stdout)
    return found


def test_mails_write_days_windows_money_and_reasons_in_it(shown: dict[str, object]) -> None:
    assert isinstance(shown["mails"], list)
    booked, asked, declined = shown["mails"]
    assert "Dienstag, 1. Dezember, 10:00 bis 13:00 Uhr EST" in booked
    assert "Schuh: gebraucht oder beschädigt" in asked
    assert "- pay 1.234,50 $ and" in asked
    assert "by 09.12.2026" in asked
    assert "die 30 Tage endeten am 20.10.2026" in declined


def test_a_page_and_the_faq_are_in_it(shown: dict[str, object]) -> None:
    page = str(shown["page"])
    assert "Eine Antwort" in page
    assert "Wie packe ich es?" in page
    assert shown["money"] == "1.234,50\N{NO-BREAK SPACE}€"


#: What templates of mails print: names, numbers, codes, and what is put into words by the folder's own files; to
#: operations also what commands print, which is English: an error, and what does not agree with the books.
PRINTED = {
    "address", "agreed", "amount", "answer", "answer_by", "asked", "batch", "business_days", "by_hand", "case_id",
    "charge", "code", "count", "error", "expires", "failed", "findings", "found", "hours", "item", "journey", "limit",
    "line", "link", "money", "name", "named", "order_id", "orphan", "orphans", "point", "queue", "reason", "reasons",
    "refund", "rest_paid", "return_id", "ship_by", "shop_name", "slot", "state", "statement", "step", "supplier_id",
    "target", "text", "things", "timezone", "title", "tracking_code", "unit", "unit_id", "units", "way_back", "what",
}  # fmt: skip


def test_a_mail_prints_nothing_but_names_numbers_and_what_is_put_into_words() -> None:
    for template in sorted((OWN_CONTENT / "mails").glob("*.txt")):
        printed = set(_printed(template.read_text()))
        assert printed <= PRINTED, (template.name, printed - PRINTED)


def _printed(source: str) -> Iterator[str]:
    env = Environment(trim_blocks=True)  # noqa: S701 - nothing is rendered
    for output in env.parse(source).find_all(nodes.Output):
        for part in output.nodes:
            if not isinstance(part, nodes.TemplateData):
                shown = part.expr1 if isinstance(part, nodes.CondExpr) else part
                yield from (name.name for name in shown.find_all(nodes.Name))
                if isinstance(shown, nodes.Name):
                    yield shown.name


def test_no_sentence_is_handed_to_a_mail() -> None:
    found = [
        (path.name, text)
        for package in ("lifecycle", "activities", "workflows")
        for path in (ROOT / package).rglob("*.py")
        for text in _sentences(ast.parse(path.read_text()))
    ]
    assert found == []


def _sentences(tree: ast.AST) -> Iterator[str]:
    """Texts of several words, in what makes or writes a mail."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("SendMail", "write_mail", "compose"):
            for node in ast.walk(call):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
                    yield node.value
