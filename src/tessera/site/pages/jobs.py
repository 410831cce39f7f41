"""Background work: schedule, failed jobs, news that could not be told, imports under way."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id
from tessera.kit.pages import Did, do_once, go, page, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.merchants.queries import merchants_by_id
from tessera.orders.queries import list_running_imports
from tessera.people.gate import enter_platform
from tessera.site.working import (
    ask_again,
    count_jobs,
    count_news,
    list_failed_jobs,
    list_schedule,
    list_troubled_news,
    retry_job,
)

__all__ = ["job_retry", "jobs", "news_retry"]

_HERE = "/operator/jobs"


@require_safe
@signed_in
def jobs(request: HttpRequest) -> HttpResponse:
    """Show what works in the background, and what does not."""
    enter_platform(request)
    waiting, given_up = count_news()
    imports = list_running_imports()
    names = merchants_by_id({row.merchant_id for row in imports})
    said = {
        "site.tell_news": _("Tells news between the rooms"),
        "site.deliver_notices": _("Sends notices on their way"),
        "site.mend": _("Puts back what a stopped worker left"),
        "points.expire": _("Takes expired points out"),
        "points.warn": _("Warns of points about to expire"),
        "points.carry_over": _("Carries points over to joined members"),
        "people.forget": _("Forgets old sign-in codes"),
        "orders.forget_uploads": _("Removes files that were brought in"),
        "ledger.close_day": _("Closes the days of the ledger"),
        "events.remind": _("Reminds guests of events"),
        "events.close_doors": _("Closes the doors of events that are over"),
        "events.close_circles": _("Closes circles and erases them"),
        "events.settle_mutual": _("Tells guests who have noted each other"),
    }
    shown = {
        "face": "jobs",
        "counts": count_jobs(),
        "schedule": [{"task": task, "said": said.get(task.name, "")} for task in list_schedule()],
        "failed": list_failed_jobs(),
        "news_waiting": waiting,
        "news_given_up": given_up,
        "troubled": list_troubled_news(),
        "imports": [
            {"row": row, "merchant": names[row.merchant_id].name if row.merchant_id in names else ""}
            for row in imports
        ],
    }
    return page(request, "site/operator/jobs.html", shown)


def _again(
    request: HttpRequest,
    verb: str,
    kind: str,
    object_id: UUID | str,
    act: Callable[[Actor, datetime], object],
) -> HttpResponse:
    actor = enter_platform(request)

    def did(actor: Actor, now: datetime) -> Did:
        act(actor, now)
        return Did(go=_HERE, object_id=object_id, say=_("It will run within seconds."))

    try:
        return do_once(request, did, actor=actor, verb=verb, kind=kind, object_id=object_id)
    except Refusal as refusal:
        if refusal.status == NotFound.status:
            raise
        messages.warning(request, refusal.message(reader_language()))
        return go(request, _HERE)


@require_POST
@signed_in
def job_retry(request: HttpRequest, job: int) -> HttpResponse:
    """Put a failed job back into the queue."""
    return _again(
        request,
        "retry_job",
        "job",
        str(job),
        lambda actor, now: retry_job(job_id=job, now=now, actor=actor),
    )


@require_POST
@signed_in
def news_retry(request: HttpRequest, news: str) -> HttpResponse:
    """Let news that could not be told be told again."""
    news_id = parse_id("nws", news)
    return _again(
        request,
        "ask_again",
        "news",
        news_id,
        lambda actor, now: ask_again(news_id=news_id, now=now, actor=actor),
    )
