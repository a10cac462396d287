"""What every command has in common: help, configuration, messages one can act on."""

from __future__ import annotations

import pytest

from plugin.cli import main
from plugin.config import DEVELOPMENT_SECRET, from_env
from plugin.errors import Misconfigured
from tests.cli.conftest import Run

PRODUCTION = {
    "LAUREL_ENV": "production",
    "SHOPIFY_API_KEY": "0f1e2d3c",
    "SHOPIFY_API_SECRET": "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",
    "LAUREL_SECRET_KEY": "b7e1c9d2a4f6083b5d7e9f1a2c4b6d8e",
    "LAUREL_PUBLIC_URL": "https://laurel.example.com",
}


def test_help_names_every_command_of_the_design(laurel: Run):
    seen = laurel("--help").stdout
    for name in (*main.commands, "demo"):
        assert f"\n  {name} " in seen, name


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_explains_itself(laurel: Run, name: str):
    result = laurel(name, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_an_unfit_configuration_names_every_fault_and_exits_2(laurel: Run):
    result = laurel("doctor", **{**PRODUCTION, "SHOPIFY_API_SECRET": "secret", "LAUREL_PUBLIC_URL": "http://x"})
    assert result.exit_code == 2
    assert "This installation must not start:" in result.stderr
    assert "SHOPIFY_API_SECRET is weak" in result.stderr
    assert "LAUREL_PUBLIC_URL must be the https address" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("programme", "show", "{}"),
        ("deliveries", "list", "{}"),
        ("ledger", "verify", "{}"),
        ("member", "show", "{}", "1"),
    ],
)
def test_a_shop_that_is_none_is_refused_with_a_hint(laurel: Run, command: tuple[str, ...]):
    hostile = laurel(*(word.format("nobody") for word in command))
    assert hostile.exit_code == 1
    assert "myshopify.com domain" in hostile.stderr
    unknown = laurel(*(word.format("nobody.myshopify.com") for word in command))
    assert unknown.exit_code == 1
    assert "laurel shop list" in unknown.stderr


def test_serving_an_old_schema_is_refused_with_the_command_that_helps(laurel: Run, tmp_path):
    for command in ("serve", "worker"):
        result = laurel(command, DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}")
        assert result.exit_code == 2
        assert "laurel migrate" in result.stderr


def test_migrating_an_empty_database_makes_it_fit_and_migrating_again_changes_nothing(laurel: Run, tmp_path):
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    for _ in range(2):
        assert laurel("migrate", DATABASE_URL=url).exit_code == 0
    assert "schema up to date" in laurel("doctor", "--offline", DATABASE_URL=url).stdout


def test_the_development_secrets_do_not_stand_behind_a_public_address(laurel: Run):
    """They are in the source, for everybody to sign webhooks and ID tokens with."""
    result = laurel("doctor", LAUREL_PUBLIC_URL="https://laurel.example.com")
    assert result.exit_code == 2
    for name in ("SHOPIFY_API_SECRET", "LAUREL_SECRET_KEY"):
        assert f"{name} is the development one" in result.stderr
    public = {"LAUREL_PUBLIC_URL": "https://laurel.example.com"}
    own = {"SHOPIFY_API_SECRET": "my-own", "LAUREL_SECRET_KEY": "my-own-too"}
    assert not from_env(public | own).is_production
    with pytest.raises(Misconfigured):
        from_env(public | own | {"LAUREL_SECRET_KEY_PREVIOUS": DEVELOPMENT_SECRET})
    assert from_env({}).shopify_api_secrets == (DEVELOPMENT_SECRET,)


@pytest.mark.parametrize("database", ["{}/empty.db", "{}/no/such/folder/laurel.db"])
def test_a_database_that_cannot_serve_is_named_in_a_sentence_not_a_traceback(laurel: Run, tmp_path, database: str):
    result = laurel("shop", "list", DATABASE_URL=f"sqlite:///{database.format(tmp_path)}")
    assert result.exit_code == 1
    assert "The database refused" in result.stderr
    assert "laurel migrate" in result.stderr
