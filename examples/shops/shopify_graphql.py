"""An order of Shopify's GraphQL Admin API as Homeward's; the fields that it asks for are in the sample beside it.

Amounts are in the currency that the customer paid in (``presentmentMoney``).
"""

from collections.abc import Iterable, Mapping

from examples.shops.minor_units import Json, latest, minor, present

_MANUAL = {"cash", "manual", "bank_deposit", "money_order"}
_COD = {"cash_on_delivery", "Cash on Delivery (COD)"}


def order_of(order: Json) -> Json:
    """The order as ``GET /orders/{order_id}`` answers it."""
    lines = [line for node in order["lineItems"]["nodes"] if (line := _line(node, order))]
    return {
        "order_id": order["name"],
        "placed_at": order["createdAt"],
        "currency": order["presentmentCurrencyCode"],
        "prices_include_tax": order["taxesIncluded"],
        "customer": _customer(order),
        "lines": lines,
        "shipping": _shipping(order),
        "tenders": list(_tenders(order)),
        **present(
            fees=list(_fees(order)),
            cash_rounding=_money(order["totalCashRoundingAdjustment"]["paymentSet"]),
            payment_state=_payment_state(order),
            locale=order["customerLocale"],
            tags=order["tags"],
        ),
    }


def _money(amount: Mapping[str, Json] | None) -> int:
    money = (amount or {}).get("presentmentMoney")
    return minor(money["amount"], money["currencyCode"]) if money else 0


def _sum(amounts: Iterable[Mapping[str, Json] | None]) -> int:
    return sum(map(_money, amounts))


def _id(gid: str) -> str:
    """``gid://shopify/LineItem/11`` is 11."""
    return gid.rpartition("/")[2]


def _line(node: Json, order: Json) -> Json | None:
    refunds = [row for refund in order["refunds"] for row in refund["refundLineItems"]["nodes"]]
    mine = [row for row in refunds if row["lineItem"]["id"] == node["id"]]
    returned = sum(row["quantity"] for row in mine)
    if node["currentQuantity"] + returned == 0:  # taken out of the order before anybody paid for it
        return None
    sent = [
        (row["quantity"], fulfillment["deliveredAt"])
        for fulfillment in order["fulfillments"]
        for row in fulfillment["fulfillmentLineItems"]["nodes"]
        if row["lineItem"]["id"] == node["id"]
    ]
    return {
        "line_id": _id(node["id"]),
        "sku": node["sku"] or f"line-{_id(node['id'])}",
        "title": node["name"],
        "quantity": node["currentQuantity"] + returned,
        "unit_price": _money(node["originalUnitPriceSet"]),
        "shipped_quantity": max(sum(quantity for quantity, _ in sent), returned),
        **present(
            returned_quantity=returned,
            refunded_total=_refunded(mine, order),
            delivered_at=latest(date for _, date in sent),
            discount_total=_sum(part["allocatedAmountSet"] for part in node["discountAllocations"]),
            tax_total=_sum(tax["priceSet"] for tax in node["taxLines"]),
            tax_lines=[_tax(tax) for tax in node["taxLines"]],
            final_sale=node["isGiftCard"] or not node["requiresShipping"],
            category=(node["product"] or {}).get("productType"),
            image_url=(node["image"] or {}).get("url"),
        ),
    }


def _refunded(rows: Iterable[Json], order: Json) -> int:
    """Subtotals hold their tax where prices do."""
    return sum(
        _money(row["subtotalSet"]) + (0 if order["taxesIncluded"] else _money(row["totalTaxSet"])) for row in rows
    )


def _tax(tax: Json) -> Json:
    return {"title": tax["title"], "rate_percent": str(tax["ratePercentage"]), "amount": _money(tax["priceSet"])}


def _shipping(order: Json) -> Json:
    lines = [line for line in order["shippingLines"]["nodes"] if not line["isRemoved"]]
    taxes = [tax for line in lines for tax in line["taxLines"]]
    refunds = [row for refund in order["refunds"] for row in refund["refundShippingLines"]["nodes"]]
    included = order["taxesIncluded"]
    return present(
        price=_sum(line["originalPriceSet"] for line in lines),
        discount=_sum(part["allocatedAmountSet"] for line in lines for part in line["discountAllocations"]),
        tax=_sum(tax["priceSet"] for tax in taxes),
        tax_lines=[_tax(tax) for tax in taxes],
        refunded_total=sum(
            _money(row["subtotalAmountSet"]) + (0 if included else _money(row["taxAmountSet"])) for row in refunds
        ),
    )


def _fees(order: Json) -> Iterable[Json]:
    if tip := _money(order["totalTipReceivedSet"]):
        yield {"kind": "tip", "amount": tip}
    if duties := _money(order["originalTotalDutiesSet"]):
        yield {"kind": "duties", "amount": duties}
    for fee in order["additionalFees"]:
        tax = _sum(tax["priceSet"] for tax in fee["taxLines"])
        yield {"kind": "other", "title": fee["name"], "amount": _money(fee["price"]), **present(tax=tax)}


def _tenders(order: Json) -> Iterable[Json]:
    done = [made for made in order["transactions"] if made["status"] == "SUCCESS"]
    for made in done:
        if made["kind"] in {"SALE", "CAPTURE"}:
            back = [other for other in done if other["kind"] == "REFUND" and _is_of(other, made)]
            yield {
                "tender_id": _id(made["id"]),
                "kind": _kind(made["gateway"]),
                "captured": _money(made["amountSet"]),
                **present(refunded=_sum(other["amountSet"] for other in back), reference=made["paymentId"]),
            }


def _is_of(refund: Json, made: Json) -> bool:
    return bool((refund["parentTransaction"] or {}).get("id") == made["id"])


def _kind(gateway: str) -> str:
    if gateway == "gift_card":
        return "gift_card"
    return "other" if gateway in _MANUAL | _COD else "card"


def _payment_state(order: Json) -> str | None:
    if any(made["gateway"] in _COD and made["status"] == "SUCCESS" for made in order["transactions"]):
        return "cash_on_delivery"
    if order["displayFinancialStatus"] in {"PENDING", "AUTHORIZED", "PARTIALLY_PAID"}:
        return "net_terms" if order["paymentTerms"] else "unpaid"
    return None


def _customer(order: Json) -> Json:
    """Nobody is known of a sale in a store; a guest has a mail address and no id."""
    customer, address = order["customer"], order["shippingAddress"]
    return present(
        customer_id=_id(customer["id"]) if customer else None,
        name=(customer or {}).get("displayName") or (address or {}).get("name"),
        email=order["email"],
        phone=order["phone"],
        address=_address(address) if address else None,
    )


def _address(address: Json) -> Json:
    named = {"line1": "address1", "line2": "address2", "city": "city", "state": "provinceCode", "postal_code": "zip"}
    return present(
        name=address["name"], country=address["countryCodeV2"], **{ours: address[name] for ours, name in named.items()}
    )
