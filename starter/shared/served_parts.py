"""Serves some parts of the web application and leaves out the others."""

from collections.abc import Collection, Iterable

from fastapi import APIRouter
from fastapi.routing import APIRoute

from starter.shared.access_table import Part, rows_of


def only_parts(parts: Collection[Part], routers: Iterable[APIRouter]) -> list[APIRouter]:
    """The same routers with the routes of these parts alone; any other address is then one that does not exist."""
    rows = rows_of(parts)
    return [
        APIRouter(routes=[route for route in router.routes if isinstance(route, APIRoute) and _is_in(rows, route)])
        for router in routers
    ]


def _is_in(rows: Collection[tuple[str, str]], route: APIRoute) -> bool:
    return any((method, route.path) in rows for method in route.methods or ())
