"""Which customer an e-mail address belongs to, by Shopify's word. The address is asked with and kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from plugin.errors import ShopifyRefused
from plugin.shopify.client import AdminClient
from plugin.shopify.gids import number_of

EMAILS_PER_CALL = 25


def find_customers_by_email(admin: AdminClient, emails: Sequence[str]) -> dict[str, int]:
    """Return the customers' ids by address; addresses that Shopify does not know are left out.

    Raises:
        ShopifyRefused: this app may not look customers up.
        ShopifyUnavailable: no answer, or "later".
    """
    found: dict[str, int] = {}
    for start in range(0, len(emails), EMAILS_PER_CALL):
        some = emails[start : start + EMAILS_PER_CALL]
        asked = [*some, *[some[-1]] * (EMAILS_PER_CALL - len(some))]
        answer = admin.ask(
            "customers_by_email", {f"c{place}": {"emailAddress": one} for place, one in enumerate(asked)}
        )
        if any(problem.code == "ACCESS_DENIED" for problem in answer.problems):
            raise ShopifyRefused("customers may not be looked up", codes=("ACCESS_DENIED",))
        for place, one in enumerate(some):
            if node := answer.data.get(f"c{place}"):
                found[one] = number_of(node["id"], "Customer")
    return found
