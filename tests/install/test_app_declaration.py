"""What shopify.app.toml promises Shopify is what the code does."""

from __future__ import annotations

import tomllib
from urllib.parse import urlsplit

from plugin.install.routes import bp
from plugin.journeys.authorizing import CALLBACK_PATH
from plugin.shopify.metafields import BALANCE_KEY, TIER_KEY
from tests.shopify.stub import ROOT

APP = tomllib.loads((ROOT / "shopify.app.toml").read_text())


def test_managed_install_is_on_and_the_app_is_embedded():
    assert APP["embedded"] is True
    assert "use_legacy_install_flow" not in APP["access_scopes"]
    assert urlsplit(APP["application_url"]).path == "/app"


def test_the_fallback_comes_back_where_its_route_is():
    assert [urlsplit(one).path for one in APP["auth"]["redirect_urls"]] == [CALLBACK_PATH]
    assert CALLBACK_PATH.startswith(f"{bp.url_prefix}/")


def test_the_balance_metafield_is_declared_as_we_write_it():
    balance = APP["customer"]["metafields"]["app"][BALANCE_KEY]
    assert balance["type"] == "number_integer"
    assert balance["access"] == {"admin": "merchant_read", "customer_account": "read"}


def test_the_tier_metafield_is_declared_as_we_write_it():
    tier = APP["customer"]["metafields"]["app"][TIER_KEY]
    assert tier["type"] == "json"
    assert tier["access"] == {"admin": "merchant_read", "customer_account": "read"}


def test_the_proxy_leads_to_our_door():
    assert APP["app_proxy"]["prefix"] == "apps"
    assert APP["app_proxy"]["subpath"] == "laurel"
    assert urlsplit(APP["app_proxy"]["url"]).path == "/proxy"
    assert len(APP["name"]) < 30
    assert APP["extension_directories"] == ["storefront_widget/*"]
