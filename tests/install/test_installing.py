"""A shop installs, comes back, and keeps what it had; whatever is missing is said."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import responses
from sqlalchemy import func, select

from plugin.errors import BadInput, Forbidden, ShopDisconnected, ShopifyUnavailable
from plugin.facts import ShopUninstalled
from plugin.journeys.connecting import admin_for
from plugin.journeys.documents import current_document
from plugin.journeys.installing import Registration, check_access, install_by_id_token, register_shop
from plugin.journeys.tools import Tools
from plugin.journeys.uninstalling import uninstall
from plugin.programme.store import get_programme
from plugin.programme.tables import programme
from plugin.rules import default_document
from plugin.shopify.installation import NEEDED_SCOPES
from plugin.shops.store import Shop, find_shop, get_shop, list_shops, mark_swept
from plugin.shops.tables import shop_token
from tests.factories import Clock
from tests.install.conftest import Shopify, id_token
from tests.shopify.hostile import HOSTILE_DOMAINS
from tests.shopify.stub import DOMAIN, denied, page


def leave(tools: Tools, shop: Shop, **ago: float) -> bool:
    """Shopify tells that the shop left, some time ago."""
    fact = ShopUninstalled(shop.programme_id, shop.shop_id, tools.clock() - timedelta(**ago))
    with tools.writing() as session:
        return uninstall(session, fact)


def test_a_new_shop_gets_a_programme_the_default_document_and_a_start_line(noted: Tools, shopify: Shopify, nudges):
    shop = install_by_id_token(noted, id_token(noted))
    assert (shop.domain, shop.name, shop.currency, shop.timezone) == (DOMAIN, "Nice Shop", "EUR", "Europe/Sofia")
    assert shop.is_installed
    assert shop.earning_starts_at == shop.installed_at == noted.clock()
    assert set(shop.scopes) == set(NEEDED_SCOPES)
    with noted.reading() as session:
        assert current_document(session, shop.programme_id) == (1, default_document())
        own = get_programme(session, shop.programme_id)
    assert (own.timezone, own.currency) == ("Europe/Sofia", "EUR")
    assert nudges == [("sweep", str(shop.shop_id))]


def test_an_id_token_is_exchanged_once_and_then_the_pair_is_used(tools: Tools, shopify: Shopify, clock: Clock):
    first = install_by_id_token(tools, id_token(tools))
    clock.advance(minutes=20)
    again = install_by_id_token(tools, id_token(tools))
    assert again.shop_id == first.shop_id
    assert [one["grant_type"] for one in shopify.asked] == ["urn:ietf:params:oauth:grant-type:token-exchange"]
    assert again.opened_at == clock.now


def test_a_pair_near_its_end_is_replaced_when_the_merchant_opens_the_app(tools: Tools, shopify: Shopify, clock: Clock):
    install_by_id_token(tools, id_token(tools))
    clock.advance(minutes=56)
    install_by_id_token(tools, id_token(tools))
    assert shopify.issued == 2


def test_two_pages_opened_at_once_install_one_shop(tools: Tools, shopify: Shopify):
    """Both browsers tabs race from the first page load; the database lets one shop in."""
    start, shops, token = threading.Barrier(2), [], id_token(tools)

    def open_page() -> None:
        start.wait()
        shops.append(install_by_id_token(tools, token))

    threads = [threading.Thread(target=open_page) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shops) == 2
    assert len({shop.shop_id for shop in shops}) == 1
    with tools.reading() as session:
        assert session.execute(select(func.count()).select_from(programme)).scalar() == 1


def test_a_stale_id_token_installs_nothing(tools: Tools, shopify: Shopify):
    shopify.refusal = (400, {"error": "invalid_subject_token"})
    with pytest.raises(Forbidden):
        install_by_id_token(tools, id_token(tools))
    with tools.reading() as session:
        assert list_shops(session, installed_only=False) == []


def test_a_reinstalled_shop_keeps_programme_start_line_and_sweep_mark(
    noted: Tools, shopify: Shopify, clock: Clock, nudges
):
    """Orders of the gap are found by the sweep, which goes on from where it stopped."""
    first = install_by_id_token(noted, id_token(noted))
    with noted.writing() as session:
        mark_swept(session, first, clock.now)
    clock.advance(days=3)
    assert leave(noted, first, minutes=1)
    clock.advance(days=30)
    nudges.clear()
    again = install_by_id_token(noted, id_token(noted))
    assert again.is_installed
    assert (again.shop_id, again.programme_id) == (first.shop_id, first.programme_id)
    assert again.earning_starts_at == first.earning_starts_at
    assert again.swept_until == first.installed_at
    assert again.installed_at == clock.now
    assert again.uninstalled_at is None
    assert nudges == [("sweep", str(first.shop_id))]
    with noted.reading() as session:
        assert current_document(session, again.programme_id)[0] == 1


def test_an_uninstalled_shop_has_no_token_and_no_way_out(tools: Tools, shopify: Shopify, clock: Clock):
    shop = install_by_id_token(tools, id_token(tools))
    clock.advance(hours=1)
    assert leave(tools, shop)
    with tools.reading() as session:
        assert get_shop(session, shop.shop_id).uninstalled_at == clock.now
        assert list_shops(session) == []
        assert session.execute(select(shop_token)).all() == []
    with pytest.raises(ShopDisconnected):
        admin_for(tools, shop.shop_id)


def test_a_late_copy_of_an_old_uninstall_changes_nothing(tools: Tools, shopify: Shopify, clock: Clock):
    shop = install_by_id_token(tools, id_token(tools))
    clock.advance(hours=1)
    assert leave(tools, shop)
    clock.advance(hours=2)
    back = install_by_id_token(tools, id_token(tools))
    assert not leave(tools, back, hours=2)
    with tools.reading() as session:
        assert get_shop(session, shop.shop_id).is_installed
    assert admin_for(tools, shop.shop_id)


def test_a_late_uninstall_after_a_quick_reinstall_changes_nothing(tools: Tools, shopify: Shopify, clock: Clock):
    """The merchant removed and installed the app before the notice came: the page they opened proves that they are back."""
    shop = install_by_id_token(tools, id_token(tools))
    clock.advance(minutes=10)
    removed_at = clock.now
    clock.advance(minutes=1)
    install_by_id_token(tools, id_token(tools))
    clock.advance(minutes=1)
    assert not leave(tools, shop, seconds=(clock.now - removed_at).total_seconds())
    with tools.reading() as session:
        assert get_shop(session, shop.shop_id).is_installed


def test_the_same_uninstall_twice_counts_once(tools: Tools, shopify: Shopify, clock: Clock):
    shop = install_by_id_token(tools, id_token(tools))
    clock.advance(hours=1)
    assert leave(tools, shop)
    clock.advance(minutes=5)
    assert not leave(tools, shop)
    with tools.reading() as session:
        assert get_shop(session, shop.shop_id).uninstalled_at == clock.now - timedelta(minutes=5)


def test_an_id_token_from_before_the_uninstall_does_not_bring_the_shop_back(
    tools: Tools, shopify: Shopify, clock: Clock
):
    """A tab left open sends one more token; Shopify refuses it, and that settles it."""
    shop = install_by_id_token(tools, id_token(tools))
    token = id_token(tools)
    clock.advance(seconds=30)
    leave(tools, shop)
    shopify.refusal = (400, {"error": "invalid_client"})
    with pytest.raises(ShopDisconnected):
        install_by_id_token(tools, token)
    with tools.reading() as session:
        assert not get_shop(session, shop.shop_id).is_installed


def test_missing_scopes_are_remembered_and_asked_for_again_at_the_next_page(tools: Tools, shopify: Shopify):
    shopify.scopes = ("read_orders",)
    shop = install_by_id_token(tools, id_token(tools))
    assert shop.scopes == ("read_orders",)
    shopify.scopes = NEEDED_SCOPES
    assert set(install_by_id_token(tools, id_token(tools)).scopes) == set(NEEDED_SCOPES)


def test_access_names_missing_scopes_and_withheld_data(tools: Tools, shopify: Shopify):
    customer = {"id": "gid://shopify/Customer/7001"}
    shop = install_by_id_token(tools, id_token(tools))
    shopify.admin.root = {"orders": page(), "customers": page(customer)}
    assert check_access(tools, shop.shop_id).is_whole
    shopify.scopes = tuple(one for one in NEEDED_SCOPES if one not in ("read_discounts", "write_discounts"))
    shopify.admin.root = {"orders": denied, "customers": denied}
    access = check_access(tools, shop.shop_id)
    assert access.missing_scopes == ("read_discounts", "write_discounts")
    assert access.withheld == ("orders", "customers")
    assert not access.is_whole
    with tools.reading() as session:
        assert "write_discounts" not in get_shop(session, shop.shop_id).scopes


class TestByHand:
    def test_a_shop_is_added_without_a_token_or_a_network(self, tools: Tools, network: responses.RequestsMock):
        shop = register_shop(tools, Registration("by-hand.myshopify.com"))
        assert (shop.name, shop.currency, shop.timezone, shop.scopes) == ("by-hand", "USD", "UTC", ())
        assert shop.is_installed
        assert len(network.calls) == 0

    def test_what_is_given_counts(self, tools: Tools):
        start = tools.clock() - timedelta(days=100)
        given = Registration("by-hand.myshopify.com", None, "TRY", "Europe/Istanbul", "By Hand", start)
        shop = register_shop(tools, given)
        assert (shop.name, shop.currency, shop.timezone) == ("By Hand", "TRY", "Europe/Istanbul")
        assert shop.earning_starts_at == start

    def test_a_token_fills_in_the_rest(self, tools: Tools, shopify: Shopify):
        shop = register_shop(tools, Registration(DOMAIN, token="shpat_own"))
        assert (shop.name, shop.currency, shop.timezone) == ("Nice Shop", "EUR", "Europe/Sofia")
        assert admin_for(tools, shop.shop_id).query("installation")["shop"]["name"] == "Nice Shop"
        assert shopify.admin.tokens == ["shpat_own", "shpat_own"]
        assert shopify.asked == []

    def test_a_token_can_be_kept_for_later_when_shopify_is_out_of_reach(self, tools: Tools, network):
        given = Registration(DOMAIN, token="shpat_own", currency="EUR", timezone="Europe/Sofia")
        assert register_shop(tools, given).is_installed
        with pytest.raises(ShopifyUnavailable):
            register_shop(tools, Registration("other-shop.myshopify.com", token="shpat_own"))

    def test_registering_again_changes_the_shop_and_adds_none(self, tools: Tools):
        first = register_shop(tools, Registration(DOMAIN, currency="EUR", timezone="Europe/Sofia"))
        again = register_shop(tools, Registration(DOMAIN, currency="EUR", timezone="Europe/Athens"))
        assert again.shop_id == first.shop_id
        assert again.timezone == "Europe/Athens"
        assert again.earning_starts_at == first.earning_starts_at

    @pytest.mark.parametrize("domain", HOSTILE_DOMAINS, ids=repr)
    def test_a_hostile_domain_adds_nothing_and_calls_nobody(self, tools: Tools, network, domain):
        with pytest.raises(BadInput):
            register_shop(tools, Registration(domain, token="shpat_own"))
        assert len(network.calls) == 0
        with tools.reading() as session:
            assert list_shops(session, installed_only=False) == []

    @pytest.mark.parametrize("wrong", [{"currency": "euro"}, {"timezone": "Sofia"}, {"timezone": "../../etc/passwd"}])
    def test_a_wrong_currency_or_timezone_adds_nothing(self, tools: Tools, wrong):
        with pytest.raises(BadInput):
            register_shop(tools, Registration(DOMAIN, **wrong))
        with tools.reading() as session:
            assert find_shop(session, DOMAIN) is None
