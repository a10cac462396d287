"""Shop domains from people who do not wish us well."""

from __future__ import annotations

HOSTILE_DOMAINS: list[object] = [
    None,
    "",
    "myshopify.com",
    ".myshopify.com",
    "nice-shop",
    "evil.com",
    "nice-shop.myshopify.com.evil.com",
    "evil.com/nice-shop.myshopify.com",
    "evil.com#.myshopify.com",
    "evil.com?x=.myshopify.com",
    "evil.com\\.myshopify.com",
    "user:secret@nice-shop.myshopify.com",
    "nice-shop.myshopify.com@evil.com",
    "nice-shop.myshopify.com:8443",
    "nice-shop.myshopify.com/admin",
    "nice-shop.myshopify.com\n",
    "nice-shop.myshopify.com\r\nX-Evil: 1",
    " nice-shop.myshopify.com",
    "https://nice-shop.myshopify.com",
    "NICE-SHOP.myshopify.com",
    "-nice.myshopify.com",
    "nice_shop.myshopify.com",
    "a.b.myshopify.com",
    "nice-shopmyshopify.com",
    "nice-shop.myshopify.io",
    "niсe-shop.myshopify.com",  # noqa: RUF001 - a Cyrillic letter that looks like a Latin one is the point
    "nice%2eshop.myshopify.com",
    "127.0.0.1",
    "nice-shop\x00.myshopify.com",
    "x" * 61 + ".myshopify.com",
    "x" * 5000 + ".myshopify.com",
]
