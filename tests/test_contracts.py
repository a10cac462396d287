"""The house's import contracts hold, and each of them bites: a copy of the tree with one bad import breaks it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("plugin", "webhooks", "storefront_widget")

# the contract's name up to its first colon or the whole of it, the file that misbehaves, and how
BAD_IMPORTS = {
    "Floors": ("plugin/ledger/books.py", "import plugin.rewards.redemptions"),
    "webhooks and storefront_widget are doors": ("plugin/journeys/crediting.py", "import webhooks.topics"),
    "Doors do not know each other": ("webhooks/routes.py", "import plugin.admin.routes"),
    "Only journeys touch the ledger": ("plugin/admin/home.py", "import plugin.ledger.books"),
    "One way out": ("plugin/rewards/codes.py", "import requests"),
    "Rules are arithmetic": ("plugin/rules/evaluate.py", "import random"),
    "Flask stops at the doors": ("plugin/journeys/viewing.py", "import flask"),
    "Facts import nothing of ours": ("plugin/facts/orders.py", "import plugin.errors"),
    "No circles inside a room": ("plugin/messages/catalogues.py", "import plugin.messages.words"),
}

pytestmark = pytest.mark.slow


def _contracts() -> list[str]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return [contract["name"] for contract in config["tool"]["importlinter"]["contracts"]]


def _short(name: str) -> str:
    return name.partition(":")[0]


def _verdicts(folder: Path) -> dict[str, str]:
    """Run the linter on a tree; give KEPT or BROKEN for each contract."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    told = re.sub(r"\s+", " ", done.stdout)
    verdicts = {}
    for name in _contracts():
        found = re.search(re.escape(re.sub(r"\s+", " ", name)) + r" (KEPT|BROKEN)", told)
        assert found is not None, f"no verdict on {name!r}:\n{done.stdout}\n{done.stderr}"
        verdicts[_short(name)] = found[1]
    assert (done.returncode == 0) == ("BROKEN" not in verdicts.values())
    return verdicts


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of all that the linter reads."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "theme"))
    return tmp_path


def test_the_tree_keeps_every_contract(tree: Path):
    assert set(_verdicts(tree).values()) == {"KEPT"}


def test_every_contract_has_an_import_that_breaks_it():
    assert sorted(BAD_IMPORTS) == sorted(_short(name) for name in _contracts())


@pytest.mark.parametrize("name", BAD_IMPORTS)
def test_a_bad_import_breaks_its_contract(tree: Path, name: str):
    file, line = BAD_IMPORTS[name]
    source = tree / file
    assert source.is_file(), file
    source.write_text(f"{source.read_text(encoding='utf-8')}\n\n{line}\n", encoding="utf-8")
    assert _verdicts(tree)[name] == "BROKEN"
