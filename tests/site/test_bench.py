"""`tessera bench`: its arithmetic, its load, the history it makes up, and a whole sitting in small."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tessera.ledger.audit import audit
from tessera.site.bench import filling
from tessera.site.bench.load import load, prepare
from tessera.site.bench.measures import Measure, Target, Yardstick, quantile_ms
from tests.ground.ground import embedded_environment, tessera
from tests.ledger.broken import app_url
from tests.settings import owner_url

MEMBERS = 50


def test_quantiles_are_latencies_that_were_seen() -> None:
    spent = [n * 1_000_000 for n in range(1, 101)]
    assert [quantile_ms(spent, percent) for percent in (50, 95, 99)] == [51.0, 96.0, 100.0]
    assert quantile_ms([5_000_000], 99) == 5.0
    assert quantile_ms([], 50) is None


def test_targets_are_judged_against_the_median_of_the_yardstick() -> None:
    yardstick = Yardstick([900.0, 2000.0, 1000.0])
    wanted = [Target("ratio", 0.8), Target("p95 ms", 50, at_most=True), Target("MB", 300, at_most=True)]
    measure = Measure("a", 1600, 2.0, latencies_ns=[60_000_000] * 10, peak_bytes=100_000_000, targets=wanted)
    measure.judge(yardstick.median_tps)
    assert measure.ratio == 0.8
    assert [target.reached for target in measure.targets] == [True, False, True]
    unknown = Measure("b", 10, 1.0, targets=[Target("p95 ms", 50, at_most=True)])
    unknown.judge(yardstick.median_tps)
    assert unknown.targets[0].reached is None
    shown = measure.as_json()
    assert (shown["ops_per_s"], shown["p95_ms"], shown["ratio"], shown["peak_mb"]) == (
        800.0,
        60.0,
        0.8,
        100.0,
    )


class Counting(http.server.BaseHTTPRequestHandler):
    """Answers 201, and every tenth request 500; answers a bulk call of any length."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.seen.append((self.path, self.headers["idempotency-key"], body))
        answer = b"{}" * 10
        self.send_response(500 if len(self.seen) % 10 == 0 else 201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def counting() -> Iterator[int]:
    Counting.seen.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_a_load_counts_what_was_answered(counting: int) -> None:
    asked = {"secret": "tsk_x", "prefix": "a", "members": MEMBERS, "items": 3, "clients": 4, "port": counting}
    answer = prepare({**asked, "seconds": 0.3})()
    assert answer["operations"] == 3 * len(Counting.seen) == 3 * len(answer["latencies_ns"])
    assert "500" in answer["fault"], "an answer that is not 200 or 201 is a fault of the sitting"
    receipts = [item["receipt_number"] for _, _, body in Counting.seen for item in body["items"]]
    assert len(set(receipts)) == len(receipts)
    assert len({key for _, key, _ in Counting.seen}) == len(Counting.seen)
    members = [item["member"] for _, _, body in Counting.seen for item in body["items"]]
    assert {"phone", "number"} == {kind for member in members for kind in member}
    assert {path for path, _, _ in Counting.seen} == {"/api/v1/purchases/bulk"}


def test_a_load_stops_after_so_many(counting: int) -> None:
    single = {
        "secret": "tsk_x",
        "prefix": "b",
        "members": MEMBERS,
        "items": 0,
        "clients": 2,
        "port": counting,
    }
    request = b"POST / HTTP/1.1\r\nhost: x\r\nidempotency-key: 1\r\ncontent-length: 2\r\n\r\n{}"
    seen = load(("127.0.0.1", counting), clients=4, seconds=60, request=lambda: request, most=30)
    assert sum(seen.statuses.values()) == len(seen.latencies_ns) == 30
    assert seen.statuses == {201: 27, 500: 3}
    prepare({**single, "seconds": 0.1})()
    assert {path for path, _, _ in Counting.seen[30:]} == {"/api/v1/purchases"}


def _worker(name: str, url: dict[str, str], asked: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tessera.site.bench.worker", name]
    done = subprocess.run(
        command, env=url, input=f"{json.dumps(asked)}\ngo\n", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    ready, _, answer = done.stdout.partition("\n")
    assert ready == "ready"
    return json.loads(answer)


@pytest.fixture
def own_environment(empty_database: str) -> dict[str, str]:
    more = {"DATABASE_URL": app_url(empty_database), "DJANGO_SETTINGS_MODULE": "tessera.site.settings"}
    if "TESSERA_OWNER_DATABASE_URL" in os.environ:
        more["TESSERA_OWNER_DATABASE_URL"] = owner_url(empty_database)
    return {**os.environ, **more}


def _sound(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        assert [str(fault) for fault in audit(connection)] == []


def _indexes(url: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"
        ).fetchall()


def test_a_made_up_history_is_a_sound_ledger(
    own_environment: dict[str, str], empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = owner_url(empty_database)
    stage = _worker("staging", own_environment, {"members": MEMBERS})
    handler = {**stage, "batch": 20, "seconds": 0.2}
    assert _worker("handler", own_environment, {**handler, "prefix": "a"})["operations"] > 0
    _sound(url)

    some = {"purchases": 333, "first": 0, "last": MEMBERS - 1, "days": 10}
    more = {"purchases": 120, "first": 0, "last": MEMBERS - 1, "days": 9}
    alone = {"purchases": 40, "first": MEMBERS, "last": MEMBERS, "days": 8}
    answer = _worker("staging", own_environment, {**stage, "fills": [some, more, alone]})
    _sound(url)
    reading = {"person": answer["persons"][2], "merchant": stage["merchant"], "seconds": 0.1}
    assert _worker("reading", own_environment, reading)["operations"] > 0

    profiled = _worker("handler", own_environment, {**handler, "prefix": "b", "profile": True})
    assert "call the posting function" in profiled["profile"]
    assert "COMMIT" in profiled["profile"]
    posting = {**stage, "connections": 2, "batch": 10, "seconds": 0.2}
    assert _worker("posting", own_environment, posting)["operations"] % 10 == 0
    _sound(url)

    before = _indexes(url)
    monkeypatch.setattr(filling, "_MANY", 1)
    monkeypatch.setattr(filling, "_CHUNK", 100)
    with psycopg.connect(url, autocommit=True) as owner:
        now = owner.execute("SELECT now()").fetchone()[0]
        wanted = filling.Fill(
            tag="x", merchant_id=UUID(stage["merchant"]), key_id=UUID(stage["key"]), like_id=UUID(stage["like"]),
            product_id=UUID(stage["product"]), rule=stage["rule"], purchases=250, first=0, last=MEMBERS - 1,
            began_at=now, ended_at=now,
        )  # fmt: skip
        written: list[int] = []
        filling.fill(owner, wanted, watch=written.append)
        assert written == [100, 100, 50]
        kept = owner.execute("SELECT count(*) FROM orders_purchase WHERE receipt_number LIKE 'x%'").fetchone()
        assert kept == (250,)
    assert _indexes(url) == before
    _sound(url)


SMALL = """
import json, sys
from dataclasses import replace
from pathlib import Path
from tessera.site.bench import pace, yardstick
yardstick.SCALE = 1
pace.QUICK = replace(
    pace.QUICK, run_s=0.2, warm_s=0.1, pgbench_s=1, members=500, clients=(4,), import_events=50,
    reading_entries=(50, 500), growth_entries=(1_000, 2_000),
)
from tessera.site.command import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_whole_sitting_in_small(tmp_path: Path) -> None:
    """Some parts on a database of their own, which is gone afterwards; the user's data directory is not touched."""
    environment = embedded_environment(tmp_path / "users")
    figures = tmp_path / "figures.json"
    command = [
        sys.executable,
        "-c",
        SMALL,
        "bench",
        "--quick",
        "--only",
        "purchases,import,growth",
        "--in",
        str(tmp_path),
    ]
    command += ["--json", str(figures)]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(figures.read_text())
    names = [measure["name"] for measure in found["measures"]]
    assert len([name for name in names if name.startswith("pgbench")]) == 3
    for beginning in (
        "purchases over HTTP, 4", "import of 50 lines", "handler, 100 at once, at 2,000",
        "purchases over HTTP, 32 clients, at 2,000",
    ):  # fmt: skip
        assert [name for name in names if name.startswith(beginning)], (beginning, names)
    assert all(measure["operations"] > 0 and measure["ratio"] > 0 for measure in found["measures"])
    over_http = next(one for one in found["measures"] if one["name"].startswith("purchases over HTTP, 4"))
    assert set(over_http["cpu_us_per_op"]) == {"postgresql", "server", "client"}
    assert over_http["peak_mb"] > 20
    grown = next(one for one in found["measures"] if one["name"].startswith("handler, 100 at once, at 2,000"))
    assert grown["compared"] > 0
    assert grown["targets"][0]["target"] == "x first <= 1.2"
    assert found["faults"] == []
    assert "x pgbench" in done.stdout
    assert not (tmp_path / "users").exists()
    assert list(tmp_path.glob("tessera-bench-*")) == []


def test_a_part_that_is_not_there_is_named() -> None:
    done = tessera("bench", "--only", "posting,speed", environment=dict(os.environ))
    assert done.returncode == 1
    assert "not “speed”" in done.stderr
