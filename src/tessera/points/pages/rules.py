"""A merchant's earning rules: the list in plain sentences, one with its versions, and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.refusals import Refusal
from tessera.merchants.gate import Workplace, enter_merchant
from tessera.points.actions.rules import end_rule
from tessera.points.models import EarningRule
from tessera.points.pages.moments import MomentField
from tessera.points.queries import current_book, get_rule, list_rules
from tessera.points.rules import KINDS, RuleBook, RuleVersion
from tessera.points.wording import Names, kind_word, names_for, rule_note, rule_sentence

__all__ = ["end", "rule", "rules"]

_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class ToldVersion:
    """One version in words."""

    version: RuleVersion
    sentence: str
    note: str


@dataclass(frozen=True, slots=True)
class ToldRule:
    """A rule as the list shows it: the version that holds, else the next, else the last; `state`: now, later, over."""

    rule: EarningRule
    kind: str
    state: str
    told: ToldVersion
    next_version: ToldVersion | None


class EndForm(forms.Form):
    """When a rule ends."""

    ends_at = MomentField(label=_("Ends at"), required=False, help_text=_("Empty: now."))


def names_of(workplace: Workplace, versions: Sequence[RuleVersion]) -> Names:
    """Return the names that sentences about these versions need."""
    merchant = workplace.merchant
    return names_for(merchant.id, versions, currency=merchant.currency, time_zone=merchant.time_zone)


@signed_in
@require_safe
def rules(request: HttpRequest, merchant: str) -> HttpResponse:
    """List the earning rules, each with a sentence; those that hold first."""
    workplace = enter_merchant(request, merchant, need="rules:read")
    cursor = request.GET.get("cursor")
    ended = request.GET.get("show") == "ended"
    found = list_rules(workplace.merchant.id, ended=ended, cursor=cursor, limit=_AT_ONCE)
    book = current_book(workplace.merchant.id)
    now = clock.now()
    names = names_of(workplace, book.versions)
    shown = [_told(rule, book, names, now) for rule in found.items]
    shown.sort(key=lambda one: (KINDS.index(one.rule.kind), one.told.version.position, str(one.rule.id)))
    told = {
        "face": "rules",
        "workplace": workplace,
        "rules": shown,
        "ended": ended,
        "may": workplace.may("rules:write"),
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "next_query": f"cursor={found.next_cursor}{'&show=ended' if ended else ''}",
        "first_query": "show=ended" if ended else "",
    }
    return page(request, "points/rules.html", told)


def _told(rule: EarningRule, book: RuleBook, names: Names, now: datetime) -> ToldRule:
    versions = [one for one in book.versions if one.rule_id == rule.id]
    open_one = next((one for one in book.in_force(now) if one.rule_id == rule.id), None)
    last = max(versions, key=lambda one: one.version)
    # the last version of a rule that was ended has an empty window: what it said stands in it all the same
    later = last if last.effective_from > now and last.effective_until != last.effective_from else None
    shown = open_one or last
    state = "now" if open_one else "later" if later else "over"
    following = _version(later, names) if later and open_one and later != open_one else None
    return ToldRule(rule, kind_word(rule.kind), state, _version(shown, names), following)


def _version(version: RuleVersion, names: Names) -> ToldVersion:
    return ToldVersion(version, rule_sentence(version, names), rule_note(version, names))


@signed_in
@require_safe
def rule(request: HttpRequest, merchant: str, rule: str) -> HttpResponse:
    """Show one rule with all its versions."""
    workplace = enter_merchant(request, merchant, need="rules:read")
    found = get_rule(parse_id("rul", rule), merchant_id=workplace.merchant.id)
    return _shown(request, workplace, found, _end_form(workplace))


def _end_form(workplace: Workplace, *given: object) -> EndForm:
    form = EndForm(*given)  # type: ignore[arg-type]  # the posted values, or none
    moment = form.fields["ends_at"]
    assert isinstance(moment, MomentField)
    moment.zone = ZoneInfo(workplace.merchant.time_zone)
    return form


def _shown(
    request: HttpRequest, workplace: Workplace, found: EarningRule, form: EndForm, *, status: int = 200
) -> HttpResponse:
    book = current_book(workplace.merchant.id)
    versions = sorted((one for one in book.versions if one.rule_id == found.id), key=lambda one: -one.version)
    names = names_of(workplace, versions)
    told = {
        "face": "rules",
        "workplace": workplace,
        "rule": found,
        "one": _told(found, book, names, clock.now()),
        "versions": [_version(one, names) for one in versions[:100]],
        "form": form,
        "may": workplace.may("rules:write") and found.ended_at is None,
        "zone": workplace.merchant.time_zone,
    }
    return page(request, "points/rule.html", told, status=status)


@signed_in
@require_POST
def end(request: HttpRequest, merchant: str, rule: str) -> HttpResponse:
    """End a rule for good, now or at a moment to come."""
    workplace = enter_merchant(request, merchant, need="rules:write")
    found = get_rule(parse_id("rul", rule), merchant_id=workplace.merchant.id)
    form = _end_form(workplace, request.POST)
    if not form.is_valid():
        return _shown(request, workplace, found, form, status=422)

    def act(actor: Actor, now: datetime) -> Did:
        end_rule(rule_id=found.id, ends_at=form.cleaned_data["ends_at"], now=now, actor=actor)
        address = f"{workplace.address}/rules/{show_id('rul', found.id)}"
        return Did(address, found.id, workplace.merchant.id, say=gettext("The rule is ended."))

    try:
        return do_once(
            request, act, actor=workplace.actor, verb="end_rule", kind="earning_rule", object_id=found.id
        )
    except Refusal as refusal:
        on_form(form, refusal, "ends_at")
        return _shown(request, workplace, found, form, status=refusal.status)
