"""The page ``/docs``: drawn from the OpenAPI description here, without script, and without asking anybody else."""

import json
import tomllib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from starter.api.docs_fields import curl, fields_of, schema_of, values_of
from starter.api.shared.problems import KINDS

router = APIRouter(include_in_schema=False)
_pages: Final = Environment(
    loader=PackageLoader("starter.api", "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_style: Final = (files("starter.api") / "pages" / "docs.css").read_text(encoding="utf-8")
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_style.encode()).digest()).decode()}'"
_HEADERS: Final = {
    "Content-Security-Policy": f"{_POLICY}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
}
_text = MarkdownIt("js-default")
_advice: Final = tomllib.loads((files("starter.api") / "pages" / "problems.toml").read_text(encoding="utf-8"))


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Every call with its bodies, answers and problems."""
    if not hasattr(request.app.state, "docs"):
        api = request.app.state.services.settings.public_url or "http://127.0.0.1:8000"
        request.app.state.docs = _draw(request.app.openapi(), api)
    return HTMLResponse(request.app.state.docs, headers=_HEADERS)


def _draw(described: Mapping[str, Any], api: str) -> str:
    rooms: dict[str, list[dict[str, Any]]] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            rooms.setdefault(operation["tags"][0], []).append(_call(path, method, operation))
    return _pages.get_template("docs.html").render(
        **described["info"],
        style=Markup(_style),  # noqa: S704 - our own file
        keys="securitySchemes" in described["components"],
        rooms=rooms.items(),
        problems=list(_problems()),
        api=api,
        events=[_call("", method, event) for hook in described["webhooks"].values() for method, event in hook.items()],
        schemas=[_schema(name, schema) for name, schema in sorted(described["components"]["schemas"].items())],
    )


def _call(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "scopes": [scope for opens in operation.get("security", []) for scope in opens["key"]],
        "description": Markup(_text.render(operation.get("description", ""))),  # noqa: S704 - without raw HTML
        "parameters": [{"description": "", **parameter} for parameter in operation.get("parameters", [])],
        "curl": curl(method, path, operation, asks_for_key=bool(operation.get("security"))),
        "body": _example(operation.get("requestBody", {})),
        "made_of": schema_of(operation.get("requestBody", {})),
        "answers": [
            {
                "status": status,
                "description": answer["description"],
                "example": _example(answer),
                "made_of": schema_of(answer),
            }
            for status, answer in operation["responses"].items()
        ],
    }


def _schema(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    means = Markup(_text.render(schema.get("description", "")))  # noqa: S704 - without raw HTML
    return {"name": name, "means": means, "fields": fields_of(schema), "values": values_of(schema)}


def _example(described: Mapping[str, Any]) -> str:
    content = described.get("content", {}).get("application/json", {})
    return json.dumps(content["example"], indent=2) if "example" in content else ""


def _problems() -> Iterator[dict[str, Any]]:
    """Each kind, with what a caller does about it."""
    for kind in sorted(KINDS, key=lambda kind: kind.status):
        advice = Markup(_text.renderInline(_advice[kind.name]))  # noqa: S704 - without raw HTML
        yield {"name": kind.name, "status": kind.status, "title": kind.title, "when": kind.when, "advice": advice}
