"""What the worker does and when: the jobs of all rooms and those that belong to none."""

import structlog
from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

import tessera.events.circle_jobs
import tessera.events.door_jobs
import tessera.events.jobs
import tessera.ledger.jobs
import tessera.orders.jobs
import tessera.people.jobs
import tessera.points.jobs
from tessera.kit import clock
from tessera.kit.actors import SYSTEM
from tessera.notices.actions.delivery import deliver_next, spread_notices
from tessera.notices.ways import ways_here
from tessera.site.outbox import tell_news
from tessera.site.wiring import addresses_of

__all__ = ["JOBS", "deliver", "mend", "tell"]

JOBS = (
    tessera.ledger.jobs,
    tessera.people.jobs,
    tessera.orders.jobs,
    tessera.points.jobs,
    tessera.events.circle_jobs,
    tessera.events.door_jobs,
    tessera.events.jobs,
)
"""Rooms with jobs of their own; importing them puts these on the schedule."""

_log = structlog.get_logger()


@app.periodic(cron="* * * * * */5")  # the sixth field is seconds
@app.task(name="site.tell_news", queueing_lock="site.tell_news")
def tell(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Tell the news that waits in the outbox; every five seconds."""
    told = tell_news(now=clock.now())
    if told.told or told.failed:
        _log.info("news told", told=told.told, failed=told.failed)


@app.periodic(cron="* * * * * */10")
@app.task(name="site.deliver_notices", queueing_lock="site.deliver_notices")
def deliver(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Let waiting notices leave by the ways that are open; every ten seconds, each delivery in its own transaction."""
    ways, most = ways_here(), 200
    taken = most
    while taken == most:
        with transaction.atomic():
            taken = spread_notices(
                ways=ways, addresses=addresses_of, most=most, now=clock.now(), actor=SYSTEM
            )
    outcome: str | None = ""
    while outcome is not None:
        with transaction.atomic():
            outcome = deliver_next(ways=ways, addresses=addresses_of, now=clock.now(), actor=SYSTEM)


@app.periodic(cron="* * * * *")
@app.task(name="site.mend", queueing_lock="site.mend")
async def mend(timestamp: int) -> None:  # noqa: ARG001 - the schedule passes it
    """Put back what a killed worker had begun; every minute. Every job bears being done twice."""
    for job in await app.job_manager.get_stalled_jobs():
        try:
            await app.job_manager.retry_job(job)
        except exceptions.UniqueViolation:  # the same is queued again already
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
        _log.warning("a job of a killed worker was put back", task=job.task_name)
    await app.job_manager.delete_old_jobs(nb_hours=72, include_failed=True)
