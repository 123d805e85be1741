"""A shop's own systems, as Homeward calls them: a reference to write your own by, see docs/own-systems.md.

    python examples/own_systems/server.py 8090 "$HOMEWARD_REFUNDS_SECRET"

It keeps everything in memory; yours keeps it for good, and decides in one transaction with what it does.
"""

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

Json = dict[str, Any]


class Refused(Exception):
    """An answer other than 200; a repeat of the call would get it again."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Shop:
    """The shop's books. Each call is answered by itself, so that two of the same key never meet."""

    def __init__(self) -> None:
        self.refunds: dict[str, Json] = {}
        self.elsewhere: dict[tuple[str, str], int] = {}
        self.mails: dict[str, Json] = {}
        self.booked: set[str] = set()
        self.stock: Counter[tuple[str, str, str]] = Counter()
        self.reserved: Counter[tuple[str, str, str]] = Counter()
        self.calls: dict[str, Callable[[Json], Json]] = {
            "/refunds": self.refund,
            "/refunds/find": self.find,
            "/refunds/held": self.held,
            "/refunds/list": self.listed,
            "/mails": self.mail,
            "/stock/movements": self.move,
        }

    def refund(self, asked: Json) -> Json:
        """Give money back, once for each key; the same key again is answered with what was made."""
        key = asked["idempotency_key"]
        made = self.refunds.get(key)
        if made:
            if made["asked"] != _same(asked):
                raise Refused(409, f"{key} was used for another refund")
            return made["refund"]
        failed = next((one for one in self.refunds.values() if one["refund"]["reference"] == asked["replaces"]), None)
        if failed:
            failed["refund"]["status"] = "failed"
        if asked["amount"] > self._held(asked):
            return {"status": "refused", "code": "amount_too_large"}
        # A real one calls its bank here; what takes days is "pending", and told later by a webhook.
        status = "pending" if str(asked["tender"]["reference"]).startswith("slow") else "done"
        refund = {"reference": f"RF-{len(self.refunds) + 1}", "status": status, "amount": asked["amount"]}
        self.refunds[key] = {"asked": _same(asked), "tender": _tender(asked), "refund": refund}
        return refund

    def find(self, asked: Json) -> Json:
        """What was made with a key, or has a reference; null for nothing."""
        for key, made in self.refunds.items():
            if asked.get("idempotency_key") == key or asked.get("reference") == made["refund"]["reference"]:
                return {"refund": made["refund"]}
        return {"refund": None}

    def held(self, asked: Json) -> Json:
        """How much the tender still holds."""
        return {"amount": self._held(asked)}

    def listed(self, _: Json) -> Json:
        """All refunds; a real one goes by ``since`` and gives at most a thousand, and a cursor for the rest."""
        return {"refunds": [{"idempotency_key": key} | made["refund"] for key, made in self.refunds.items()]}

    def mail(self, asked: Json) -> Json:
        """Send a mail, once for each key: one of your own by ``template`` and ``data``, or the text as it is."""
        self.mails.setdefault(asked["idempotency_key"], asked)
        return {}

    def move(self, asked: Json) -> Json:
        """Book what came back, and where it went, once for each key."""
        if asked["idempotency_key"] not in self.booked:
            self.booked.add(asked["idempotency_key"])
            for moved in asked["movements"]:
                shelf = moved["sku"], moved["location"], moved["grade"]
                self.stock[shelf] += moved["quantity"]
                self.reserved[shelf] += moved.get("reserved", 0)
        return {}

    def _held(self, asked: Json) -> int:
        """What the order calls refunded may hold refunds that were made here: each counts once."""
        tender, of = asked["tender"], _tender(asked)
        given = (one["refund"] for one in self.refunds.values() if one["tender"] == of)
        here = sum(refund["amount"] for refund in given if refund["status"] != "failed")
        self.elsewhere[of] = max(self.elsewhere.get(of, 0), tender["refunded"] - here)
        return max(0, tender["captured"] - self.elsewhere[of] - here)


def _tender(asked: Json) -> tuple[str, str]:
    return asked["order_id"], asked["tender"]["tender_id"]


def _same(asked: Json) -> tuple[Any, ...]:
    """What makes a refund what it is."""
    return (*_tender(asked), asked["amount"], asked["currency"])


def serve(shop: Shop, secret: str, port: int = 0) -> ThreadingHTTPServer:
    """The server, not started; port 0 takes a free one."""
    webhook, lock = Webhook(secret), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = self._answer(body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def _answer(self, body: bytes) -> tuple[int, Json]:
            try:
                # Raises where the signature does not fit, or is not of these five minutes.
                asked = webhook.verify(body, {name.lower(): value for name, value in self.headers.items()})
            except WebhookVerificationError as error:
                return 401, {"detail": str(error)}
            call = shop.calls.get(self.path)
            if call is None:
                return 404, {"detail": "there is no such call"}
            try:
                with lock:
                    return 200, call(asked)
            except Refused as refused:
                return refused.status, {"detail": str(refused)}
            except (KeyError, TypeError) as error:
                return 422, {"detail": f"expected {error}"}

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ARG002
            """Say what was asked, and nothing of what was in it."""
            sys.stderr.write(f"{self.path} {args[1]}\n")

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    serve(Shop(), sys.argv[2], int(sys.argv[1])).serve_forever()
