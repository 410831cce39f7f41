"""The ground of a sitting: a PostgreSQL of its own in a folder of its own, a web server, and workers beside them."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from tessera.site.bench.measures import Measure
from tessera.site.bench.meters import Meter
from tessera.site.embedded import Embedded, embedded_postgres
from tessera.site.mendable import Mendable

__all__ = ["BenchError", "Ground", "open_ground"]

_OURS = ("DATABASE_URL", "TESSERA_OWNER_DATABASE_URL", "TESSERA_DATA_DIR", "TESSERA_SECRET_KEY")
_READY_WITHIN_S = 60


class BenchError(Mendable):
    """The benchmark cannot go on, or what it measured is not what should have happened; one sentence."""


@dataclass(slots=True)
class Ground:
    """Where a sitting takes place. `stage` is what staging.py has put into the database, `server` the web process."""

    postgres: Embedded
    place: Path
    stage: dict[str, Any] = field(default_factory=dict)
    server: int | None = None
    port: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def postmaster(self) -> int:
        """The process number of PostgreSQL's first process."""
        return int((self.postgres.cluster.folder / "postmaster.pid").read_text().splitlines()[0])

    def choose(self, database: str) -> None:
        """Let everything that is started from now on use this database."""
        os.environ["DATABASE_URL"] = self.postgres.url("tessera", database)
        os.environ["TESSERA_OWNER_DATABASE_URL"] = self.postgres.url("postgres", database)

    def copy(self, source: str, target: str) -> None:
        """Make the database `target` as a copy of `source`, which nobody uses now."""
        self._maintain("CREATE DATABASE {} TEMPLATE {}", target, source)

    def drop(self, database: str) -> None:
        """Remove a database and give its space back."""
        self._maintain("DROP DATABASE {} WITH (FORCE)", database)

    def _maintain(self, text: str, *names: str) -> None:
        with psycopg.connect(self.postgres.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))

    def checkpoint(self) -> None:
        """Let every measurement begin with clean buffers."""
        with psycopg.connect(self.postgres.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Run the web process that `tessera serve` runs, on a free port, while the context is open."""
        from tessera.site.supervisor import Child, wait_until_ready

        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = int(listener.getsockname()[1])
        child = Child("web", ["127.0.0.1", str(self.port), "1"])
        child.start()
        try:
            if not wait_until_ready(
                "127.0.0.1", self.port, child, threading.Event(), within_s=_READY_WITHIN_S
            ):
                raise BenchError("The web process did not start; its words are above.")
            self.server = child.running.pid if child.running else None
            yield
        finally:
            self.server = None
            if child.running is not None:
                child.running.terminate()
                _with_patience(child.running)
            child.clean_up()

    def ask(self, worker: str, *asked: dict[str, Any]) -> list[dict[str, Any]]:
        """Run one worker for each of `asked`, all at once, and return their answers."""
        return self._run(worker, asked, None)

    def measure(self, name: str, worker: str, *asked: dict[str, Any]) -> Measure:
        """Run workers as `ask` does, with the meters on from the moment at which all are ready."""
        meter = Meter(self.postmaster, self.server)
        answers = self._run(worker, asked, meter)
        self.faults += [f"{name}: {answer['fault']}" for answer in answers if answer.get("fault")]
        return Measure(
            name=name,
            operations=sum(answer["operations"] for answer in answers),
            seconds=max(answer["seconds"] for answer in answers),
            latencies_ns=[one for answer in answers for one in answer["latencies_ns"]],
            cpu_s={**meter.cpu_s, "client": sum(answer["cpu_s"] for answer in answers)},
            peak_bytes=meter.peak_bytes,
        )

    def _run(self, worker: str, asked: Sequence[dict[str, Any]], meter: Meter | None) -> list[dict[str, Any]]:
        command = [sys.executable, "-m", "tessera.site.bench.worker", worker]
        running = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in asked
        ]
        try:
            for process, one in zip(running, asked, strict=True):
                _write(process.stdin, json.dumps(one) + "\n")
            for process in running:
                if process.stdout is None or process.stdout.readline() != "ready\n":
                    raise BenchError(f"The worker {worker} could not begin; its words are above.")
            with meter or nullcontext():
                for process in running:
                    _write(process.stdin, "go\n")
                said = [process.communicate()[0] for process in running]
        finally:
            for process in running:
                process.kill()
                process.wait()
        if any(process.returncode != 0 for process in running):
            raise BenchError(f"The worker {worker} failed; its words are above.")
        return [json.loads(text) for text in said]


def _with_patience(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that was told to stop, half a minute at most."""
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()


def _write(pipe: IO[str] | None, text: str) -> None:
    if pipe is not None:
        pipe.write(text)
        pipe.flush()


@contextmanager
def open_ground(parent: Path | None, say: Callable[[str], None]) -> Iterator[Ground]:
    """Make a folder (below `parent`, else the system's temporary one) with a database in it; remove all at the end.

    The user's own data directory and database are never looked at. Settings are those of production (fsync on).
    """
    place = Path(tempfile.mkdtemp(prefix="tessera-bench-", dir=parent)).resolve()
    before = {name: os.environ.get(name) for name in _OURS}
    try:
        os.environ["TESSERA_DATA_DIR"] = str(place)
        os.environ["TESSERA_SECRET_KEY"] = secrets.token_urlsafe(48)
        say(f"Making a database in {place} ...")
        with embedded_postgres(place) as postgres:
            yield Ground(postgres, place)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(place, ignore_errors=True)
