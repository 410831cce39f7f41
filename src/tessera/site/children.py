"""The processes behind `tessera serve`: `python -m tessera.site.children web HOST PORT WORKERS`; live; printing; jobs.

A child leaves when the pipe from its parent closes, so that not even a killed parent leaves a server behind.
"""

import contextlib
import os
import resource
import runpy
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

__all__ = ["main"]


_MOST_CONNECTIONS = 4096
"""Of one web process: open pages hold one each while they hear what is new."""


def _leave_with_parent() -> None:
    """Wait until the parent's end of standard input closes, then stop as if told to."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _allow_many_files() -> None:
    """Ask for as many open files as the system allows: a connection is one, a stream that is passed on two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _quiet_logs() -> dict[str, Any]:
    """Return the server's own logs as plain lines on standard error; the application's are set by its settings."""
    handler = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
    logger = {"handlers": ["plain"], "level": "WARNING", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {},
        "handlers": {"plain": handler},
        "loggers": {"_granian": logger, "granian.access": logger},
    }


def _serve(host: str, port: int, workers: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "tessera.site.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        websockets=False,
        respawn_failed_workers=True,
        backpressure=_MOST_CONNECTIONS,
        workers_kill_timeout=20,
        log_level=LogLevels.warning,
        log_dictconfig=_quiet_logs(),
    ).serve()


def main(arguments: Sequence[str]) -> None:
    """Be the child that the first argument names."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _allow_many_files()
    if arguments[0] == "web":
        _serve(arguments[1], int(arguments[2]), int(arguments[3]))
    elif arguments[0] == "live":
        from tessera.site.live import run

        run()
    elif arguments[0] == "printing":
        from tessera.site.printing import main as print_badges

        print_badges()
    else:
        runpy.run_module("tessera.site.jobs", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
