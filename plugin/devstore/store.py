"""The stand-in's memory: one shop, guarded by one lock, kept in a file between runs where one is named."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from plugin.devstore.records import Customer, Discount, Faults, Installation, Metafield, Order, Product, ShopCard


@dataclass(slots=True)
class Books:
    """All that outlives a restart."""

    shop: ShopCard
    products: dict[int, Product]
    customers: dict[int, Customer]
    next_id: int
    next_order_number: int = 1001
    orders: dict[int, Order] = field(default_factory=dict)
    discounts: dict[int, Discount] = field(default_factory=dict)
    metafields: dict[int, Metafield] = field(default_factory=dict)
    installation: Installation | None = None


_BOOKS = TypeAdapter(Books)
_ID_STEP = 10


class Store:
    """The shop's books, its clock and its weather. Whoever changes the books holds `lock`."""

    def __init__(self, books: Books, clock: Callable[[], datetime], file: Path | None = None) -> None:
        self.books = books
        self.clock = clock
        self.faults = Faults()
        self.lock = threading.RLock()
        self._file = file
        self._saving = threading.Lock()

    def new_id(self) -> int:
        """Make an id, unique in this store whatever it names; the few after it are free for its parts."""
        with self.lock:
            self.books.next_id += _ID_STEP
            return self.books.next_id

    def save(self) -> None:
        """Write the books to their file, if they have one."""
        if self._file is None:
            return
        with self._saving:
            with self.lock:
                text = _BOOKS.dump_json(self.books)
            unfinished = self._file.with_suffix(".part")
            unfinished.write_bytes(text)
            unfinished.replace(self._file)

    def order_by_token(self, token: str) -> Order | None:
        """Find an order by the secret part of its page's address."""
        return next((order for order in self.books.orders.values() if order.token == token), None)

    def discount_by_code(self, code: str) -> Discount | None:
        """Find a discount by its code; like Shopify, in upper or lower case."""
        wanted = code.strip().casefold()
        return next((each for each in self.books.discounts.values() if each.code.casefold() == wanted), None)

    def product_by_handle(self, handle: str) -> Product | None:
        """Find a product by the last part of its address."""
        return next((product for product in self.books.products.values() if product.handle == handle), None)

    def product_by_variant(self, variant_id: int) -> Product | None:
        """Find the product a variant belongs to."""
        return next((product for product in self.books.products.values() if product.variant_id == variant_id), None)

    def metafield(self, owner_gid: str, namespace: str, key: str) -> Metafield | None:
        """Find one metafield of an owner."""
        return next(
            (
                each
                for each in self.books.metafields.values()
                if (each.owner_gid, each.namespace, each.key) == (owner_gid, namespace, key)
            ),
            None,
        )

    def orders_newest_first(self) -> list[Order]:
        """List all orders by when they were placed."""
        return sorted(self.books.orders.values(), key=lambda order: (order.placed_at, order.order_id), reverse=True)


def load_books(file: Path) -> Books:
    """Read books that an earlier run saved."""
    return _BOOKS.validate_json(file.read_bytes())
