"""`tessera serve`: one server a data directory, a clear word about the port, nothing left behind by a kill."""

import os
import signal
import socket
import time
import urllib.request
from pathlib import Path

import psutil

from tests.ground.ground import embedded_environment, serving, tessera


def _status(port: int) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_serves_refuses_a_second_and_stops_cleanly(data_dir: Path, tmp_path: Path) -> None:
    environment = embedded_environment(data_dir)
    with serving(environment, tmp_path / "said") as server:
        assert f"http://127.0.0.1:{server.port}/" in server.words
        assert _status(server.port) == 200
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert children

        second = tessera("serve", "--port", "1", environment=environment)
        assert second.returncode == 1
        assert (
            f"Another server (process {server.process.pid}) already runs on the data directory"
            in second.stderr
        )

        other = embedded_environment(tmp_path / "other")
        third = tessera("serve", "--port", str(server.port), environment=other)
        assert third.returncode == 1
        assert (
            f"Port {server.port} is already taken by another program; choose another with --port."
            in third.stderr
        )
        assert not (tmp_path / "other" / "postgres").exists(), (
            "a database was made before the port was looked at"
        )

        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_killed_postgres_and_killed_server_come_back(data_dir: Path, tmp_path: Path) -> None:
    environment = embedded_environment(data_dir)
    with serving(environment, tmp_path / "said", "--no-jobs") as server:
        os.kill(int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        server.wait_for("PostgreSQL is back.")
        until = time.monotonic() + 30
        while _status(server.port) != 200:
            assert time.monotonic() < until, "the web process did not find the database again"
            time.sleep(0.2)

        web = psutil.Process(server.process.pid).children()[0]
        web.kill()
        server.wait_for("The web process ended with status -9")
        until = time.monotonic() + 30
        while not _answers(server.port):
            assert time.monotonic() < until, server.words
            time.sleep(0.2)

        children = psutil.Process(server.process.pid).children(recursive=True)
        server.process.kill()
        server.process.wait()
    with serving(environment, tmp_path / "said-again", "--no-jobs") as again:
        assert _status(again.port) == 200
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == [], "children outlived a killed server"


def _answers(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
