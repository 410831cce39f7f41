"""The worker, as the restricted role, on the real schedule."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.kit.clock import NEVER
from tessera.kit.models import News
from tessera.people.actions.persons import register_person
from tests.points.shop import Shop

pytestmark = pytest.mark.usefixtures("committed")


def wait_until(true: Callable[[], bool], seconds: float = 40) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


class Worker:
    """A worker process of this test; what it says is in `said()` once it has ended."""

    def __init__(self) -> None:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tessera.site.settings",
            "TESSERA_NOTICES": "file",
        }
        command = [sys.executable, "-m", "tessera.site.jobs"]
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def stop(self, how: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(how)
        said, _ = self.process.communicate(timeout=40)
        return self.process.returncode, said.decode()


@pytest.fixture
def worker() -> Iterator[Worker]:
    started = Worker()
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.communicate()


def jobs() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


def test_registration_is_heard_by_the_worker(worker: Worker) -> None:
    shop = Shop()
    member = shop.member(registered=False)
    now = clock.now()
    shop.give(member, 9, earned_at=now, active_from=NEVER, expires_at=now + timedelta(days=30))
    with transaction.atomic():
        register_person(person_id=member, now=now, actor=SYSTEM)
    wait_until(lambda: shop.balance(member, clock.now()) == (9, 0, 0))
    wait_until(lambda: not News.objects.filter(told_at__isnull=True, attempts=0).exists())
    status, said = worker.stop(signal.SIGTERM)
    assert status == 0, said
    assert "Traceback" not in said
    assert "permission denied" not in said


def test_what_a_killed_worker_had_begun_is_put_back() -> None:
    from procrastinate.contrib.django import app

    from tessera.site import schedule

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        )
        [dead] = cursor.fetchone()
        for name, lock in (("points.expire", "points.expire"), ("ledger.close_day", "ledger.close_day")):
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id)"
                " VALUES ('default', %s, %s, %s, '{\"timestamp\": 1}', 'doing', %s)",
                [name, lock, lock, dead],
            )
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status)"
            " VALUES ('default', 'points.expire', 'points.expire', '{\"timestamp\": 2}', 'todo')"
        )

    async def mend() -> None:
        connector = app.connector.get_worker_connector()
        with app.replace_connector(connector) as replaced:
            async with replaced.open_async():
                await schedule.mend(1)

    asyncio.run(mend())
    assert sorted(jobs()) == [("ledger.close_day", "todo"), ("points.expire", "todo")]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def test_a_worker_that_is_killed_is_followed_by_one_that_works(worker: Worker) -> None:
    wait_until(lambda: worker.process.poll() is None and _alive())
    worker.stop(signal.SIGKILL)
    second = Worker()
    try:
        News.objects.create(topic="test.nobody", body={}, happened_at=clock.now())
        wait_until(lambda: not News.objects.filter(topic="test.nobody", told_at__isnull=True).exists())
        status, said = second.stop(signal.SIGTERM)
        assert status == 0, said
    finally:
        second.process.kill()


def _alive() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'"
        )
        return cursor.fetchone()[0] > 0


def test_jobs_are_on_the_schedule() -> None:
    from procrastinate.contrib.django import app

    import tessera.site.schedule  # noqa: F401 - its import puts the site's jobs on the schedule

    crons = {task.task.name: task.croniter for task in app.periodic_registry.periodic_tasks.values()}
    assert crons.keys() >= {
        "points.expire", "points.warn", "ledger.close_day", "site.tell_news", "site.deliver_notices", "site.mend",
    }  # fmt: skip
    moment = datetime(2026, 6, 1, 4, 1, 2, tzinfo=UTC)
    for name, seconds in {"site.tell_news": 5, "site.deliver_notices": 10, "site.mend": 60}.items():
        cron = crons[name]
        cron.set_current(moment.timestamp(), force=True)
        first, second = cron.get_next(datetime), cron.get_next(datetime)
        assert second - first == timedelta(seconds=seconds)


def test_points_expire_and_holders_are_warned() -> None:
    from tessera.points import jobs as points_jobs

    shop = Shop()
    member = shop.member()
    now = clock.now()
    shop.give(member, 9, expires_at=now - timedelta(hours=1))
    shop.give(member, 4, expires_at=now + timedelta(days=3))
    points_jobs.expire(0)
    points_jobs.warn(0)
    assert shop.balance(member, now) == (4, 0, 0)
    assert shop.breakage() == 9
