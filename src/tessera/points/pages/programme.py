"""A merchant's terms for points: what holds, what held, and what is to hold from a moment on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.amounts import exponent_of, minor_from_text
from tessera.kit.errors import AmountInvalid
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.refusals import Refusal
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.points.actions.rules import MAX_POINT_COST, publish_programme
from tessera.points.models import ProgrammeVersion
from tessera.points.pages.moments import MomentField
from tessera.points.queries import current_book, list_programmes
from tessera.points.rules import Programme, RollingMonths, YearlyDate, cost_minor
from tessera.points.wording import programme_sentences

__all__ = ["programme"]

_FIELDS = {"expiry": "expiry_kind", "point_cost_num": "cost", "point_cost_den": "cost"}
"""Where a reason's field stands in the form, if under another name."""


class ProgrammeForm(forms.Form):
    """Terms to publish."""

    pending_days = forms.IntegerField(
        label=_("Days until points become active"),
        min_value=0,
        max_value=365,
        help_text=_("0: at once. A week or two covers the time in which goods come back."),
    )
    expiry_kind = forms.ChoiceField(
        label=_("Points expire"),
        choices=[
            ("none", _("never")),
            ("months", _("some months after the purchase")),
            ("date", _("on a day of each year")),
        ],
        widget=forms.RadioSelect,
    )
    months = forms.IntegerField(label=_("Months"), min_value=1, max_value=120, required=False)
    date = forms.RegexField(
        r"^\d{2}-\d{2}$",
        label=_("Day of the year"),
        required=False,
        help_text=_("Month and day, such as 12-31."),
        error_messages={"invalid": _("Write month and day with two digits each, such as 12-31.")},
    )
    unclaimed_days = forms.IntegerField(
        label=_("Days that unclaimed points wait"),
        min_value=1,
        max_value=3650,
        help_text=_("Points for a phone number whose owner has not registered yet."),
    )
    cost = forms.CharField(
        label=_("What 100 points cost you"),
        max_length=20,
        required=False,
        help_text=_("An amount of money such as 20.00; 0 if you do not reckon with it."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    effective_from = MomentField(
        label=_("Holds from"),
        required=False,
        help_text=_("Empty: at once. A moment in the past is not possible."),
    )

    def __init__(self, *given: Any, zone: ZoneInfo, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.currency = currency
        moment = self.fields["effective_from"]
        assert isinstance(moment, MomentField)
        moment.zone = zone

    def clean(self) -> dict[str, Any]:
        """Refuse a kind of expiry without its number or day, and a cost that is no money."""
        told = super().clean() or {}
        if told.get("expiry_kind") == "months" and not told.get("months") and "months" not in self.errors:
            self.add_error("months", gettext("Say after how many months."))
        if told.get("expiry_kind") == "date" and not told.get("date") and "date" not in self.errors:
            self.add_error("date", gettext("Say on which day."))
        try:
            told["cost_minor"] = minor_from_text(
                told.get("cost") or "0", field="cost", exponent=exponent_of(self.currency)
            )
            if not 0 <= told["cost_minor"] <= MAX_POINT_COST:
                raise AmountInvalid(field="cost", least=0, most=MAX_POINT_COST)
        except AmountInvalid:
            self.add_error("cost", gettext("This is not an amount such as 20.00, or it is too large."))
        return told

    @property
    def expiry(self) -> Mapping[str, Any]:
        """The expiry as the action takes it."""
        kind = self.cleaned_data["expiry_kind"]
        if kind == "none":
            return {"kind": kind}
        name = {"months": "months", "date": "date"}[kind]
        return {"kind": kind, name: self.cleaned_data[name]}


@dataclass(frozen=True, slots=True)
class Told:
    """One version with its terms in words; `state`: now, later, or past."""

    version: Programme
    sentences: list[str]
    state: str


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def programme(request: HttpRequest, merchant: str) -> HttpResponse:
    """Show the terms and their history; publish new ones."""
    need = "rules:write" if request.method == "POST" else "rules:read"
    workplace = enter_merchant(request, merchant, need=need)
    zone = ZoneInfo(workplace.merchant.time_zone)
    told: dict[str, Any] = {"zone": zone, "currency": workplace.merchant.currency}
    if request.method != "POST":
        return _shown(request, workplace, ProgrammeForm(initial=_present(workplace), **told))
    form = ProgrammeForm(request.POST, **told)
    if not form.is_valid():
        return _shown(request, workplace, form, status=422)

    def act(actor: Actor, now: datetime) -> Did:
        version = _publish(workplace, form, actor, now)
        done = gettext("Published: terms version {n}.").format(n=version.version)
        return Did(f"{workplace.address}/programme", workplace.merchant.id, workplace.merchant.id, say=done)

    try:
        return do_once(
            request,
            act,
            actor=workplace.actor,
            verb="publish_programme",
            kind="programme",
            object_id=workplace.merchant.id,
        )
    except Refusal as refusal:
        field = str(refusal.details.get("field", ""))
        on_form(
            form, refusal, "effective_from" if refusal.code == "rule_backdated" else _FIELDS.get(field, field)
        )
        return _shown(request, workplace, form, status=refusal.status)


def _publish(workplace: Workplace, form: ProgrammeForm, actor: Actor, now: datetime) -> ProgrammeVersion:
    told = form.cleaned_data
    return publish_programme(
        merchant_id=workplace.merchant.id,
        effective_from=told["effective_from"],
        pending_days=told["pending_days"],
        expiry=form.expiry,
        unclaimed_days=told["unclaimed_days"],
        point_cost_num=told["cost_minor"],
        point_cost_den=100,
        now=now,
        actor=actor,
    )


def _present(workplace: Workplace) -> dict[str, Any]:
    """The terms that hold now, as the form shows them."""
    now = current_book(workplace.merchant.id).programme_at(clock.now())
    digits = exponent_of(workplace.merchant.currency)
    whole, part = divmod(cost_minor(now, 100), 10**digits)
    shown: dict[str, Any] = {
        "pending_days": now.pending_days,
        "unclaimed_days": now.unclaimed_days,
        "expiry_kind": "none",
        "cost": f"{whole}.{part:0{digits}d}" if digits else str(whole),
    }
    match now.expiry:
        case RollingMonths(months):
            shown |= {"expiry_kind": "months", "months": months}
        case YearlyDate(month, day):
            shown |= {"expiry_kind": "date", "date": f"{month:02}-{day:02}"}
    return shown


def _shown(
    request: HttpRequest, workplace: Workplace, form: ProgrammeForm, *, status: int = 200
) -> HttpResponse:
    book = current_book(workplace.merchant.id)
    now = clock.now()
    present = book.programme_at(now)
    written = {row.version: row for row in list_programmes(workplace.merchant.id)}
    versions = []
    for one in sorted(book.programmes, key=lambda each: -each.version)[:50]:
        later = one.effective_from > now and one.version > present.version
        state = "now" if one.version == present.version else "later" if later else "past"
        sentences = programme_sentences(one, currency=workplace.merchant.currency)
        versions.append((Told(one, sentences, state), written.get(one.version)))
    told = {
        "face": "programme",
        "workplace": workplace,
        "form": form,
        "present": programme_sentences(present, currency=workplace.merchant.currency),
        "present_version": present.version,
        "versions": versions,
        "may": workplace.may("rules:write"),
        "zone": workplace.merchant.time_zone,
        "epoch": clock.EPOCH,
    }
    return page(request, "points/programme.html", told, status=status)
