"""Twenty clicks at the same moment that put deliveries back in line, while they are worked on: each order's points once."""

from __future__ import annotations

from sqlalchemy import update

from plugin.inbox.tables import delivery
from plugin.wiring import drain_once
from tests.admin.conftest import bearer
from tests.crowds.crowd import PEOPLE, PROCESSES, tells
from tests.crowds.test_shopify import arrive
from tests.factories import balance_of
from tests.journeys.shop_floor import line, order

ORDERS = 5


@tells("POST /app/deliveries/<uuid:delivery_id>/replay")
def test_one_delivery_put_back_twenty_times_counts_once(crowd, tools, shop, mint):
    (mine, *_) = dead_letters(crowd, tools, shop)
    press(crowd, shop, mint, f"/{mine}/replay")
    assert balance_of(tools, shop).available == 100
    press(crowd, shop, mint, f"/{mine}/replay")
    assert balance_of(tools, shop).available == 100
    press(crowd, shop, mint, "/replay")


@tells("POST /app/deliveries/replay")
def test_all_put_back_twenty_times_count_once_each(crowd, tools, shop, mint):
    dead_letters(crowd, tools, shop)
    press(crowd, shop, mint, "/replay")
    assert balance_of(tools, shop).available == 100 * ORDERS


def press(crowd, shop, mint, path: str) -> None:
    """Let twenty put back and a drainer work right behind each of them; then work off what is left."""

    def click(browser, number: int) -> int:
        status = browser.post(f"/app/deliveries{path}", headers=bearer(mint(shop))).status_code
        drain_once(crowd.tools[number % PROCESSES])
        return status

    assert crowd.press(click) == {200: PEOPLE}
    crowd.work_off()


def dead_letters(crowd, tools, shop) -> list[str]:
    """Orders that could not be processed when they came."""
    browser = crowd.apps[0].test_client()
    for number in range(ORDERS):
        arrive(browser, shop, "orders/paid", order(5001 + number, line(1, "100.00")), f"event-{number}")
    with tools.writing() as session:
        given_up = update(delivery).values(state="dead_letter", finished_at=tools.clock(), attempts=8)
        return [str(one) for one in session.scalars(given_up.returning(delivery.c.id))]
