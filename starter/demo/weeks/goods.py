"""What the shop of the demonstration sells, and to whom: nobody of these exists."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from lifecycle.contract.money import exponent

_COLOURS: Final = [
    "Amber",
    "Azure",
    "Coral",
    "Crimson",
    "Golden",
    "Indigo",
    "Ivory",
    "Jade",
    "Olive",
    "Scarlet",
    "Silver",
]
_ANIMALS: Final = ["Badger", "Falcon", "Heron", "Lynx", "Marten", "Otter", "Puffin", "Raven", "Sparrow", "Weasel"]


@dataclass(frozen=True)
class Article:
    """One article; ``price`` in cents of the dollar, ``more`` what its order's line says besides."""

    sku: str
    title: str
    price: int
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


_FITS: Final = ("size_too_small", "size_too_large", "color", "unwanted")
_WORKS: Final = ("defective", "not_as_described", "damaged_in_transit", "unwanted")
_SUPPLIED: Final = {"supplier_id": "northwind"}
_ARTICLES: Final = (
    Article("TRAIL-42", "Trail shoe, size 42", 11900, _FITS, ("They pinch at the heel.", "Bigger than usual.")),
    Article("TRAIL-43", "Trail shoe, size 43", 11900, _FITS, ("A size too long.",)),
    Article("RAIN-JACKET-M", "Rain jacket, M", 14900, _FITS, ("The sleeves are short.", "Greener than it looks.")),
    Article("MERINO-L", "Merino jumper, L", 8900, _FITS, ("It scratches.", "I ordered two sizes to choose from.")),
    Article("BACKPACK-20", "Day pack, 20 litres", 7900, ("style", "unwanted", "defective"), ("One zip sticks.",)),
    Article("HEADLAMP", "Headlamp", 4900, _WORKS, ("It goes out when it is shaken.",)),
    Article("KETTLE-1", "Kettle, 1.2 litres", 5900, _WORKS, ("It leaks at the spout.",), _SUPPLIED),
    Article("GRINDER", "Coffee grinder", 12900, _WORKS, ("Very loud.",), _SUPPLIED),
    Article("STOVE", "Camping stove", 9900, _WORKS, ("The flame stays low.",)),
    Article("TENT-2", "Tent for two", 27900, ("defective", "unwanted"), ("A pole is cracked.",)),
    Article("ESPRESSO", "Espresso machine", 64900, _WORKS, ("No pressure after a week.", "Too big for our kitchen.")),
    Article("WATCH", "Sports watch", 24900, _WORKS, ("The display stays dark.",)),
    Article("PHONE-128", "Phone, 128 GB", 44900, ("unwanted", "defective"), (), {"holds_personal_data": True}),
    Article("SOCKS-M", "Wool socks, M", 900, ("size_too_small", "color")),
    Article("BOTTLE", "Steel bottle", 1800, ("color", "damaged_in_transit"), ("A dent on arrival.",)),
    Article("GIFT-BOX", "Gift box, final sale", 3900, ("unwanted",), (), {"final_sale": True}),
)
ARTICLES: Final = {article.sku: article for article in _ARTICLES}


@dataclass(frozen=True)
class _Country:
    code: str
    currency: str
    #: What one dollar is worth there.
    rate: float
    #: Tax in percent, which prices of most countries include.
    tax: int
    includes_tax: bool
    address: dict[str, Any]


_COUNTRIES: Final = (
    _Country("US", "USD", 1, 8, False, {"city": "Springfield", "state": "IL", "postal_code": "62701"}),
    _Country("CA", "CAD", 1.4, 13, False, {"city": "Ottawa", "state": "ON", "postal_code": "K1A 0B1"}),
    _Country("GB", "GBP", 0.8, 20, True, {"city": "London", "postal_code": "SW1A 1AA"}),
    _Country("DE", "EUR", 0.9, 19, True, {"city": "Berlin", "postal_code": "10115"}),
    _Country("FR", "EUR", 0.9, 20, True, {"city": "Paris", "postal_code": "75001"}),
    _Country("NL", "EUR", 0.9, 21, True, {"city": "Utrecht", "postal_code": "3511 AB"}),
    _Country("JP", "JPY", 150, 10, True, {"city": "Tokyo", "postal_code": "100-0001"}),
)
_WEIGHTS: Final = (40, 8, 16, 16, 8, 6, 6)


