"""Style, script and icon: read once from the package, and kept by browsers as long as they do not change."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, HTTPException, Response

router = APIRouter()
_KINDS: Final = {
    "desk.css": "text/css",
    "portal.css": "text/css",
    "portal.js": "text/javascript",
    "warehouse.css": "text/css",
    "warehouse.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@cache
def _content(name: str) -> bytes:
    return (files("starter.portal") / "static" / name).read_bytes()


@cache
def asset(name: str) -> str:
    """The address of a file; it changes with the content."""
    return f"/static/{sha256(_content(name)).hexdigest()[:12]}/{name}"


@router.get("/static/{version}/{name}")
async def file(version: str, name: str) -> Response:
    """One file; under another version's address it is not kept."""
    if name not in _KINDS:
        raise HTTPException(404)
    keep = _FOR_EVER if asset(name) == f"/static/{version}/{name}" else "no-cache"
    return Response(_content(name), media_type=_KINDS[name], headers={"Cache-Control": keep})
