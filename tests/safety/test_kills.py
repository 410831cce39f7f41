"""A kill at any moment loses nothing that was answered and leaves nothing half done."""

import os
import signal
from pathlib import Path

import psutil

from tests.ground.ground import embedded_environment, serving
from tests.safety.conftest import Place
from tests.safety.tills import (
    Tills,
    audit_is_clean,
    each_was_told_clearly,
    nothing_is_half_done,
    nothing_was_lost,
)


def _kill_all(processes: list[psutil.Process]) -> None:
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=10)


def _of_the_server(number: int) -> list[psutil.Process]:
    """The server's processes without the database's: `tessera serve`, web, workers."""
    top = psutil.Process(number)
    return [one for one in (top, *top.children(recursive=True)) if not one.name().startswith("postgres")]


def test_a_killed_server_loses_nothing_that_was_answered(place: Place, tmp_path: Path) -> None:
    environment = embedded_environment(place.folder)
    with serving(environment, tmp_path / "said", "--no-jobs") as server:
        tills = Tills(place.cast["secrets"]["full"], server.port)
        with tills.at_work():
            tills.wait_for(200)
            _kill_all(_of_the_server(server.process.pid)[1:])  # the web processes alone: they come again
            server.wait_for("The web process ended with status -9")
            tills.wait_for(200)
            _kill_all(_of_the_server(server.process.pid))
            tills.stop()
        server.process.wait()
        assert tills.broken, "the kill met no request under way"
        nothing_is_half_done(place.url())
    with serving(environment, tmp_path / "said-again", "--no-jobs") as again:
        tills.port = again.port
        nothing_is_half_done(place.url())
        nothing_was_lost(tills, place.url())
        nothing_is_half_done(place.url())
        each_was_told_clearly(tills)
        audit_is_clean(environment)


def test_a_killed_database_loses_nothing_that_was_answered(place: Place, tmp_path: Path) -> None:
    environment = embedded_environment(place.folder)
    with serving(environment, tmp_path / "said", "--no-jobs") as server:
        tills = Tills(place.cast["secrets"]["full"], server.port)
        with tills.at_work():
            tills.wait_for(200)
            os.kill(place.postmaster, signal.SIGKILL)
            server.wait_for("PostgreSQL is back.")
            tills.wait_for(200)
        assert tills.broken == 0, f"a request was dropped by a server that lives: {tills.said()}"
        each_was_told_clearly(tills)
        nothing_is_half_done(place.url())
        nothing_was_lost(tills, place.url())
        nothing_is_half_done(place.url())
        audit_is_clean(environment)
