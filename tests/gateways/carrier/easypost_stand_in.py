"""EasyPost, as far as Homeward uses it: shipments and pickups that are made, then paid for, then taken back."""

import itertools
from urllib.parse import unquote

from tests.gateways.stand_ins import Json, Refused, Request, StandIn

PDF, PNG = b"%PDF-1.4 a label", b"\x89PNG a code"


class EasyPostStandIn(StandIn):
    """``shipments``, ``pickups`` and ``claims`` in the order they were made, as EasyPost shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.shipments: list[Json] = []
        self.pickups: list[Json] = []
        self.claims: list[Json] = []
        #: Carriers, and what each takes for a parcel.
        self.rates = {"USPS": "5.93", "UPS": "11.20"}
        #: Whether a van comes at the time that a pickup asks for.
        self.van_comes = True
        #: What the carriers say to a label that is to be voided.
        self.refund_status = "submitted"
        #: What kind of file a label is.
        self.label_type = "application/pdf"
        #: Why the next shipment is refused.
        self.refused: str | None = None
        #: A label that another try pays for, just before the next one is.
        self.bought_meanwhile: Json | None = None
        self._numbers = itertools.count(1)

    def scan(self, tracking_code: str) -> None:
        """The carrier sees the parcel."""
        for shipment in self.shipments:
            if shipment["tracking_code"] == tracking_code:
                shipment["tracker"]["status"] = "in_transit"

    def answer(self, request: Request) -> Json | bytes:
        version, kind, *rest = unquote(request.path).strip("/").split("/")
        if version == "files":
            return PNG if kind.endswith(".png") else PDF
        made = {
            "shipments": self._shipments,
            "pickups": self._pickups,
            "claims": self._claims,
            "trackers": self._trackers,
        }
        return made[kind](request.method, rest, request.params)

    def _shipments(self, method: str, path: list[str], params: Json) -> Json:
        if method == "POST" and not path:
            return self._new_shipment(params["shipment"])
        if not path:
            return self._bought(params)
        shipment = _found(self.shipments, path[0])
        match path[1:]:
            case ["buy"]:
                self._buy(shipment, params["rate"]["id"])
            case ["refund"]:
                shipment["refund_status"] = self.refund_status
            case ["forms"]:
                form = {"id": "form_1", "form_type": params["form"]["type"], "form_url": f"{self.url}/files/code.png"}
                shipment["forms"] = [form]
            case ["label"]:
                shipment["postage_label"]["label_pdf_url"] = f"{self.url}/files/converted.pdf"
        return shipment

    def _bought(self, params: Json) -> Json:
        newest = [shipment for shipment in self.shipments[::-1] if shipment["postage_label"]]
        ids = [shipment["id"] for shipment in newest]
        first = ids.index(params["before_id"]) + 1 if "before_id" in params else 0
        return {"shipments": newest[first : first + 2], "has_more": len(newest) > first + 2}

    def _new_shipment(self, asked: Json) -> Json:
        if self.refused:
            raise Refused(422, _error(self.refused, "The shipment cannot be made."))
        number = next(self._numbers)
        shipment: Json = {
            **asked,
            "id": f"shp_{number}",
            "object": "Shipment",
            "is_return": asked.get("is_return", False),
            "tracking_code": None,
            "tracker": None,
            "postage_label": None,
            "refund_status": None,
            "forms": [],
            "messages": [{"carrier": "DHL", "type": "rate_error", "message": "not from there"}],
            "rates": [
                {"id": f"rate_{number}_{carrier}", "carrier": carrier, "rate": rate, "currency": "USD"}
                for carrier, rate in self.rates.items()
            ],
        }
        self.shipments.append(shipment)
        return shipment

    def _buy(self, shipment: Json, rate: str) -> None:
        shipment["postage_label"] = shipment["postage_label"] or self.bought_meanwhile
        if shipment["postage_label"]:
            raise Refused(422, _error("SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment."))
        code = f"9400{next(self._numbers):08d}"
        shipment |= {
            "tracking_code": code,
            "selected_rate": next(one for one in shipment["rates"] if one["id"] == rate),
            "tracker": {"id": f"trk_{code}", "tracking_code": code, "status": "pre_transit"},
            "postage_label": {
                "id": f"pl_{code}",
                "label_file_type": self.label_type,
                "label_url": f"{self.url}/files/label.pdf",
                "label_pdf_url": None,
            },
        }

    def _pickups(self, method: str, path: list[str], params: Json) -> Json:
        if method == "POST" and not path:
            return self._new_pickup(params["pickup"])
        pickup = _found(self.pickups, path[0])
        if path[1:] == ["buy"]:
            if pickup["status"] != "unknown":
                raise Refused(422, _error("PICKUP.BUY.ALREADY", "Pickup was already bought."))
            pickup["status"] = "scheduled"
        if path[1:] == ["cancel"]:
            pickup["status"] = "canceled"
        return pickup

    def _new_pickup(self, asked: Json) -> Json:
        if not _found(self.shipments, asked["shipment"]["id"])["postage_label"]:
            raise Refused(422, _error("PICKUP.SHIPMENT", "The shipment has no postage."))
        number = next(self._numbers)
        rate = {"id": f"pickuprate_{number}", "carrier": "USPS", "service": "NextDay", "rate": "0.00"}
        late = {"carrier": "USPS", "type": "rate_error", "message": "The date did not meet the cutoff."}
        pickup: Json = {
            **asked,
            "id": f"pickup_{number}",
            "object": "Pickup",
            "status": "unknown",
            "pickup_rates": [rate] if self.van_comes else [],
            "messages": [] if self.van_comes else [late],
        }
        self.pickups.append(pickup)
        return pickup

    def _claims(self, method: str, _path: list[str], params: Json) -> Json:
        if method == "POST":
            self.claims.append({**params, "id": f"clm_{next(self._numbers)}", "object": "Claim"})
            return self.claims[-1]
        newest = self.claims[::-1]
        ids = [claim["id"] for claim in newest]
        first = ids.index(params["before_id"]) + 1 if "before_id" in params else 0
        # Pages are small here, whatever was asked for, so that more than one is needed.
        return {"claims": newest[first : first + 2], "has_more": len(newest) > first + 2}

    def _trackers(self, _method: str, _path: list[str], params: Json) -> Json:
        found = [
            {**shipment["tracker"], "object": "Tracker", "shipment_id": shipment["id"]}
            for shipment in self.shipments
            if shipment["tracking_code"] == params["tracking_code"]
        ]
        return {"trackers": found, "has_more": False}


def _found(made: list[Json], wanted: str) -> Json:
    """By id or by reference."""
    for one in made:
        if wanted in (one["id"], one["reference"]):
            return one
    raise Refused(404, _error("NOT_FOUND", "The requested resource could not be found."))


def _error(code: str, message: str) -> Json:
    return {"error": {"code": code, "message": message, "errors": []}}
