"""Who is in a segment that a merchant made in Shopify's admin."""

from __future__ import annotations

from collections.abc import Iterator

from plugin.shopify.client import AdminClient
from plugin.shopify.gids import gid, number_of

_PER_PAGE = 250


def fetch_segment(admin: AdminClient, segment_id: int) -> Iterator[int]:
    """List the ids of the customers in a segment, page by page.

    Raises:
        ShopifyRefused: there is no such segment, or this app may not see customers.
        ShopifyUnavailable: no answer, or "later".
    """
    after: str | None = None
    while True:
        variables = {"segment": gid("Segment", segment_id), "first": _PER_PAGE, "after": after}
        page = admin.query("segment_customers", variables)["customerSegmentMembers"]
        yield from (number_of(edge["node"]["id"], "CustomerSegmentMember") for edge in page["edges"])
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]
