"""The operator's policies: each is read where it matters, and keeps its history."""

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tessera.kit.actors import Actor
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.policies import list_policy_history
from tessera.kit.refusals import Refusal
from tessera.merchants.actions.approvals import adopt_applications
from tessera.merchants.queries import APPLICATIONS_POLICY, accepts_applications
from tessera.notices.actions.preferences import adopt_quiet_hours
from tessera.notices.queries import QUIET_POLICY, default_quiet
from tessera.notices.rules import Quiet
from tessera.people.gate import enter_platform
from tessera.points.actions.bounds import adopt_bounds
from tessera.points.bounds import BOUNDS_POLICY, Bounds, find_bounds
from tessera.site.trails import names_of_actors

__all__ = ["applications", "policies", "programme_bounds", "quiet_hours"]

_HERE = "/operator/policies"


class ApplicationsForm(forms.Form):
    """Whether new merchants may apply."""

    accepted = forms.BooleanField(
        label=_("Anyone who has signed in may apply with a business"), required=False
    )


class BoundsForm(forms.Form):
    """How far merchants' terms for points may go."""

    most_pending_days = forms.IntegerField(
        label=_("Points wait at most (days)"),
        min_value=0,
        max_value=365,
        help_text=_("From purchase until they can be spent."),
    )
    least_expiry_months = forms.IntegerField(
        label=_("Points last at least (months)"), min_value=1, max_value=120
    )
    least_unclaimed_days = forms.IntegerField(
        label=_("Unclaimed points wait at least (days)"),
        min_value=1,
        max_value=3650,
        help_text=_("For a phone number that has not registered yet."),
    )
    most_unclaimed_days = forms.IntegerField(
        label=_("Unclaimed points wait at most (days)"), min_value=1, max_value=3650
    )


class QuietForm(forms.Form):
    """When members are not disturbed, unless they choose otherwise."""

    begins = forms.TimeField(label=_("From"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("Until"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _shown(request: HttpRequest, *, status: int = 200, **forms_shown: forms.Form) -> HttpResponse:
    bounds, quiet = find_bounds(), default_quiet()
    history = list_policy_history([APPLICATIONS_POLICY, BOUNDS_POLICY, QUIET_POLICY])
    names = names_of_actors({row.actor for row in history})
    shown = {
        "face": "policies",
        "applications": ApplicationsForm(initial={"accepted": accepts_applications()}),
        "bounds": BoundsForm(initial={name: getattr(bounds, name) for name in BoundsForm.base_fields}),
        "quiet": QuietForm(initial={"begins": _time(quiet.from_minute), "ends": _time(quiet.to_minute)}),
        "history": [
            {"row": row, "said": _said(row.name, row.value), "by": names.get(row.actor) or row.actor}
            for row in history
        ],
        **forms_shown,
    }
    return page(request, "site/operator/policies.html", shown, status=status)


def _said(name: str, value: dict[str, Any]) -> str:
    """Say in words what was decided."""
    if name == APPLICATIONS_POLICY:
        return (
            gettext("Applications are taken") if value["accepted"] else gettext("No applications are taken")
        )
    if name == QUIET_POLICY:
        hours = {
            "begins": f"{_time(value['from_minute']):%H:%M}",
            "ends": f"{_time(value['to_minute']):%H:%M}",
        }
        return gettext("Quiet from %(begins)s to %(ends)s") % hours
    said = gettext(
        "Points wait at most %(most_pending_days)s days and last at least %(least_expiry_months)s months; "
        "unclaimed ones wait %(least_unclaimed_days)s to %(most_unclaimed_days)s days"
    )
    return said % value


@require_safe
@signed_in
def policies(request: HttpRequest) -> HttpResponse:
    """Show the policies that hold, and what was decided before."""
    enter_platform(request)
    return _shown(request)


def _adopt(
    request: HttpRequest,
    name: str,
    form: forms.Form,
    adopt: Callable[[Actor, datetime, dict[str, Any]], None],
) -> HttpResponse:
    actor = enter_platform(request)
    status = 422
    if form.is_valid():

        def act(actor: Actor, now: datetime) -> Did:
            adopt(actor, now, form.cleaned_data)
            return Did(go=_HERE, object_id=name, say=gettext("It holds from now on."))

        try:
            return do_once(request, act, actor=actor, verb="adopt_policy", kind="policy", object_id=name)
        except Refusal as refusal:
            status = refusal.status
            on_form(form, refusal)
    return _shown(request, status=status, **{name: form})


@require_POST
@signed_in
def applications(request: HttpRequest) -> HttpResponse:
    """Say whether new merchants may apply."""
    return _adopt(
        request,
        "applications",
        ApplicationsForm(request.POST),
        lambda actor, now, given: adopt_applications(accepted=given["accepted"], now=now, actor=actor),
    )


@require_POST
@signed_in
def programme_bounds(request: HttpRequest) -> HttpResponse:
    """Set the bounds of merchants' terms for points."""
    return _adopt(
        request,
        "bounds",
        BoundsForm(request.POST),
        lambda actor, now, given: adopt_bounds(bounds=Bounds(**given), now=now, actor=actor),
    )


@require_POST
@signed_in
def quiet_hours(request: HttpRequest) -> HttpResponse:
    """Set the quiet hours of members who have not chosen their own."""

    def adopt(actor: Actor, now: datetime, given: dict[str, Any]) -> None:
        begins, ends = given["begins"], given["ends"]
        quiet = Quiet(begins.hour * 60 + begins.minute, ends.hour * 60 + ends.minute)
        adopt_quiet_hours(quiet=quiet, now=now, actor=actor)

    return _adopt(request, "quiet", QuietForm(request.POST), adopt)
