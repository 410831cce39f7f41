"""How the installation is: what `tessera doctor` checks and is cheap, for the operator's page."""

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils.translation import gettext, ngettext
from procrastinate.contrib.django.models import ProcrastinateWorker

from tessera.kit.reader import local_day, local_moment, shown_number
from tessera.ledger.queries import list_digests
from tessera.site import database

__all__ = ["Finding", "examine_health", "last_closed_day"]

_ENOUGH_FREE = 2 * 10**9
_LEAST_FREE = 2 * 10**8
_CLOCK_SKEW = timedelta(seconds=2)
_WORKER_SILENT = timedelta(minutes=1)
BACKUP_NOTE = "last_backup"
"""File of the data directory whose time says when the last backup ended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `level` is "ok", "warn" or "fail"."""

    name: str
    level: str
    sentence: str


def last_closed_day() -> datetime | None:
    """Return the newest day (UTC) whose entries are chained by a digest, or None."""
    items = list_digests(limit=1).items
    return datetime.combine(items[0].day, datetime.min.time(), UTC) if items else None


def examine_health(now: datetime) -> Sequence[Finding]:
    """Look at database, migrations, clocks, disk, worker, ledger digests, backup and connections."""
    found = [Finding(gettext("Version"), "ok", f"Tessera {version('tessera-o2o')}")]
    try:
        found += [*_database(now), _worker(now), _digests(now)]
    except DatabaseError:
        found.append(Finding(gettext("Database"), "fail", gettext("The database does not answer.")))
    return [*found, _disk(), _backup(now)]


def _database(now: datetime) -> Iterator[Finding]:
    before = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp(), current_setting('server_version'), pg_database_size(current_database()),"
            " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),"
            " current_setting('max_connections')::int"
        )
        there, server, size, used, most = cursor.fetchone()
    took = timedelta(seconds=time.monotonic() - before)
    said = gettext("PostgreSQL %(version)s, %(size)s MB") % {
        "version": server.split()[0],
        "size": shown_number(size // 10**6),
    }
    yield Finding(gettext("Database"), "ok", said)
    pending = database.find_pending()
    yield Finding(
        gettext("Migrations"),
        "fail" if pending else "ok",
        gettext("Not up to date; run: tessera migrate") if pending else gettext("All are applied."),
    )
    skew = abs(there - now) - took
    seconds = shown_number(int(skew.total_seconds()))
    far = gettext("This machine and the database differ by %(seconds)s s.") % {"seconds": seconds}
    wrong = skew > _CLOCK_SKEW
    yield Finding(
        gettext("Clocks"),
        "warn" if wrong else "ok",
        far if wrong else gettext("This machine and the database agree."),
    )
    said = gettext("%(used)s of %(most)s in use") % {"used": shown_number(used), "most": shown_number(most)}
    yield Finding(gettext("Connections"), "warn" if used * 10 > most * 8 else "ok", said)


def _worker(now: datetime) -> Finding:
    last = ProcrastinateWorker.objects.order_by("-last_heartbeat").values_list("last_heartbeat", flat=True)
    beat = last.first()
    if beat is None or now - beat > _WORKER_SILENT:
        said = gettext("Nobody works: scheduled jobs do not run. Start “tessera serve”, or its jobs process.")
        return Finding(gettext("Worker"), "fail", said)
    return Finding(
        gettext("Worker"), "ok", gettext("It was heard of at %(at)s.") % {"at": local_moment(beat)}
    )


def _digests(now: datetime) -> Finding:
    day = last_closed_day()
    if day is None:
        return Finding(gettext("Ledger days"), "ok", gettext("No day has been closed yet."))
    behind = (now.astimezone(UTC).date() - day.date()).days - 1
    if behind > 1:
        said = ngettext("%(n)s day waits to be closed.", "%(n)s days wait to be closed.", behind)
        return Finding(gettext("Ledger days"), "warn", said % {"n": behind})
    return Finding(
        gettext("Ledger days"), "ok", gettext("Closed up to %(day)s.") % {"day": local_day(day.date())}
    )


def _disk() -> Finding:
    try:
        free = shutil.disk_usage(settings.TESSERA_DATA_DIR).free
    except OSError:
        return Finding(gettext("Disk"), "fail", gettext("The data directory cannot be read."))
    level = "ok" if free >= _ENOUGH_FREE else "warn" if free >= _LEAST_FREE else "fail"
    return Finding(gettext("Disk"), level, gettext("%(size)s GB free") % {"size": f"{free / 1e9:,.1f}"})


def _backup(now: datetime) -> Finding:
    note = Path(settings.TESSERA_DATA_DIR) / BACKUP_NOTE
    try:
        at = datetime.fromtimestamp(note.stat().st_mtime, UTC)
    except OSError:
        said = gettext("None made with “tessera backup” on this machine is known.")
        return Finding(gettext("Backup"), "warn", said)
    old = now - at > timedelta(days=2)
    said = gettext("The last one ended at %(at)s.") % {"at": local_moment(at)}
    return Finding(gettext("Backup"), "warn" if old else "ok", said)
