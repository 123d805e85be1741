"""The page ``/docs``: drawn from the OpenAPI description here, without script, and without asking anybody else."""

import json
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

from starter.api.shared.problems import KINDS, MEDIA_TYPE

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


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Every call with its bodies, answers and problems."""
    if not hasattr(request.app.state, "docs"):
        request.app.state.docs = _draw(request.app.openapi())
    return HTMLResponse(request.app.state.docs, headers=_HEADERS)


def _draw(described: Mapping[str, Any]) -> str:
    rooms: dict[str, list[dict[str, Any]]] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            rooms.setdefault(operation["tags"][0], []).append(_call(path, method, operation))
    return _pages.get_template("docs.html").render(
        **described["info"],
        style=Markup(_style),  # noqa: S704 - our own file
        keys="securitySchemes" in described["components"],
        rooms=rooms.items(),
        problems=list(_problems(described)),
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
        "body": _example(operation.get("requestBody", {})),
        "answers": [
            {"status": status, "description": answer["description"], "example": _example(answer)}
            for status, answer in operation["responses"].items()
        ],
    }


def _example(described: Mapping[str, Any]) -> str:
    content = described.get("content", {}).get("application/json", {})
    return json.dumps(content["example"], indent=2) if "example" in content else ""


def _problems(described: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Our own, and those that only some call knows."""
    found: dict[str, dict[str, Any]] = {
        kind.name: {"name": kind.name, "status": kind.status, "when": kind.when} for kind in KINDS
    }
    for operations in described["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                for name, example in answer.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {}).items():
                    told = example["value"]
                    found.setdefault(name, {"name": name, "status": told["status"], "when": told["detail"]})
    yield from sorted(found.values(), key=lambda problem: problem["status"])
