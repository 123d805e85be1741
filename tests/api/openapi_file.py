"""Prints the OpenAPI description as it is released: ``python -m tests.api.openapi_file > docs/openapi.json``."""

import asyncio
import json
import sys
from typing import Any

from temporalio.client import Client

from gateways.database.engine import Database
from starter.api.app import api
from starter.shared.services import services_of
from tests.api.conftest import settings_of


async def described() -> dict[str, Any]:
    """The whole description; nobody is asked for it."""
    client = await Client.connect("127.0.0.1:1", lazy=True)
    return api(services_of(settings_of(), client, Database("sqlite:///:memory:"))).openapi()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(described()), indent=1, ensure_ascii=False) + "\n")
