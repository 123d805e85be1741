"""Reads what an operator or a script hands in, and refuses it with the field named."""

import json
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel

from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.messages import InspectedUnit, Piece, ReceiptUnits
from lifecycle.contract.request import ReturnRequest, parse_request
from lifecycle.contract.scanned_codes import folded
from lifecycle.shared.json_keys import RepeatedKey, once
from starter.cli.shared.session import WrongInput
from starter.shared.example_dates import delivered

#: Bytes; a request of 500 lines takes a quarter of this.
LIMIT = 1_000_000
#: A SKU may hold colons itself.
M = TypeVar("M", bound=BaseModel)
_PIECE = re.compile(r"^(?P<sku>.+?)(:(?P<quantity>\d{1,6}))?$")


def read_bytes(source: str) -> bytes:
    """A file's content, `-` for standard input; at most one megabyte."""
    try:
        if source == "-":
            content = sys.stdin.buffer.read(LIMIT + 1)
        else:
            with Path(source).open("rb") as file:
                content = file.read(LIMIT + 1)
    except OSError as error:
        raise WrongInput([(source, error.strerror or "cannot be read")]) from None
    if len(content) > LIMIT:
        raise WrongInput([("body", f"expected at most {LIMIT} bytes")])
    return content


def read_text(source: str) -> str:
    """As ``read_bytes``, as text."""
    try:
        return read_bytes(source).decode()
    except UnicodeDecodeError:
        raise WrongInput([("body", "expected UTF-8 text")]) from None


def read_json(source: str) -> Any:
    """A JSON document."""
    try:
        return json.loads(read_text(source), parse_constant=_no_constant, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise WrongInput([("body", f"expected JSON: {error.msg} at {where}")]) from None
    except RepeatedKey as error:
        raise WrongInput([("body", f"expected JSON: {error}")]) from None
    except (ValueError, RecursionError):
        raise WrongInput([("body", "expected JSON with numbers and depth that can be read")]) from None


def _no_constant(_: str) -> NoReturn:
    raise ValueError


def read_request(source: str, delivered_days_ago: int | None = None) -> ReturnRequest:
    """A request of the contract; an unknown field is refused, so that no typing error is passed over."""
    raw, now = read_json(source), datetime.now(UTC)
    if delivered_days_ago is not None:
        raw = delivered(raw, delivered_days_ago, now)
    try:
        return parse_request(raw, now=now, forbid_unknown=True)
    except InvalidRequest as error:
        raise WrongInput(error.problems) from None


def receipt_unit(text: str) -> ReceiptUnits:
    """Read ``LINE[:QUANTITY[:SERIAL]]``."""
    return _received("--unit", "LINE[:QUANTITY[:SERIAL]]", "line_id", text)


def piece(text: str) -> Piece:
    """Read ``SKU[:QUANTITY]`` of what is still wanted."""
    return counted(Piece, "--keep", text)


def counted(kind: type[M], option: str, text: str) -> M:
    """Read ``SKU[:QUANTITY]``."""
    found = _PIECE.match(text)
    try:
        return kind(sku=found["sku"] if found else "", quantity=int((found and found["quantity"]) or 1))
    except ValueError:
        raise WrongInput([(option, f"expected SKU[:QUANTITY], got {text}")]) from None


def extra_piece(text: str) -> ReceiptUnits:
    """Read ``SKU[:QUANTITY[:SERIAL]]`` of what belongs to no line."""
    return _received("--extra", "SKU[:QUANTITY[:SERIAL]]", "sku", text)


def _received(option: str, form: str, what: str, text: str) -> ReceiptUnits:
    name, _, rest = text.partition(":")
    quantity, _, serial = rest.partition(":")
    try:
        return ReceiptUnits.model_validate(
            {what: name, "quantity": int(quantity or 1), "serial_number": serial or None}
        )
    except ValueError:
        raise WrongInput([(option, f"expected {form}, got {text}")]) from None


def check_serials(pieces: Iterable[ReceiptUnits]) -> None:
    """A serial number is one piece: it arrives once, as a unit or as an extra."""
    seen: set[str] = set()
    for one in pieces:
        if one.serial_number is None:
            continue
        if folded(one.serial_number) in seen:
            option = "--unit" if one.sku is None else "--extra"
            raise WrongInput([(option, f"expected each serial number once, got {one.serial_number} again")])
        seen.add(folded(one.serial_number))


def rejected_unit(text: str) -> InspectedUnit:
    """Read ``UNIT``."""
    try:
        return InspectedUnit(unit_id=text, accepted=False)
    except ValueError:
        raise WrongInput([("--reject", f"expected UNIT, got {text}")]) from None


def inspected_unit(text: str) -> InspectedUnit:
    """Read ``UNIT=GRADE[:DISPOSITION]``."""
    unit, _, verdict = text.partition("=")
    grade, _, disposition = verdict.partition(":")
    try:
        goes_to = Disposition(disposition) if disposition else None
        return InspectedUnit(unit_id=unit, grade=Grade(grade.upper()), disposition=goes_to)
    except ValueError:
        raise WrongInput([("--unit", f"expected UNIT=GRADE[:DISPOSITION], got {text}")]) from None


def instant(field: str, text: str) -> datetime:
    """Read an instant with its zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise WrongInput([(field, f"expected an instant such as 2026-11-10T09:00:00Z, got {text}")])
    return found
