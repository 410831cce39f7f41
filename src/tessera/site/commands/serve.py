"""`tessera serve`: database, pages, API and jobs, until it is told to stop."""

import argparse
import contextlib
import errno
import fcntl
import importlib.util
import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tessera.site.command import CommandError, data_dir, database_server, migrate_apart, say

__all__ = ["add_arguments", "run"]

_PORT_FREE_WITHIN_S = 25.0
_READY_WITHIN_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8000, help="port to listen on (default: %(default)s)")
    parser.add_argument("--workers", type=_workers, default=1, help="web processes (default: %(default)s)")
    parser.add_argument("--no-jobs", action="store_true", help="do not run scheduled jobs in this server")


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def _workers(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise argparse.ArgumentTypeError("a number from 1 to 64")
    return number


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM, SIGINT or SIGHUP; return the exit status."""
    from tessera.site.supervisor import Child, stop_signals, supervise, wait_until_ready

    with ExitStack() as stack:
        killed_before = False
        if not os.environ.get("DATABASE_URL"):
            killed_before = stack.enter_context(_only_server(data_dir()))
        _refuse_taken_port(options.host, options.port, wait=killed_before)
        server = stack.enter_context(database_server())
        stop = stack.enter_context(stop_signals())
        if os.environ.get("TESSERA_AUTO_MIGRATE", "1") != "0":
            migrate_apart()
        web = Child("web", [options.host, str(options.port), str(options.workers)])
        children = [web, Child("live", [])]
        if not options.no_jobs and importlib.util.find_spec("tessera.site.jobs") is not None:
            children += [Child("jobs", []), Child("printing", [])]
        for child in children:
            child.start()
        if wait_until_ready(options.host, options.port, web, stop, within_s=_READY_WITHIN_S):
            say(f"Tessera is ready: {_address(options.host, options.port)} (stop with Ctrl-C)")
        supervise(children, server, stop, say)
        say("Stopping ...")
    say("Stopped.")
    return 0


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - shown
    return f"http://{shown}:{port}/"


@contextmanager
def _only_server(place: Path) -> Iterator[bool]:
    """Hold the data directory; yield whether the one who held it before was killed. Refuses a second server."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(place / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            raise CommandError(
                f"Another server (process {holder}) already runs on the data directory {place}; "
                "stop it first or set TESSERA_DATA_DIR."
            ) from None
        killed_before = bool(os.read(descriptor, 20))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield killed_before
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _refuse_taken_port(host: str, port: int, *, wait: bool) -> None:
    """Refuse a port that another program uses; after a kill, wait for the killed server's children to leave it."""
    until = time.monotonic() + (_PORT_FREE_WITHIN_S if wait else 0)
    while True:
        try:
            _try_port(host, port)
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < until:
                time.sleep(0.2)
                continue
            raise CommandError(_why_not(host, port, error)) from None
        else:
            return


def _try_port(host: str, port: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with contextlib.closing(socket.socket(family, kind, protocol)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1)


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is already taken by another program; choose another with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} needs special rights; choose one above 1023 with --port."
    return f"Cannot listen on {host}: {error.strerror}; choose another address with --host."
