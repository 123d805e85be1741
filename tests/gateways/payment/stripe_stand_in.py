"""Stripe, as far as Homeward uses it: idempotency keys, refunds below the charge, cards that refuse."""

import itertools
import json
from typing import Any
from urllib.parse import unquote

from tests.gateways.stand_ins import Json, Refused, Request, StandIn

NOW = 1_795_532_400  # 2026-11-24T15:00:00Z
CAPTURE_BEFORE = NOW + 6 * 86_400


class StripeStandIn(StandIn):
    """``intents``, ``charges`` and ``refunds`` by id, as Stripe shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.intents: dict[str, Json] = {}
        self.charges: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        #: Whether the search already knows what was made; Stripe's lags by about a minute.
        self.search_knows = True
        #: What the next refund is: pending, or succeeded at once.
        self.refund_status = "succeeded"
        self._keys: dict[str, tuple[str, int, Json]] = {}
        self._numbers = itertools.count(1)

    def pay(self, amount: int, currency: str = "usd", card: str | None = "pm_good") -> str:
        """A customer pays in the shop, with a card that can be used again unless it is null."""
        intent = self._intent(amount, currency, card, {})
        self._capture(intent, amount)
        return str(intent["id"])

    def forget_keys(self) -> None:
        """A day passes: Stripe has forgotten all idempotency keys, and its search has caught up."""
        self._keys.clear()
        self.search_knows = True

    def expire(self, reference: str) -> None:
        """The card's network lets a hold go."""
        self.intents[reference] |= {"status": "canceled", "cancellation_reason": "automatic"}

    def answer(self, request: Request) -> Json:
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or key is None:
            return self._do(request)
        asked = json.dumps([request.path, request.params], sort_keys=True)
        if key not in self._keys:
            self._keys[key] = (asked, *self._remember(request))
        before, status, body = self._keys[key]
        if before != asked:
            raise Refused(400, _error("idempotency_error", "the key was used with other parameters"))
        if status != 200:
            raise Refused(status, body)
        return body

    def _remember(self, request: Request) -> tuple[int, Json]:
        try:
            return 200, self._do(request)
        except Refused as refused:
            return refused.status, refused.body

    def _do(self, request: Request) -> Json:
        path, params = unquote(request.path).removeprefix("/v1/"), request.params
        if path == "refunds":
            return self._refund(params) if request.method == "POST" else self._listed(params)
        if path.startswith("payment_intents"):
            return self._about_intents(request.method, path.split("/"), params)
        kind, _, reference = path.partition("/")
        return self._get(getattr(self, kind, {}), reference)

    def _about_intents(self, method: str, path: list[str], params: Json) -> Json:
        expand = any(value.endswith("latest_charge") for name, value in params.items() if name.startswith("expand"))
        if path[1:] == ["search"]:
            return self._search(str(params["query"]), expand)
        if method == "GET" and len(path) == 1:
            return self._payments(params, expand)
        if method == "POST" and len(path) == 1:
            return self._shown(self._confirm(params), expand)
        intent = self._get(self.intents, path[1])
        if path[2:] == ["cancel"]:
            self._cancel(intent, params)
        if path[2:] == ["capture"]:
            self._captured(intent, int(params["amount_to_capture"]))
        return self._shown(intent, expand)

    def _get(self, kind: dict[str, Json], reference: str) -> Json:
        if reference not in kind:
            raise Refused(404, _error("invalid_request_error", f"No such object: {reference}", "resource_missing"))
        return kind[reference]

    def _shown(self, intent: Json, expand: bool) -> Json:
        return intent | {"latest_charge": self.charges[intent["latest_charge"]] if expand else intent["latest_charge"]}

    def _search(self, query: str, expand: bool) -> Json:
        found = [
            self._shown(intent, expand)
            for intent in self.intents.values()
            if self.search_knows and query == f"metadata['homeward_key']:'{intent['metadata'].get('homeward_key')}'"
        ]
        return {"object": "search_result", "data": found, "has_more": False, "next_page": None, "url": "/v1/x"}

    def _payments(self, params: Json, expand: bool) -> Json:
        newest = list(reversed(self.intents.values()))
        if "customer" in params:
            newest = [intent for intent in newest if intent["customer"] == params["customer"]]
            data = [self._shown(intent, expand) for intent in newest]
            return {"object": "list", "data": data, "has_more": False, "url": "/v1/payment_intents"}
        return _page([self._shown(intent, expand) for intent in newest], params, "/v1/payment_intents")

    def _listed(self, params: Json) -> Json:
        newest = list(reversed(self.refunds.values()))
        if "charge" in params or "payment_intent" in params:
            charge = self._charge_of(params)
            newest = [refund for refund in newest if refund["charge"] == charge["id"]]
        return _page(newest, params, "/v1/refunds")

    def _charge_of(self, params: Json) -> Json:
        if "charge" in params:
            return self._get(self.charges, params["charge"])
        return self.charges[self._get(self.intents, params["payment_intent"])["latest_charge"]]

    def _refund(self, params: Json) -> Json:
        charge, amount = self._charge_of(params), int(params["amount"])
        given = sum(
            r["amount"] for r in self.refunds.values() if r["charge"] == charge["id"] and r["status"] != "failed"
        )
        if amount + given > charge["amount_captured"]:
            raise Refused(400, _error("invalid_request_error", "greater than the unrefunded amount", param="amount"))
        if charge["currency"] in ("isk", "ugx") and amount % 100:
            raise Refused(400, _error("invalid_request_error", "the last two digits must be zeros", param="amount"))
        refund: Json = {
            "id": f"re_{next(self._numbers)}",
            "object": "refund",
            "amount": amount,
            "currency": charge["currency"],
            "charge": charge["id"],
            "payment_intent": charge["payment_intent"],
            "created": NOW,
            "status": self.refund_status,
            "metadata": _metadata(params),
        }
        self.refunds[refund["id"]] = refund
        return refund

    def _intent(self, amount: int, currency: str, card: str | None, metadata: Json) -> Json:
        number = next(self._numbers)
        intent: Json = {
            "id": f"pi_{number}",
            "object": "payment_intent",
            "amount": amount,
            "amount_received": 0,
            "currency": currency,
            "status": "requires_capture",
            "cancellation_reason": None,
            "created": NOW,
            "capture_method": "automatic",
            "customer": "cus_1" if card else None,
            "payment_method": card,
            "metadata": metadata,
            "latest_charge": f"ch_{number}",
        }
        self.intents[intent["id"]] = intent
        self.charges[f"ch_{number}"] = {
            "id": f"ch_{number}",
            "object": "charge",
            "payment_intent": f"pi_{number}",
            "currency": currency,
            "amount_captured": 0,
            "customer": intent["customer"],
            "payment_method": card,
            "payment_method_details": {"type": "card", "card": {"capture_before": CAPTURE_BEFORE}},
        }
        return intent

    def _confirm(self, params: Json) -> Json:
        intent = self._intent(int(params["amount"]), params["currency"], params["payment_method"], _metadata(params))
        intent["capture_method"] = params["capture_method"]
        if params["payment_method"] != "pm_good":
            intent["status"] = "requires_payment_method"
            code = "authentication_required" if params["payment_method"] == "pm_asks" else "card_declined"
            error = _error("card_error", "the card refused", code)
            error["error"]["decline_code"] = "insufficient_funds" if code == "card_declined" else code
            raise Refused(402, error)
        if params["capture_method"] == "automatic":
            self._capture(intent, intent["amount"])
        return intent

    def _captured(self, intent: Json, amount: int) -> Json:
        if intent["status"] != "requires_capture":
            raise Refused(400, _error("invalid_request_error", "wrong state", "payment_intent_unexpected_state"))
        if amount > intent["amount"]:
            raise Refused(400, _error("invalid_request_error", "too much", "amount_too_large"))
        return self._capture(intent, amount)

    def _capture(self, intent: Json, amount: int) -> Json:
        intent |= {"status": "succeeded", "amount_received": amount}
        self.charges[intent["latest_charge"]]["amount_captured"] = amount
        return intent

    def _cancel(self, intent: Json, params: Json) -> Json:
        if intent["status"] in ("succeeded", "canceled"):
            raise Refused(400, _error("invalid_request_error", "wrong state", "payment_intent_unexpected_state"))
        intent |= {"status": "canceled", "cancellation_reason": params.get("cancellation_reason")}
        return intent


def _page(newest: list[Json], params: Json, url: str) -> Json:
    """Pages are small here, whatever was asked for, so that more than one is needed."""
    made = [one for one in newest if one["created"] >= int(params.get("created[gte]", 0))]
    ids = [one["id"] for one in made]
    first = ids.index(params["starting_after"]) + 1 if "starting_after" in params else 0
    return {"object": "list", "data": made[first : first + 2], "has_more": len(made) > first + 2, "url": url}


def _metadata(params: Json) -> Json:
    return {name[9:-1]: value for name, value in params.items() if name.startswith("metadata[")}


def _error(kind: str, message: str, code: str | None = None, **more: Any) -> Json:
    return {"error": {"type": kind, "message": message, "code": code, **more}}
