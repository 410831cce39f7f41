"""PostgreSQL away for ten seconds under load: every request is answered, nothing is lost, nothing is there twice."""

import http.client
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tessera.site.embedded import Embedded, embedded_postgres
from tessera.site.postgres_tools import run_tool
from tests.ground.ground import embedded_environment, serving
from tests.safety.conftest import Place
from tests.safety.tills import (
    Answer,
    Tills,
    ask,
    audit_is_clean,
    each_was_told_clearly,
    nothing_is_half_done,
    nothing_was_lost,
)

AWAY_S = 10
QUICK = {"fsync": "off", "shared_buffers": "64MB"}


@contextmanager
def _asleep(place: Place) -> Iterator[None]:
    """The database's processes do nothing at all, as when its machine or the network hangs."""
    top = psutil.Process(place.postmaster)
    stopped = [top, *top.children(recursive=True)]
    for one in stopped:
        one.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for one in stopped:
            one.send_signal(signal.SIGCONT)


@contextmanager
def _down(database: Embedded) -> Iterator[None]:
    """The database is shut down, as for a change of its settings."""
    run_tool(
        database.bin_dir / "pg_ctl", "stop", "-w", "-s", "-m", "fast", "-D", str(database.cluster.folder),
        account=database.cluster.account,
    )  # fmt: skip
    try:
        yield
    finally:
        database.ensure_running(QUICK)


class Reader:
    """Somebody who reads a balance again and again, through Django."""

    def __init__(self, place: Place, port: int) -> None:
        self.path = f"/api/v1/members/{place.cast['a']['customer']}/balances"
        self.secret, self.port = place.cast["secrets"]["full"], port
        self.answers: list[Answer] = []

    @contextmanager
    def reading(self) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._read, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(90)
            assert not thread.is_alive(), "a read never got an answer"

    def wait_until_well(self, within_s: float = 60) -> None:
        """Wait until three answers running were good: connections that broke are found out one by one."""
        until = time.monotonic() + within_s
        begun = len(self.answers)
        while [answer.status for answer in self.answers[begun:][-3:]] != [200, 200, 200]:
            assert time.monotonic() < until, [answer.status for answer in self.answers[-20:]]
            time.sleep(0.1)

    def _read(self, over: threading.Event) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not over.is_set():
            self.answers.append(ask(connection, self.secret, "GET", self.path))
            time.sleep(0.05)
        connection.close()


def test_ten_seconds_without_database(place: Place, tmp_path: Path) -> None:
    with embedded_postgres(place.folder, settings=QUICK) as database:
        environment = embedded_environment(
            place.folder,
            DATABASE_URL=database.url("tessera"),
            TESSERA_OWNER_DATABASE_URL=database.url("postgres"),
        )
        with serving(environment, tmp_path / "said", "--no-jobs") as server:
            tills = Tills(place.cast["secrets"]["full"], server.port)
            reader = Reader(place, server.port)
            with tills.at_work(), reader.reading():
                tills.wait_for(100)
                with _asleep(place):
                    time.sleep(AWAY_S)
                tills.wait_for(100)
                with _down(database):
                    time.sleep(AWAY_S / 2)
                    newcomer = _newcomer(place, server.port)
                    time.sleep(AWAY_S / 2)
                tills.wait_for(100)
                reader.wait_until_well()
            assert tills.broken == 0, f"a request was dropped by a server that lives: {tills.said()}"
            each_was_told_clearly(tills)
            for answer in reader.answers:
                assert answer.status == 200 or _says_when(answer), answer
            newcomer.join(60)
            assert not newcomer.is_alive()
            assert newcomer.answer is not None, "a till with a key nobody knew yet got no answer"
            assert newcomer.answer.status == 201 or _says_when(newcomer.answer), newcomer.answer
            nothing_is_half_done(place.url())
            nothing_was_lost(tills, place.url())
            nothing_is_half_done(place.url())
            audit_is_clean(environment)
            assert "Traceback" not in server.words


class _Newcomer(threading.Thread):
    answer: Answer | None = None

    def __init__(self, secret: str, port: int) -> None:
        super().__init__(daemon=True)
        self.secret, self.port = secret, port

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        line = {"sku": "T-1", "quantity": 1}
        body = {"receipt_number": "N-1", "member": {"number": "S-1"}, "lines": [line]}
        self.answer = ask(
            connection, self.secret, "POST", "/api/v1/purchases", json.dumps(body).encode(), "n-1"
        )
        connection.close()


def _newcomer(place: Place, port: int) -> _Newcomer:
    """A till that calls while the database is down, with a key that the server has not seen yet."""
    thread = _Newcomer(place.cast["secrets"]["other"], port)
    thread.start()
    return thread


def _says_when(answer: Answer) -> bool:
    problem = json.loads(answer.body)
    return (
        answer.status == 503 and problem["code"] == "database_away" and int(answer.headers["retry-after"]) > 0
    )
