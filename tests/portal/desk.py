"""A table in the warehouse, without a browser: the pages' forms are filled in and sent as they stand."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, Self

import httpx


@dataclass
class Form:
    """One form of a page: where it goes, its fields in order."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    def with_(self, **changes: Any) -> list[tuple[str, str]]:
        """The fields to send; a change replaces all fields of its name."""
        kept = [(name, value) for name, value in self.fields if name not in changes]
        return kept + [(name, str(value)) for name, value in changes.items()]


class Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "input" and self.forms and "name" in given:
            chosen = given.get("type") not in ("radio", "checkbox") or "checked" in given
            if chosen:
                self.forms[-1].fields.append((given["name"], given.get("value", "")))


class Desk:
    """Somebody of the staff, signed in or not."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.answer = httpx.Response(0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.client.aclose()

    async def open(self, path: str) -> Self:
        """Look at a page."""
        self.answer = await self.client.get(path)
        return self

    def form(self, action: str) -> Form:
        """The form of the page that goes there; one without an address goes where the page is."""
        parsed = Forms()
        parsed.feed(self.answer.text)
        here = self.answer.url.path if self.answer.status_code else ""
        return next(form for form in parsed.forms if action in (form.action or here))

    async def send(self, action: str, **changes: Any) -> Self:
        """Fill the form in and send it; what it leads to is the page then."""
        form = self.form(action)
        path, fields = form.action or self.answer.url.path, form.with_(**changes)
        asked = httpx.QueryParams(tuple(fields))
        self.answer = await (self.post(path, fields) if form.method == "post" else self.client.get(path, params=asked))
        return self

    async def post(self, path: str, fields: list[tuple[str, str]]) -> httpx.Response:
        """Send fields as a form does."""
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        return await self.client.post(path, data=data)

    async def sign_in(self, **changes: Any) -> Self:
        """Begin to work."""
        await self.open("/warehouse/sign-in")
        return await self.send("/warehouse/sign-in", **({"name": "Sam"} | changes))

    async def scan(self, code: str) -> Self:
        """Scan something at the door."""
        await self.open("/warehouse")
        return await self.send("/warehouse/scan", code=code)

    @property
    def path(self) -> str:
        """Where the page is."""
        return self.answer.url.path


def desk_at(url: str, transport: httpx.AsyncBaseTransport | None = None) -> Desk:
    """A table that talks to this server."""
    return Desk(httpx.AsyncClient(base_url=url, transport=transport, follow_redirects=True, timeout=60))
