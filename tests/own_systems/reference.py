"""The reference server of ``examples/own_systems``: loaded, served, and held to the protocol's description."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.gateways.stand_ins import Json, Refused, Request, StandIn

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_" + "dGhlLXNob3BzLW93bi1zZWNyZXQtaXMtbG9uZw=="
OTHER_SECRET = "whsec_" + "YW5vdGhlci1zZWNyZXQtZW50aXJlbHkhISE="


@cache
def example() -> Any:
    """The module, as a shop would run it."""
    spec = importlib.util.spec_from_file_location("own_systems_server", ROOT / "examples" / "own_systems" / "server.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def description() -> Any:
    """The OpenAPI file."""
    return json.loads((ROOT / "docs" / "own-systems.openapi.json").read_text())


@contextmanager
def serving(shop: Any, secret: str = SECRET) -> Iterator[str]:
    """Its address while it serves."""
    server = example().serve(shop, secret)
    server.daemon_threads = True
    server.RequestHandlerClass.log_message = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wrong(schema: Json, document: Any) -> list[str]:
    """What of a document is not as described."""
    whole = {"$ref": "#/$defs/it", "$defs": {"it": schema}, "components": description()["components"]}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(document)]


class OwnSystems(StandIn):
    """The reference server's books behind a server that fails as it is told; every call has to be as described."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = example().Shop()

    def answer(self, request: Request) -> Json:
        """What the shop does and says."""
        call = description()["paths"][request.path]["post"]
        assert wrong(call["requestBody"]["content"]["application/json"]["schema"], request.params) == []
        try:
            answer: Json = self.shop.calls[request.path](request.params)
        except example().Refused as refused:
            raise Refused(refused.status, {"error": {"message": str(refused)}}) from None
        assert wrong(call["responses"]["200"]["content"]["application/json"]["schema"], answer) == []
        return answer
