"""The operator's overview: what needs doing, and today's figures."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tessera.insights.platform import figures_of_platform
from tessera.kit import clock
from tessera.kit.pages import page, signed_in
from tessera.merchants.comparison import count_waiting
from tessera.notices.queries import count_failed_deliveries, count_failed_sms, count_waiting_deliveries
from tessera.people.gate import enter_platform
from tessera.site.wellbeing import examine_health
from tessera.site.working import count_jobs, count_news

__all__ = ["operator"]


@require_safe
@signed_in
def operator(request: HttpRequest) -> HttpResponse:
    """Show what waits for the operator, then the day in figures."""
    enter_platform(request)
    now = clock.now()
    zone = ZoneInfo(settings.TESSERA_TIME_ZONE)
    midnight = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
    shown = {"face": "operator", "tasks": _tasks(now), "figures": figures_of_platform(midnight)}
    return page(request, "site/operator/home.html", shown)


def _tasks(now: datetime) -> list[dict[str, Any]]:
    """Return what needs a person, the most pressing first."""
    tasks: list[dict[str, Any]] = []

    def add(icon: str, title: str, note: str, address: str, look: str) -> None:
        tasks.append({"icon": icon, "title": title, "note": note, "address": address, "look": look})

    for finding in examine_health(now):
        if finding.level != "ok":
            look = "is-refusal" if finding.level == "fail" else "is-warn"
            add("heart-pulse", finding.name, finding.sentence, "/operator/health", look)
    waiting = count_waiting()
    if waiting:
        title = ngettext("%(n)s merchant waits for approval", "%(n)s merchants wait for approval", waiting)
        note = _("Compare it with what is stored, then decide.")
        add("store", title % {"n": waiting}, note, "/operator/merchants?status=waiting", "is-warn")
    failed = count_jobs()["failed"]
    if failed:
        title = ngettext("%(n)s job failed", "%(n)s jobs failed", failed) % {"n": failed}
        add("clock", title, _("Look why, and run it again."), "/operator/jobs", "is-refusal")
    _untold, given_up = count_news()
    if given_up:
        title = ngettext("%(n)s piece of news was given up", "%(n)s pieces of news were given up", given_up)
        add(
            "bell",
            title % {"n": given_up},
            _("Ask again once the cause is mended."),
            "/operator/jobs",
            "is-refusal",
        )
    day_ago = now - timedelta(days=1)
    undelivered = sum(count_failed_deliveries(day_ago).values()) + count_failed_sms(day_ago)
    late = count_waiting_deliveries(now - timedelta(minutes=10))
    if undelivered or late:
        title = _("Messages do not arrive")
        note = _("%(failed)s given up since yesterday, %(late)s late") % {"failed": undelivered, "late": late}
        add("message-square", title, note, "/operator/messages?outcome=failed", "is-warn")
    return sorted(tasks, key=lambda task: task["look"] != "is-refusal")
