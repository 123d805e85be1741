"""The kinds of text that come in, and which characters each may hold.

Each kind has two rules. Its constraints hold wherever the wire is read, replays of recorded
histories among them: they never become stricter. Its characters are checked at the boundary alone
(``lifecycle.contract.boundary``): a return that runs already is not judged anew.

One line holds no control character (C0, DEL, C1), no line or paragraph separator and no half of a
surrogate pair: nothing that ends a mail's header or a log's line. Several lines may hold tabs and
every character that ends a line. Ids hold no sign that turns the direction of writing either:
one of them could look like another.
"""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from lifecycle.contract.mailboxes import InvalidAddress, mailbox_of

#: The validation context of what comes in from outside.
AT_BOUNDARY: Final = {"at_boundary": True}

_CONTROLS = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_TURNS = r"\u202a-\u202e\u2066-\u2069"
#: Half of a surrogate pair: no text that JSON or UTF-8 can say.
_HALVES = r"\ud800-\udfff"
_NOT_IN_ONE_LINE = re.compile(f"[{_CONTROLS}{_HALVES}]")
_NOT_IN_AN_ID = re.compile(f"[{_CONTROLS}{_TURNS}{_HALVES}]")
_NOT_IN_LINES = re.compile(rf"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f{_HALVES}]")


def _without(refused: re.Pattern[str], expected: str) -> BeforeValidator:
    """Before the constraints, which would answer with their pattern."""

    def check(text: Any, info: ValidationInfo) -> Any:
        found = refused.search(text) if isinstance(text, str) and _at_boundary(info) else None
        if found:
            code = f"U+{ord(found[0]):04X}"
            raise PydanticCustomError("text", "expected {expected}, got {code}", {"expected": expected, "code": code})
        return text

    return BeforeValidator(check)


def _at_boundary(info: ValidationInfo) -> bool:
    return bool((info.context or {}).get("at_boundary"))


def _one_mailbox(address: Any, info: ValidationInfo) -> Any:
    """Kept as it was given: a caller that repeats itself repeats the same."""
    if isinstance(address, str) and _at_boundary(info):
        try:
            mailbox_of(address)
        except InvalidAddress as error:
            raise PydanticCustomError("address", "{expected}", {"expected": str(error)}) from None
    return address


def _any_server_takes_it(address: str, info: ValidationInfo) -> str:
    if _at_boundary(info) and mailbox_of(address).needs_smtputf8:
        raise PydanticCustomError("address", "expected ASCII letters before the @, which every mail server takes")
    return address


#: No database keeps a NUL in a text.
_NO_NUL: Final = r"^[^\x00]*$"
_NO_CONTROLS: Final = r"^[^\x00-\x1f\x7f]*$"
#: What the HTTP API's description says instead of the constraint: the boundary's rule.
_LINE_DESCRIBED: Final = {"pattern": f"^[^{_CONTROLS}]*$"}
_ID_DESCRIBED: Final = {"pattern": rf"^[^\s{_CONTROLS}{_TURNS}]([^{_CONTROLS}{_TURNS}]*[^\s{_CONTROLS}{_TURNS}])?$"}
_LINES_DESCRIBED: Final = {"pattern": r"^[^\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]*$"}

ONE_LINE: Final = _without(_NOT_IN_ONE_LINE, "one line of text without control characters")
SEVERAL_LINES: Final = _without(_NOT_IN_LINES, "text without control characters")
ONE_ID: Final = _without(_NOT_IN_AN_ID, "an id without control characters or signs that turn the direction of writing")

_NO_BLANK_ENDS: Final = r"^[^\s\x00]([^\x00\n]*[^\s\x00])?$"
_PLAIN_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
_MAILBOX: Final = r"^[^@\s\x00]+@[^@\s\x00]+$"
#: What is said to be expected where a text does not have the form.
FORMS: Final = {
    _NO_NUL: "text without NUL",
    _NO_CONTROLS: "one line of text without control characters",
    _NO_BLANK_ENDS: "an id of one line, without blanks at its ends",
    _PLAIN_ID: "at most 100 letters, digits, '.', '_' and '-', the first a letter or a digit",
    _MAILBOX: "one mail address, such as customer@example.com",
    r"^[A-Z]{2}$": "a country as ISO 3166-1 alpha-2 has it, such as US",
    r"^[A-Z]{3}$": "a currency as ISO 4217 has it, such as USD",
}

Identifier = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=_NO_BLANK_ENDS,
        json_schema_extra=_ID_DESCRIBED,
    ),
    ONE_ID,
]
ReturnId = Annotated[str, Field(pattern=_PLAIN_ID)]
#: One line that says something, such as a name.
Words = Annotated[
    str, Field(min_length=1, max_length=200, pattern=_NO_CONTROLS, json_schema_extra=_LINE_DESCRIBED), ONE_LINE
]
ShortWords = Annotated[str, Field(max_length=100, pattern=_NO_CONTROLS, json_schema_extra=_LINE_DESCRIBED), ONE_LINE]
MaybeWords = Annotated[str, Field(max_length=200, pattern=_NO_CONTROLS, json_schema_extra=_LINE_DESCRIBED), ONE_LINE]
#: One line that may be long, such as an item's title.
LongLine = Annotated[str, Field(max_length=2000, pattern=_NO_NUL, json_schema_extra=_LINE_DESCRIBED), ONE_LINE]
#: One line of whatever somebody names.
Reference = Annotated[str, Field(max_length=200, pattern=_NO_NUL, json_schema_extra=_LINE_DESCRIBED), ONE_LINE]
#: The only kinds of several lines: what people write to each other.
Text = Annotated[str, Field(max_length=2000, pattern=_NO_NUL, json_schema_extra=_LINES_DESCRIBED), SEVERAL_LINES]
LongText = Annotated[str, Field(max_length=20_000, pattern=_NO_NUL, json_schema_extra=_LINES_DESCRIBED), SEVERAL_LINES]
EmailAddress = Annotated[
    str,
    Field(max_length=254, pattern=_MAILBOX, json_schema_extra={"format": "email"}),
    BeforeValidator(_one_mailbox),
]
#: The shop's own: mails come from it, or say there that another mail could not be sent.
ShopAddress = Annotated[EmailAddress, AfterValidator(_any_server_takes_it)]
