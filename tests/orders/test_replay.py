"""The real set through the command: prefixes exact, a kill at any moment harmless."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tessera.merchants.models import Merchant
from tessera.orders.models import Receipt
from tests.tidy.source import ROOT

DATA = ROOT.parent / "shared" / "data" / "online_retail"
FILE = DATA / "online_retail.csv.gz"

pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the real retail lines (../shared/data/online_retail) are not here"
)


def command(events: int, *more: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "tessera",
        "replay",
        "online-retail",
        str(FILE),
        "--events",
        str(events),
        *more,
    ]


def environment() -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "tessera.site.settings"}


def replay(events: int, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(events, *more), env=environment(), capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.parametrize(("events", "points", "customers"), [(1_000, 19_302, 50), (10_000, 160_823, 431)])
def test_a_prefix(committed: None, tmp_path: Path, events: int, points: int, customers: int) -> None:
    out = tmp_path / "balances.csv"
    done = replay(events, "--out", str(out), "--verify", str(DATA))
    assert done.returncode == 0, done.stderr
    assert (
        f"Verified: {events:,} events and {customers} balances as expected, {points:,} points" in done.stderr
    )
    rows = out.read_text().splitlines()
    assert rows[0] == "member_ref,balance"
    assert sum(int(row.split(",")[1]) for row in rows[1:]) == points
    assert len(rows) == customers + 1


def test_killed_and_started_again(committed: None) -> None:
    events = 4_321
    killed = subprocess.Popen(command(events), env=environment(), stderr=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while True:
        merchant = Merchant.objects.filter(name=f"Online Retail, first {events} events").first()
        if merchant and Receipt.objects.filter(merchant_id=merchant.id).count() >= 100:
            break
        assert killed.poll() is None
        assert time.monotonic() < until
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    half = Receipt.objects.filter(merchant_id=merchant.id).count()
    done = replay(events, "--verify", str(DATA))
    assert done.returncode == 0, done.stderr
    whole = Receipt.objects.filter(merchant_id=merchant.id).count()
    assert half < whole
    assert replay(events, "--verify", str(DATA)).returncode == 0
    assert Receipt.objects.filter(merchant_id=merchant.id).count() == whole


def test_a_difference_is_named(committed: None, tmp_path: Path) -> None:
    import gzip

    with gzip.open(DATA / "expected_ledger.csv.gz", "rt") as lines:
        rows = [next(lines) for _ in range(51)]
    head, last = rows[0].rstrip().split(","), rows[50].rstrip().split(",")
    last[head.index("points_bundle")] = "7777"
    with gzip.open(tmp_path / "expected_ledger.csv.gz", "wt") as out:
        out.writelines([*rows[:50], ",".join(last) + "\n"])
    done = replay(50, "--verify", str(tmp_path))
    assert done.returncode == 1
    assert "Differs at event 50" in done.stderr
