"""An order of WooCommerce's REST API as Homeward's, with its refunds, which are a call of their own.

WooCommerce keeps line totals alone, always without tax: the price of one piece is made of them.
"""

from collections.abc import Iterable, Sequence

from examples.shops.minor_units import Json, minor, present

_COD = "cod"


def order_of(order: Json, refunds: Sequence[Json] = ()) -> Json:
    """``GET /wc/v3/orders/{id}`` and ``GET /wc/v3/orders/{id}/refunds`` as the one order that Homeward asks for."""
    currency = order["currency"]
    lines = [_line(line, currency, _of_line(line, refunds)) for line in order["line_items"]]
    _spread(sum(_net(fee, currency) for fee in order["fee_lines"] if _net(fee, currency) < 0), lines)
    made = {
        "order_id": order["number"],
        "placed_at": f"{order['date_created_gmt']}Z",
        "currency": currency,
        "prices_include_tax": False,
        "customer": _customer(order),
        "lines": lines,
        "shipping": _shipping(order, refunds),
        "tenders": _tenders(order, refunds),
        **present(
            delivered_at=f"{order['date_completed_gmt']}Z" if order["date_completed_gmt"] else None,
            fees=[_fee(fee, currency) for fee in order["fee_lines"] if _net(fee, currency) > 0],
            payment_state=_payment_state(order),
        ),
    }
    return made | present(cash_rounding=minor(order["total"], currency) - _total(made))


def _net(row: Json, currency: str) -> int:
    return minor(row["total"], currency)


def _of_line(line: Json, refunds: Iterable[Json]) -> list[Json]:
    """Rows of refunds name the line that they are of in their meta data; quantities and amounts are below 0."""
    return [
        row
        for refund in refunds
        for row in refund["line_items"]
        if any(
            meta["key"] == "_refunded_item_id" and str(meta["value"]) == str(line["id"]) for meta in row["meta_data"]
        )
    ]


def _line(line: Json, currency: str, refunded: Sequence[Json]) -> Json:
    quantity, paid, tax = line["quantity"], minor(line["total"], currency), minor(line["total_tax"], currency)
    unit_price = -(-minor(line["subtotal"], currency) // quantity)  # up: what is too much is discount
    back = -sum(minor(row["total"], currency) + minor(row["total_tax"], currency) for row in refunded)
    return {
        "line_id": str(line["id"]),
        "sku": line["sku"] or f"product-{line['variation_id'] or line['product_id']}",
        "title": line["name"],
        "quantity": quantity,
        "unit_price": unit_price,
        "discount_total": quantity * unit_price - paid,
        "tax_total": tax,
        **present(
            returned_quantity=-sum(row["quantity"] for row in refunded),
            refunded_total=min(back, paid + tax),
            image_url=(line["image"] or {}).get("src"),
        ),
    }


def _spread(discount: int, lines: Sequence[Json]) -> None:
    """A fee below 0, such as loyalty points, lowers all lines by what they cost."""
    left = -discount
    for number, line in enumerate(lines):
        paid = [one["quantity"] * one["unit_price"] - one["discount_total"] for one in lines[number:]]
        part = min(paid[0], -(-left * paid[0] // sum(paid)) if sum(paid) else 0)
        line["discount_total"] += part
        left -= part


def _shipping(order: Json, refunds: Iterable[Json]) -> Json:
    currency, lines = order["currency"], order["shipping_lines"]
    back = [row for refund in refunds for row in refund["shipping_lines"]]
    return present(
        price=sum(_net(line, currency) for line in lines),
        tax=sum(minor(line["total_tax"], currency) for line in lines),
        refunded_total=-sum(_net(row, currency) + minor(row["total_tax"], currency) for row in back),
    )


def _fee(fee: Json, currency: str) -> Json:
    tax = present(tax=minor(fee["total_tax"], currency))
    return {"kind": "other", "title": fee["name"], "amount": _net(fee, currency), **tax}


def _payment_state(order: Json) -> str | None:
    if order["date_paid_gmt"] is None:
        return "unpaid"
    return "cash_on_delivery" if order["payment_method"] == _COD else None


def _tenders(order: Json, refunds: Iterable[Json]) -> list[Json]:
    if order["date_paid_gmt"] is None:
        return []
    reference = order["transaction_id"]
    return [
        {
            "tender_id": "payment",
            "kind": "card" if reference else "other",
            "captured": minor(order["total"], order["currency"]),
            **present(
                refunded=sum(minor(refund["amount"], order["currency"]) for refund in refunds), reference=reference
            ),
        }
    ]


def _customer(order: Json) -> Json:
    """0 stands for every guest: whoever it is, is known by the mail address."""
    billing, there = order["billing"], order["shipping"]
    home = there if there["address_1"] else billing
    return present(
        customer_id=str(order["customer_id"]) if order["customer_id"] else None,
        name=_name(billing),
        email=billing["email"],
        phone=billing["phone"],
        address=_address(home) if home["address_1"] else None,
    )


def _name(person: Json) -> str:
    return " ".join(part for part in (person["first_name"], person["last_name"]) if part)


def _address(address: Json) -> Json:
    named = {"line1": "address_1", "line2": "address_2", "city": "city", "state": "state", "postal_code": "postcode"}
    return present(
        name=_name(address), country=address["country"], **{ours: address[name] for ours, name in named.items()}
    )


def _total(made: Json) -> int:
    """What Homeward makes of it: WooCommerce rounds taxes once more, over the whole order."""
    shipping = made["shipping"]
    besides = [*made.get("fees", []), {"amount": shipping.get("price", 0), "tax": shipping.get("tax", 0)}]
    amounts = [one["amount"] + one.get("tax", 0) for one in besides]
    amounts += [
        line["quantity"] * line["unit_price"] - line["discount_total"] + line["tax_total"] for line in made["lines"]
    ]
    total: int = sum(amounts)
    return total
