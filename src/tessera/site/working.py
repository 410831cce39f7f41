"""What works in the background: the schedule, queued jobs, news that waits; and asking again for what failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Max, Q
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinatePeriodicDefer

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.models import News
from tessera.site.errors import AlreadyQueued
from tessera.site.outbox import MOST_ATTEMPTS

__all__ = [
    "Scheduled",
    "WaitingNews",
    "ask_again",
    "count_jobs",
    "count_news",
    "list_failed_jobs",
    "list_schedule",
    "list_troubled_news",
    "retry_job",
]

_MOST = 100


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A task of the schedule: its name, its rhythm (cron), when it was last due, and how many wait, run and failed."""

    name: str
    cron: str
    last_at: datetime | None
    todo: int
    doing: int
    failed: int


@dataclass(frozen=True, slots=True)
class WaitingNews:
    """News that was tried and failed; `given_up` waits for a person."""

    news: News
    given_up: bool


def count_jobs() -> dict[str, int]:
    """Return how many jobs there are by status ("todo", "doing", "failed"), each counted up to 10,000."""
    return {
        status: len(ProcrastinateJob.objects.filter(status=status).values_list("pk")[:10_000])
        for status in ("todo", "doing", "failed")
    }


def list_schedule() -> Sequence[Scheduled]:
    """Return the tasks of the schedule by name, with how they stand."""
    import tessera.site.schedule  # noqa: F401 - puts the jobs on the schedule

    last = dict(
        ProcrastinatePeriodicDefer.objects.values_list("task_name").annotate(at=Max("defer_timestamp"))
    )
    counted: dict[tuple[str, str], int] = {}
    rows = ProcrastinateJob.objects.filter(status__in=["todo", "doing", "failed"])
    for name, status in rows.order_by("-id").values_list("task_name", "status")[:10_000]:
        counted[name, status] = counted.get((name, status), 0) + 1
    tasks = {name: periodic.cron for (name, _), periodic in app.periodic_registry.periodic_tasks.items()}
    return [
        Scheduled(
            name=name,
            cron=cron,
            last_at=datetime.fromtimestamp(last[name], UTC) if last.get(name) else None,
            todo=counted.get((name, "todo"), 0),
            doing=counted.get((name, "doing"), 0),
            failed=counted.get((name, "failed"), 0),
        )
        for name, cron in sorted(tasks.items())
    ]


def list_failed_jobs() -> Sequence[tuple[ProcrastinateJob, datetime | None]]:
    """Return the last failed jobs, newest first, at most 100, each with when it failed."""
    rows = ProcrastinateJob.objects.filter(status="failed").annotate(
        failed_at=Max("procrastinateevent__at", filter=Q(procrastinateevent__type="failed"))
    )
    return [(row, row.failed_at) for row in rows.order_by("-id")[:_MOST]]


def retry_job(
    *,
    job_id: int,
    now: datetime,
    actor: Actor,  # noqa: ARG001 - every action takes it
) -> ProcrastinateJob:
    """Put a failed job back into the queue.

    Refuses `not_found` for one that is not among the failed, `already_queued` where the same waits already.
    """
    job: ProcrastinateJob | None = ProcrastinateJob.objects.filter(pk=job_id, status="failed").first()
    if job is None:
        raise NotFound
    waits = ProcrastinateJob.objects.filter(status="todo", queueing_lock=job.queueing_lock)
    if job.queueing_lock and waits.exists():
        raise AlreadyQueued
    app.job_manager.retry_job_by_id(job_id=job_id, retry_at=now)
    return job


def count_news() -> tuple[int, int]:
    """Return how much news waits to be told, and how much of it was given up; each counted up to 10,000."""
    waiting = News.objects.filter(told_at__isnull=True)
    given_up = waiting.filter(attempts__gte=MOST_ATTEMPTS)
    return len(waiting.values_list("pk")[:10_000]), len(given_up.values_list("pk")[:10_000])


def list_troubled_news() -> Sequence[WaitingNews]:
    """Return news whose telling failed and that still waits, the oldest first, at most 100."""
    rows = News.objects.filter(told_at__isnull=True, attempts__gt=0).order_by("id")[:_MOST]
    return [WaitingNews(row, row.attempts >= MOST_ATTEMPTS) for row in rows]


def ask_again(
    *,
    news_id: UUID,
    now: datetime,  # noqa: ARG001 - every action takes it
    actor: Actor,  # noqa: ARG001 - every action takes it
) -> News:
    """Let news whose telling failed be told at the next run, as often as new news. Refuses `not_found`."""
    news = News.objects.select_for_update().filter(pk=news_id, told_at__isnull=True, attempts__gt=0).first()
    if news is None:
        raise NotFound
    news.attempts = 0
    news.save(update_fields=["attempts"])
    return news
