"""Each kind of text refuses at the boundary what its place cannot hold, and takes everything that was recorded."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import text
from pydantic import TypeAdapter, ValidationError

from lifecycle.contract import texts
from lifecycle.contract.boundary import judge, read
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.messages import Approve, Decline, ResolveAttention
from lifecycle.contract.policy import InvalidPolicy, parse_policy
from lifecycle.contract.request import parse_request
from lifecycle.support.messages import parse_case
from tests.lifecycle.orders import NOW, body

ONE_LINE = ["Identifier", "Words", "ShortWords", "MaybeWords", "LongLine", "Reference"]
LINES = ["Text", "LongText"]
BREAKS = ["\r", "\n", "\r\n", "\u2028", "\u2029", "\x85", "\x0b", "\x0c"]
NEVER = ["\x00", "\x01", "\x1b", "\x1d", "\x7f", "\x80", "\x9f", "\ud800", "\udfff"]


def at_boundary(kind: str, value: str) -> str:
    taken: str = TypeAdapter(getattr(texts, kind)).validate_python(value, context=texts.AT_BOUNDARY)
    return taken


@pytest.mark.parametrize("kind", ONE_LINE)
@pytest.mark.parametrize("sign", [*BREAKS, *NEVER, "\t"])
def test_one_line_is_one_line(kind: str, sign: str) -> None:
    with pytest.raises(ValidationError):
        at_boundary(kind, f"a{sign}b")


@pytest.mark.parametrize("kind", LINES)
def test_several_lines_end_in_any_way_and_hold_no_other_control_character(kind: str) -> None:
    for sign in [*BREAKS, "\t"]:
        assert at_boundary(kind, f"a{sign}b") == f"a{sign}b"
    for sign in NEVER:
        with pytest.raises(ValidationError):
            at_boundary(kind, f"a{sign}b")


@pytest.mark.parametrize("sign", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_ids_cannot_turn_the_direction_of_writing_and_words_may(sign: str) -> None:
    with pytest.raises(ValidationError):
        at_boundary("Identifier", f"SO{sign}-1")
    # A phone number that was copied from an address book comes with such signs around it.
    assert at_boundary("ShortWords", f"{sign}+1 555 0100")


@pytest.mark.parametrize("kind", ["Identifier", "Words", "Text"])
@pytest.mark.parametrize("word", ["Zoë", "محمد علي", "कुमार", "सं\u200dकेत", "山田 太郎", "😀", "x\u00a0y", "a\u200fb"])
def test_every_script_is_taken(kind: str, word: str) -> None:
    assert at_boundary(kind, word) == word


@pytest.mark.parametrize("kind", [*ONE_LINE, *LINES])
@given(value=text(min_size=1, max_size=50))
def test_what_is_taken_at_the_boundary_is_taken_in_a_replay_and_fits_its_description(kind: str, value: str) -> None:
    try:
        at_boundary(kind, value)
    except ValidationError:
        return
    assert TypeAdapter(getattr(texts, kind)).validate_python(value) == value
    described = TypeAdapter(getattr(texts, kind)).json_schema()["pattern"]
    assert re.search(described, value)


@pytest.mark.parametrize("sign", ["\r", "\u2028", "\x85"])
def test_a_request_that_runs_already_is_not_judged_anew(sign: str) -> None:
    raw = body(order_id=f"SO{sign}1")
    raw["order"]["customer"]["email"] = "john,doe@example.com"
    assert parse_request(raw, now=NOW + timedelta(days=40)).order.order_id == f"SO{sign}1"
    with pytest.raises(InvalidRequest) as refused:
        parse_request(raw, now=NOW, forbid_unknown=True)
    assert {name for name, _ in refused.value.problems} == {"order.order_id", "order.customer.email"}
    assert "john" not in str(refused.value)


def test_what_has_its_types_is_judged_as_well() -> None:
    judge(Decline(by="alex", reason="worn\r\nfor months"))
    judge(ResolveAttention(by="alex", action="skip", step="label"))
    for message, field in (
        (Approve(by="al\u2028ex"), "by"),
        (Decline(by="alex", reason="\x1b[2J"), "reason"),
        (ResolveAttention(by="alex", action="skip", step="la\rbel"), "step"),
        (ResolveAttention(by="alex", action="skip", reference="re\u20291"), "reference"),
    ):
        with pytest.raises(InvalidRequest) as refused:
            judge(message)
        assert [name for name, _ in refused.value.problems] == [field]
    with pytest.raises(InvalidRequest, match="surprise"):
        read(Approve, {"by": "alex", "surprise": 1})


@pytest.mark.parametrize(
    "address",
    ["john,doe@example.com", "a;b@example.com", "<a@example.com>", "grp:a@example.com;", "mailto:a@example.com"],
)
def test_an_address_is_one_at_every_boundary(address: str) -> None:
    question = {"case_id": "S-1", "email": address, "subject": "Label", "text": "Where is it?"}
    with pytest.raises(InvalidRequest, match=r"^email: expected one mail address"):
        parse_case(question, forbid_unknown=True)
    raw = body()
    raw["order"]["customer"]["email"] = address
    with pytest.raises(InvalidRequest, match=r"^order\.customer\.email: expected one mail address"):
        parse_request(raw, now=NOW, forbid_unknown=True)
    for key in ("mail_from", "operations_mail"):
        with pytest.raises(InvalidPolicy, match=rf"^shop\.{key}: expected one mail address"):
            parse_policy(f'[shop]\n{key} = "{address}"')


def test_the_shops_own_addresses_are_taken_by_every_mail_server() -> None:
    assert parse_policy('[shop]\nmail_from = "returns@münchen.example"').shop.mail_from == "returns@münchen.example"
    with pytest.raises(InvalidPolicy, match=r"shop\.operations_mail: expected ASCII letters before the @"):
        parse_policy('[shop]\noperations_mail = "jörg@example.com"')
    with pytest.raises(InvalidPolicy, match=r"shop\.name"):
        parse_policy('[shop]\nname = "A\\u2028B"')
