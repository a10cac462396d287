"""A page's mark comes back from a browser: whatever somebody made of it, the answer is a refusal and never a failure."""

from __future__ import annotations

import pytest

from tests.factories import CUSTOMER, make_member
from tests.storefront.proxy import Storefront

NIL = "0" * 32


@pytest.mark.parametrize("before", [f"0001-01-01T00:00:00+23:59~{NIL}", f"9999-12-31T23:59:59-23:59~{NIL}"])
def test_a_mark_whose_offset_leads_out_of_the_calendar_is_refused(storefront: Storefront, tools, shop, before: str):
    make_member(tools, shop, CUSTOMER, points=10)
    answer = storefront.get("history", before=before)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_input")
