"""An order of Shopify's REST Admin API as Homeward's, with its transactions, which are a call of their own.

The shape is put into that of the GraphQL API first, which knows more: ``shopify_graphql`` says what comes of it.
"""

from collections.abc import Iterable

from examples.shops import shopify_graphql
from examples.shops.minor_units import Json

_TIP, _STATUSES = "total_tip_received", {"partially_paid", "pending", "authorized"}


def order_of(order: Json, transactions: Iterable[Json]) -> Json:
    """``GET /orders/{id}.json`` and ``GET /orders/{id}/transactions.json`` as the one order that Homeward asks for."""
    return shopify_graphql.order_of(_as_graphql(order, transactions))


def _as_graphql(order: Json, transactions: Iterable[Json]) -> Json:
    currency = order["presentment_currency"]
    customer, address = order["customer"], order.get("shipping_address")
    return {
        "name": order["name"],
        "createdAt": order["created_at"],
        "presentmentCurrencyCode": currency,
        "taxesIncluded": order["taxes_included"],
        "displayFinancialStatus": order["financial_status"].upper(),
        "paymentTerms": order.get("payment_terms"),
        "customerLocale": order["customer_locale"],
        "tags": [tag.strip() for tag in order["tags"].split(",") if tag.strip()],
        "email": order["email"],
        "phone": order["phone"],
        "customer": customer and {"id": str(customer["id"]), "displayName": _name(customer)},
        "shippingAddress": address
        and {
            **{key: address[key] for key in ("name", "address1", "address2", "city", "zip")},
            "provinceCode": address["province_code"],
            "countryCodeV2": address["country_code"],
        },
        "lineItems": {"nodes": [_line(line) for line in order["line_items"]]},
        "shippingLines": {
            "nodes": [_priced(line) | {"isRemoved": line["is_removed"]} for line in order["shipping_lines"]]
        },
        "additionalFees": [],  # the REST order has their sum alone
        "totalTipReceivedSet": _set(order[_TIP], currency),
        "originalTotalDutiesSet": _money_set(order["original_total_duties_set"]),
        "totalCashRoundingAdjustment": {
            "paymentSet": _money_set(order.get("total_cash_rounding_payment_adjustment_set"))
        },
        "transactions": [_transaction(made) for made in transactions],
        "refunds": [_refund(refund) for refund in order["refunds"]],
        "fulfillments": [_fulfillment(made) for made in order["fulfillments"] if made["status"] == "success"],
    }


def _set(amount: str, currency: str) -> Json:
    return {"presentmentMoney": {"amount": amount, "currencyCode": currency}}


def _money_set(both: Json | None) -> Json | None:
    money = (both or {}).get("presentment_money")
    return _set(money["amount"], money["currency_code"]) if money else None


def _name(customer: Json) -> str:
    return " ".join(part for part in (customer["first_name"], customer["last_name"]) if part)


def _priced(line: Json) -> Json:
    """What lines of goods and of shipping have in common."""
    return {
        "originalPriceSet": _money_set(line["price_set"]),
        "discountAllocations": [
            {"allocatedAmountSet": _money_set(part["amount_set"])} for part in line["discount_allocations"]
        ],
        "taxLines": [
            {
                "title": tax["title"],
                "ratePercentage": round(tax["rate"] * 100, 6),
                "priceSet": _money_set(tax["price_set"]),
            }
            for tax in line["tax_lines"]
        ],
    }


def _line(line: Json) -> Json:
    return _priced(line) | {
        "id": str(line["id"]),
        "sku": line["sku"],
        "name": line["name"],
        "currentQuantity": line["current_quantity"],
        "originalUnitPriceSet": _money_set(line["price_set"]),
        "isGiftCard": line["gift_card"],
        "requiresShipping": line["requires_shipping"],
        "product": None,
        "image": None,
    }


def _transaction(made: Json) -> Json:
    return {
        "id": str(made["id"]),
        "kind": made["kind"].upper(),
        "status": made["status"].upper(),
        "gateway": made["gateway"],
        "amountSet": _set(made["amount"], made["currency"]),
        "paymentId": made["payment_id"],
        "parentTransaction": {"id": str(made["parent_id"])} if made["parent_id"] else None,
    }


def _refund(refund: Json) -> Json:
    rows = [
        {
            "lineItem": {"id": str(row["line_item_id"])},
            "quantity": row["quantity"],
            "subtotalSet": _money_set(row["subtotal_set"]),
            "totalTaxSet": _money_set(row["total_tax_set"]),
        }
        for row in refund["refund_line_items"]
    ]
    shipping = [
        {"subtotalAmountSet": _money_set(row["subtotal_amount_set"]), "taxAmountSet": _money_set(row["tax_amount_set"])}
        for row in refund.get("refund_shipping_lines", [])
    ]
    return {"refundLineItems": {"nodes": rows}, "refundShippingLines": {"nodes": shipping}}


def _fulfillment(made: Json) -> Json:
    """REST tells no delivery: the last change of a parcel that the carrier calls delivered comes nearest."""
    delivered = made["updated_at"] if made["shipment_status"] == "delivered" else None
    rows = [{"lineItem": {"id": str(line["id"])}, "quantity": line["quantity"]} for line in made["line_items"]]
    return {"deliveredAt": delivered, "fulfillmentLineItems": {"nodes": rows}}
