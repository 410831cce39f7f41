"""Keeps the processes of one server going: web, jobs and the embedded PostgreSQL."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tessera.site.embedded import Embedded, EmbeddedError

__all__ = ["Child", "stop_signals", "supervise", "wait_until_ready"]

_LOOK_EVERY_S = 0.5
_LONGEST_PAUSE_S = 30.0
_STEADY_AFTER_S = 60.0
_STOP_WITHIN_S = 30.0


@dataclass(slots=True)
class Child:
    """One process that should be running; restarted with a growing pause when it dies."""

    name: str
    arguments: Sequence[str]
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause_s: float = 0.0

    def start(self) -> None:
        """Start it in a session of its own: a Ctrl-C at the terminal reaches only the parent, which stops it."""
        command = [sys.executable, "-m", "tessera.site.children", self.name, *self.arguments]
        self.running = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        self.started_at = time.monotonic()

    def look(self, say: Callable[[str], None]) -> None:
        """Restart it when it has died and its pause is over."""
        if self.running is not None:
            status = self.running.poll()
            if status is None:
                return
            self.clean_up()
            steady = time.monotonic() - self.started_at > _STEADY_AFTER_S
            self.pause_s = 0.5 if steady or not self.pause_s else min(self.pause_s * 2, _LONGEST_PAUSE_S)
            self.started_at = time.monotonic()
            say(
                f"The {self.name} process ended with status {status}; starting it again in {self.pause_s:g} s."
            )
        elif time.monotonic() - self.started_at >= self.pause_s:
            self.start()

    def clean_up(self) -> None:
        """Kill what a dead child left behind: its workers would keep the port."""
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.running.pid, signal.SIGKILL)
            if self.running.stdin:
                self.running.stdin.close()
        self.running = None

    def stop(self, until: float) -> None:
        """Wait until `until` (monotonic seconds) for it to finish what it has begun, then kill it."""
        if self.running is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.running.wait(max(0.1, until - time.monotonic()))
        self.clean_up()


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Turn SIGTERM, SIGINT and SIGHUP into an event while the context is open."""
    stop = threading.Event()
    kinds = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {kind: signal.signal(kind, lambda *_: stop.set()) for kind in kinds}
    try:
        yield stop
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def wait_until_ready(host: str, port: int, child: Child, stop: threading.Event, *, within_s: float) -> bool:
    """Wait until the server answers HTTP; return False when it died, was stopped or took longer than `within_s`."""
    until = time.monotonic() + within_s
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    while time.monotonic() < until and not stop.is_set():
        if child.running is None or child.running.poll() is not None:
            return False
        connection = http.client.HTTPConnection(target, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            stop.wait(0.1)
        else:
            return True
        finally:
            connection.close()
    return False


def supervise(
    children: Sequence[Child], server: Embedded | None, stop: threading.Event, say: Callable[[str], None]
) -> None:
    """Keep children and the embedded server running until `stop` is set, then stop the children gracefully."""
    try:
        while not stop.wait(_LOOK_EVERY_S):
            if server is not None and not server.runs():
                _start_again(server, say)
            for child in children:
                child.look(say)
    finally:
        for child in children:
            if child.running is not None:
                child.running.terminate()
        until = time.monotonic() + _STOP_WITHIN_S
        for child in children:
            child.stop(until)


def _start_again(server: Embedded, say: Callable[[str], None]) -> None:
    say("PostgreSQL is gone; starting it again.")
    try:
        server.ensure_running()
    except EmbeddedError as error:
        say(f"tessera: {error}")
    else:
        say("PostgreSQL is back.")
