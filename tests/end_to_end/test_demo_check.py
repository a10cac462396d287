"""`laurel demo --check` walks the whole main job; `laurel demo` opens a lively shop and refuses to run beside a real one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.factories import make_shop

SECONDS_MAX = 120
ROOT = Path(__file__).resolve().parents[2]


def laurel(*arguments: str, folder: Path, **environ: str) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "LAUREL_ENV"}}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | environ
    program = "from plugin.cli import main; main(prog_name='laurel')"
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.slow
def test_the_check_walks_the_whole_main_job_and_says_so(tmp_path, database_url):
    process = laurel("demo", "--check", folder=tmp_path, DATABASE_URL=database_url)
    told, _ = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 0, told
    steps = re.findall(r"^ ?(\d+)\. ", told, re.MULTILINE)
    assert [int(step) for step in steps] == list(range(1, len(steps) + 1))
    assert f"All {len(steps)} steps worked." in told
    assert "✗" not in told


@pytest.mark.slow
def test_the_demo_opens_a_lively_shop_and_keeps_it(tmp_path):
    first = Opened(tmp_path)
    orders = first.get("/admin").count("/admin/orders/7")
    assert orders >= 24
    assert "partially refunded" in first.get("/admin")
    assert "data-code" in first.get("/admin/discounts")
    first.close()
    again = Opened(tmp_path)
    assert again.get("/admin").count("/admin/orders/7") == orders
    again.close()


def test_the_demo_refuses_a_production_installation(tmp_path):
    strong = {"SHOPIFY_API_KEY": "k", "LAUREL_PUBLIC_URL": "https://laurel.example"}
    strong |= {"SHOPIFY_API_SECRET": "0123456789abcdef" * 2 + "x", "LAUREL_SECRET_KEY": "fedcba9876543210" * 2 + "y"}
    process = laurel("demo", "--check", folder=tmp_path, LAUREL_ENV="production", **strong)
    told, _ = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 2
    assert "never runs there" in told


def test_the_demo_refuses_to_run_beside_a_real_shop(tmp_path, tools, database_url):
    make_shop(tools, "real-one.myshopify.com")
    process = laurel("demo", "--check", folder=tmp_path, DATABASE_URL=database_url)
    told, _ = process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 2
    assert "real-one.myshopify.com" in told


class Opened:
    """A demo that runs until it is closed."""

    def __init__(self, folder: Path) -> None:
        self._process = laurel("demo", "--port", "0", folder=folder)
        self._told: list[str] = []
        self._is_open = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        assert self._is_open.wait(SECONDS_MAX), "".join(self._told)
        self._url = re.search(r"The shop\s+(http://\S+)/", "".join(self._told))[1]

    def get(self, path: str) -> str:
        answer = requests.get(f"{self._url}{path}", timeout=20)
        answer.raise_for_status()
        return answer.text

    def close(self) -> None:
        self._process.send_signal(signal.SIGINT)
        begun_at = time.monotonic()
        assert self._process.wait(timeout=30) == 0
        assert time.monotonic() - begun_at < 15
        self._reader.join()
        self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout:
            self._told.append(line)
            if "Ctrl-C" in line:
                self._is_open.set()
