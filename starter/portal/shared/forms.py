"""What visitors send in: forms, each with the token that only a page of ours could give them."""

import hmac
from hashlib import sha256
from secrets import compare_digest, token_urlsafe
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request
from starlette.datastructures import FormData

from starter.portal.shared.session import session_of, staff_token
from starter.shared.body_sizes import LARGEST_FORM

#: Fields of a form: an order of 500 lines has four for each.
_MOST_FIELDS: Final = 2500
_FORM: Final = "application/x-www-form-urlencoded"


def csrf_token(request: Request) -> str:
    """The token of this visitor's forms: kept in the signed cookie, or made of the session of somebody of the staff."""
    token = _expected(request)
    if token is None:
        token = session_of(request)["csrf"] = token_urlsafe(24)
    return token


def _expected(request: Request) -> str | None:
    if signed_in := staff_token(request):
        return hmac.new(signed_in.encode(), b"forms", sha256).hexdigest()
    token = session_of(request).get("csrf")
    return token if isinstance(token, str) else None


async def checked_form(request: Request) -> FormData:
    """The form that was sent; 403 unless it came from a page that this visitor was given."""
    # As our pages send it: other types are read more slowly, in whatever way they say.
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise HTTPException(403)
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=LARGEST_FORM)
    expected, given = _expected(request), field(form, "csrf")
    if expected is None or not compare_digest(expected.encode(), given.encode()):
        raise HTTPException(403)
    return form


def field(form: FormData, name: str) -> str:
    """One field without the space around it; empty when it is not there."""
    value = form.get(name, "")
    return plain(value) if isinstance(value, str) else ""


def plain(text: str) -> str:
    """What somebody typed, without the space around it; no database keeps a NUL in a text."""
    return text.replace("\0", "").strip()


#: What every page that takes a form asks for: the token is checked before anything else.
FormDep = Annotated[FormData, Depends(checked_form)]
