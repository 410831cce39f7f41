"""The printing process: looks for badges that are due and prints them, a thread for each printer.

`tessera serve` starts it beside the jobs. A printer that hangs holds up its own thread for some seconds and nobody else:
neither the door, nor the jobs, nor another printer.
"""

import os
import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

import structlog

__all__ = ["main", "work"]

_LOOK_EVERY_S = 0.5
_LONGEST_PAUSE_S = 15.0
_MOST_AT_ONCE = 64
_log = structlog.get_logger()


def main() -> None:
    """Print until told to stop (SIGTERM, SIGINT); labels under way are finished."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tessera.site.settings")
    import django

    django.setup()
    stop = threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: stop.set())
    work(stop)


def work(stop: threading.Event, *, look_every_s: float = _LOOK_EVERY_S) -> None:
    """Print what is due until `stop` is set; a database that is away is waited for."""
    from django.db import connection

    from tessera.events.queries.badges import due_printers
    from tessera.kit import clock

    busy: dict[UUID, Future[None]] = {}
    pause_s = look_every_s
    with ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="printer") as threads:
        while not stop.wait(pause_s):
            try:
                due = due_printers(now=clock.now())
                pause_s = look_every_s
            except Exception as error:  # noqa: BLE001 - the database comes back, and so do we
                _log.warning("the print queue cannot be read", fault=type(error).__name__)
                due = []
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            finally:
                connection.close()
            busy = {printer: work for printer, work in busy.items() if not work.done()}
            for printer in due:
                if printer not in busy and len(busy) < _MOST_AT_ONCE:
                    busy[printer] = threads.submit(_serve, printer, stop)


def _serve(printer: UUID, stop: threading.Event) -> None:
    """Print at one printer until nothing is due there."""
    from django.db import connection

    from tessera.events.printing import print_next

    try:
        while not stop.is_set() and print_next(printer, let_go=connection.close) is not None:
            pass
    except Exception as error:  # noqa: BLE001 - the job is taken again when its time is over
        _log.exception("a badge could not be printed", printer=str(printer), fault=type(error).__name__)
    finally:
        connection.close()