@dataclass(frozen=True)
class Bought:
    """An order as the order service would tell it, and what of it comes back."""

    order: dict[str, Any]
    items: list[dict[str, Any]]
    country: str

    def instead(self, sku: str, quantity: int) -> dict[str, Any]:
        """So many of an article as what an exchange leads to, at the prices of this order's country."""
        country = next(one for one in _COUNTRIES if one.code == self.country)
        return {"sku": sku, "quantity": quantity} | _priced(country, ARTICLES[sku].price, quantity)


@dataclass(frozen=True)
class How:
    """How it was bought; ``fault`` is how the sandbox's card refuses a refund, ``at_home`` in the shop's country."""

    fault: str
    quantity: int
    at_home: bool


def bought(number: int, sku: str, opened: datetime, chance: Random, how: How) -> Bought:
    """What somebody bought some days before the return opens."""
    [country] = _COUNTRIES[:1] if how.at_home else chance.choices(_COUNTRIES, _WEIGHTS)
    article = ARTICLES[sku]
    with_it = chance.choice(("SOCKS-M", "BOTTLE"))
    lines = [_line(country, "1", article, how.quantity)]
    if with_it != sku:
        lines.append(_line(country, "2", ARTICLES[with_it], 1))
    total = sum(line["quantity"] * line["unit_price"] for line in lines)
    total += 0 if country.includes_tax else sum(line["tax_total"] for line in lines)
    delivered = opened - timedelta(days=chance.uniform(0.3, 9))
    order = {
        "order_id": f"SO-{7000 + number}",
        "placed_at": (delivered - timedelta(days=chance.uniform(1.5, 4))).isoformat(),
        "delivered_at": delivered.isoformat(),
        "currency": country.currency,
        "prices_include_tax": country.includes_tax,
        "customer": _customer(country, chance),
        "lines": lines,
        "tenders": [_card(number, total, how.fault)],
    }
    note = chance.choice(article.notes) if article.notes and chance.random() < 0.6 else None
    item = {"line_id": "1", "quantity": how.quantity, "reason": chance.choice(article.reasons), "note": note}
    return Bought(order, [item], country.code)


def _card(number: int, total: int, fault: str) -> dict[str, Any]:
    reference = f"pi_{7000 + number}{f' fault:{fault}' if fault else ''}"
    return {"tender_id": "card", "kind": "card", "captured": total, "reference": reference}


def _line(country: _Country, line_id: str, article: Article, quantity: int) -> dict[str, Any]:
    named = {"line_id": line_id, "sku": article.sku, "title": article.title, "quantity": quantity}
    return named | _priced(country, article.price, quantity) | article.more


def _priced(country: _Country, cents: int, quantity: int) -> dict[str, Any]:
    price = round(cents / 100 * country.rate * 10 ** exponent(country.currency))
    tax = price * quantity * country.tax
    tax_total = round(tax / (100 + country.tax) if country.includes_tax else tax / 100)
    return {"unit_price": price, "tax_total": tax_total}


def _customer(country: _Country, chance: Random) -> dict[str, Any]:
    colour, animal = chance.choice(_COLOURS), chance.choice(_ANIMALS)
    number = _COLOURS.index(colour) * len(_ANIMALS) + _ANIMALS.index(animal)
    return {
        # Customers move between countries for nobody: the same name elsewhere is somebody else.
        "customer_id": f"C-{country.code}-{100 + number}",
        "name": f"{colour} {animal}",
        "email": f"{colour}.{animal}@{country.code}.example.com".lower(),
        "address": {"line1": f"{number + 1} Sample Street", "country": country.code} | country.address,
    }
