"""Code discounts: created, found and deactivated as Shopify does, user errors included."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from plugin.devstore.gids import gid, parse_gid
from plugin.devstore.graph_lists import connection
from plugin.devstore.records import Discount
from plugin.devstore.store import Store

Shown = dict[str, Any]
_CODE_LENGTH_MAX = 255
_BASIC, _SHIPPING = "basicCodeDiscount", "freeShippingCodeDiscount"
_COLLECTIONS_FROM = 9001
"""The first collection's number; collections are numbered by the sequence of their names."""


class DiscountGraph:
    """The store's discounts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, wanted: Shown) -> Shown:
        """`discountCodeBasicCreate`: all faults found are answered together, and nothing is made then."""
        return self._create(wanted, self._value_faults(wanted), _BASIC)

    def create_free_shipping(self, wanted: Shown) -> Shown:
        """`discountCodeFreeShippingCreate`."""
        blank = [] if wanted.get("destination") else [_fault("destination", "BLANK", "Destination can't be blank")]
        return self._create(wanted, blank, _SHIPPING)

    def _create(self, wanted: Shown, more: list[Shown], argument: str) -> Shown:
        with self._store.lock:
            if faults := [*self._faults(wanted), *more]:
                return {"codeDiscountNode": None, "userErrors": [_under(argument, one) for one in faults]}
            discount = self._made(wanted)
            self._store.books.discounts[discount.discount_id] = discount
        return {"codeDiscountNode": self._node(discount), "userErrors": []}

    def deactivate(self, node_gid: str) -> Shown:
        """`discountCodeDeactivate`: the discount ends now; a second time is no fault."""
        with self._store.lock:
            discount = self.find(node_gid)
            if discount is None:
                return {
                    "codeDiscountNode": None,
                    "userErrors": [_fault("id", "INVALID", "Code discount does not exist.")],
                }
            now = self._store.clock()
            if discount.status(now) != "EXPIRED":
                discount.ends_at = discount.updated_at = now
        return {"codeDiscountNode": self._node(discount), "userErrors": []}

    def find(self, node_gid: str) -> Discount | None:
        """Find by the node's global id."""
        kind, number = parse_gid(node_gid) or ("", 0)
        return self._store.books.discounts.get(number) if kind == "DiscountCodeNode" else None

    def find_by_code(self, code: str) -> Shown | None:
        """`codeDiscountNodeByCode`."""
        discount = self._store.discount_by_code(code)
        return self._node(discount) if discount else None

    def _faults(self, wanted: Shown) -> list[Shown]:
        faults = []
        code, title = str(wanted.get("code") or ""), str(wanted.get("title") or "")
        if not title.strip():
            faults.append(_fault("title", "BLANK", "Title can't be blank"))
        if not code.strip():
            faults.append(_fault("code", "BLANK", "Code can't be blank"))
        elif len(code) > _CODE_LENGTH_MAX:
            faults.append(_fault("code", "TOO_LONG", "Code is too long (maximum is 255 characters)"))
        elif self._store.discount_by_code(code):
            faults.append(_fault("code", "TAKEN", "Code must be unique. Please try a different code."))
        return [*faults, *self._timing_faults(wanted), *self._context_faults(wanted)]

    def _timing_faults(self, wanted: Shown) -> list[Shown]:
        starts_at, ends_at = wanted.get("startsAt"), wanted.get("endsAt")
        if starts_at is None:
            return [_fault("startsAt", "BLANK", "Starts at can't be blank")]
        if ends_at is not None and ends_at <= starts_at:
            return [_fault("endsAt", "INVALID", "Ends at needs to be after starts_at")]
        return []

    def _value_faults(self, wanted: Shown) -> list[Shown]:
        gets = wanted.get("customerGets") or {}
        value, items = gets.get("value") or {}, gets.get("items") or {}
        if not items:
            return [_fault("customerGets.items", "BLANK", "Items can't be blank")]
        amount, percentage = (value.get("discountAmount") or {}).get("amount"), value.get("percentage")
        if (amount is None) == (percentage is None):
            return [_fault("customerGets.value", "INVALID", "Value must be an amount or a percentage")]
        if amount is not None and amount <= 0:
            return [_fault("customerGets.value", "GREATER_THAN", "Value must be greater than 0")]
        if percentage is not None and not 0 < percentage <= 1:
            return [_fault("customerGets.value.percentage", "VALUE_OUTSIDE_RANGE", "Value must be between 0.0 and 1.0")]
        return []

    def _context_faults(self, wanted: Shown) -> list[Shown]:
        context = wanted.get("context")
        if not context:
            return [_fault("context", "BLANK", "Context can't be blank")]
        named = [parse_gid(each) or ("", 0) for each in (context.get("customers") or {}).get("add") or ()]
        if any(kind != "Customer" or number not in self._store.books.customers for kind, number in named):
            return [_fault("context.customers.add", "INVALID", "Customers are invalid")]
        return []

    def _made(self, wanted: Shown) -> Discount:
        now = self._store.clock()
        gets = wanted.get("customerGets") or {}
        value = gets.get("value") or {}
        customers = (wanted["context"].get("customers") or {}).get("add")
        minimum = ((wanted.get("minimumRequirement") or {}).get("subtotal") or {}).get("greaterThanOrEqualToSubtotal")
        return Discount(
            discount_id=self._store.new_id(),
            title=wanted["title"],
            code=wanted["code"],
            created_at=now,
            updated_at=now,
            starts_at=wanted["startsAt"],
            ends_at=wanted.get("endsAt"),
            customer_ids=tuple(number for _, number in map(_parsed, customers)) if customers is not None else None,
            amount=(value.get("discountAmount") or {}).get("amount"),
            percentage=Decimal(str(value["percentage"])) if value.get("percentage") is not None else None,
            minimum_subtotal=minimum,
            usage_limit=wanted.get("usageLimit"),
            once_per_customer=bool(wanted.get("appliesOncePerCustomer")),
            combines_with=dict(wanted.get("combinesWith") or {}),
            variant_ids=self._variants(gets.get("items") or {}),
            is_free_shipping="customerGets" not in wanted,
            maximum_shipping=wanted.get("maximumShippingPrice"),
        )

    def _variants(self, items: Shown) -> frozenset[int] | None:
        """What is taken off, by variant; None is the whole order."""
        if items.get("all") or not items:
            return None
        wanted = {number for _, number in map(_parsed, _named(items))}
        products = self._store.books.products.values()
        names = sorted({name for each in products for name in each.collections})
        return frozenset(
            each.variant_id
            for each in products
            if {each.product_id, each.variant_id} & wanted
            or any(_COLLECTIONS_FROM + names.index(name) in wanted for name in each.collections)
        )

    def _node(self, discount: Discount) -> Shown:
        return {
            "__typename": "DiscountCodeNode",
            "id": gid("DiscountCodeNode", discount.discount_id),
            "codeDiscount": self._basic(discount, self._store.clock()),
        }

    def _basic(self, discount: Discount, now: datetime) -> Shown:
        minimum = discount.minimum_subtotal
        return {
            "__typename": "DiscountCodeFreeShipping" if discount.is_free_shipping else "DiscountCodeBasic",
            "title": discount.title,
            "status": discount.status(now),
            "startsAt": discount.starts_at,
            "endsAt": discount.ends_at,
            "createdAt": discount.created_at,
            "updatedAt": discount.updated_at,
            "usageLimit": discount.usage_limit,
            "asyncUsageCount": len(discount.uses),
            "appliesOncePerCustomer": discount.once_per_customer,
            "combinesWith": _all_switches(discount.combines_with),
            "context": _context(discount),
            "minimumRequirement": minimum and self._minimum(minimum),
            "codes": lambda _info, **arguments: connection(
                [discount], lambda one: {"id": gid("DiscountRedeemCode", one.discount_id), "code": one.code}, arguments
            ),
        }

    def _minimum(self, amount: Decimal) -> Shown:
        money = {"amount": f"{amount:.2f}", "currencyCode": self._store.books.shop.currency}
        return {"__typename": "DiscountMinimumSubtotal", "greaterThanOrEqualToSubtotal": money}


def _context(discount: Discount) -> Shown:
    if discount.customer_ids is None:
        return {"__typename": "DiscountBuyerSelectionAll", "all": "ALL"}
    customers = [{"id": gid("Customer", customer)} for customer in discount.customer_ids]
    return {"__typename": "DiscountCustomers", "customers": customers}


def _named(items: Shown) -> list[str]:
    products, collections = items.get("products") or {}, items.get("collections") or {}
    lists = (products.get("productsToAdd"), products.get("productVariantsToAdd"), collections.get("add"))
    return [one for each in lists for one in each or ()]


def _under(argument: str, fault: Shown) -> Shown:
    return {**fault, "field": [argument, *fault["field"]]}


def _all_switches(given: dict[str, bool]) -> dict[str, bool]:
    return {key: given.get(key, False) for key in ("orderDiscounts", "productDiscounts", "shippingDiscounts")}


def _parsed(text: str) -> tuple[str, int]:
    return parse_gid(text) or ("", 0)


def _fault(field: str, code: str, message: str) -> Shown:
    return {"field": field.split("."), "code": code, "message": message, "extraInfo": None}
