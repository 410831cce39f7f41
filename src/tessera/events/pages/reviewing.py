"""The organiser writes review rules: in plain words, tried against the present registrations before they are published."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tessera.events.actions.reviewing import apply_policy, publish_policy
from tessera.events.errors.registering import PolicyInvalid
from tessera.events.gate import EventPlace, enter_event
from tessera.events.models import Question
from tessera.events.pages.reviewing_words import (
    Row,
    condition_of_row,
    labels_of,
    otherwise_sentence,
    quota_sentence,
    row_of_condition,
    rule_sentence,
    subjects,
    then_words,
)
from tessera.events.queries.registrations import Narrowing, iter_registrations
from tessera.events.queries.reviewing import (
    count_states,
    facts_by_person,
    find_policy_row,
    list_policies,
    questions_of,
    standing_of,
)
from tessera.events.rules.kept_policies import parse_policy, written_policy
from tessera.events.rules.reviewing import VERDICTS, Policy, Quota, Rule, Trial, limit_of, try_policy
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.pages import Did, do_once, page, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal

__all__ = ["urlpatterns"]

_ROWS = 3
_INVALID = 422


@dataclass(slots=True)
class _Sheet:
    """The editor as it stands: the draft, the rule that is being written, what is wrong, what a trial said."""

    policy: Policy
    rows: list[Row]
    then: str = "accept"
    reason: str = ""
    place: int | None = None
    fault: str = ""
    faulty_row: int | None = None
    trial: Trial | None = None
    changed: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def review(request: HttpRequest, event: str) -> HttpResponse:
    """Show the rules in force, and change, try and publish a draft of the next ones."""
    writes = request.method == "POST"
    place = enter_event(request, event, need="events:write" if writes else "events:read")
    kept = find_policy_row(place.event.id)
    in_force = parse_policy(kept.rules) if kept else Policy()
    if not writes:
        return _page(request, place, _Sheet(in_force, [Row()] * _ROWS))
    sheet = _read(request, in_force)
    if not sheet.fault and request.POST.get("do") == "publish":
        try:
            return _published(request, place, sheet.policy)
        except Refusal as refusal:
            sheet.fault = refusal.message(reader_language())
    elif not sheet.fault and request.POST.get("do") == "try":
        sheet.trial = _tried(place, sheet.policy)
    return _page(request, place, sheet, status=_INVALID if sheet.fault else 200)


def _read(request: HttpRequest, in_force: Policy) -> _Sheet:
    """Read the draft that the form carries, and do to it what the button says."""
    posted = request.POST
    sheet = _Sheet(in_force, [Row()] * _ROWS, changed=True)
    try:
        sheet.policy = parse_policy(json.loads(posted.get("policy", "{}")))
    except (ValueError, RecursionError) as fault:
        sheet.fault = PolicyInvalid(place=str(fault)[:60]).message(reader_language())
        return sheet
    if posted.get("otherwise") in VERDICTS:
        sheet.policy = replace(sheet.policy, otherwise=posted["otherwise"])
    step, _sep, number = posted.get("do", "").partition(":")
    place = int(number) if number.isdecimal() and len(number) < 4 else 0
    _STEPS.get(step, _typed)(sheet, posted, place)
    return sheet


def _typed(sheet: _Sheet, posted: Mapping[str, Any], _place: int) -> None:
    """Keep what stands in the fields for a new rule."""
    sheet.rows = [
        Row(
            posted.get(f"subject-{n}", ""),
            posted.get(f"negate-{n}") == "1",
            posted.get(f"value-{n}", "")[:400],
        )
        for n in range(_ROWS)
    ]
    then = posted.get("then", "")
    sheet.then = then if then in VERDICTS else "accept"
    sheet.reason = posted.get("reason", "")[:200]
    number = posted.get("place", "")
    sheet.place = int(number) if number.isdecimal() and len(number) < 4 else None


def _add_rule(sheet: _Sheet, posted: Mapping[str, Any], _place: int) -> None:
    _typed(sheet, posted, 0)
    conditions = []
    for number, row in enumerate(sheet.rows):
        try:
            condition = condition_of_row(row)
            if condition is not None:
                parse_policy(written_policy(Policy((Rule((condition,), "hand"),))))
                conditions.append(condition)
        except (ValueError, KeyError):
            sheet.faulty_row = number
            sheet.fault = gettext(
                "This value does not fit. Words are set apart by commas, a span is written 25-40, a day 2025-01-01."
            )
            return
    rule = Rule(tuple(conditions), sheet.then, sheet.reason.strip())
    rules = list(sheet.policy.rules)
    if sheet.place is not None and sheet.place < len(rules):
        rules[sheet.place] = rule
    else:
        rules.append(rule)
    sheet.policy = replace(sheet.policy, rules=tuple(rules))
    sheet.rows, sheet.reason, sheet.then, sheet.place = [Row()] * _ROWS, "", "accept", None


def _edit_rule(sheet: _Sheet, _posted: Mapping[str, Any], place: int) -> None:
    if place >= len(sheet.policy.rules):
        return
    rule = sheet.policy.rules[place]
    rows = [row_of_condition(one) for one in rule.when]
    sheet.rows = [*rows, *[Row()] * max(0, _ROWS - len(rows))]
    sheet.then, sheet.reason, sheet.place = rule.then, rule.reason, place


def _remove_rule(sheet: _Sheet, _posted: Mapping[str, Any], place: int) -> None:
    rules = [one for number, one in enumerate(sheet.policy.rules) if number != place]
    sheet.policy = replace(sheet.policy, rules=tuple(rules))


def _rule_up(sheet: _Sheet, _posted: Mapping[str, Any], place: int) -> None:
    rules = list(sheet.policy.rules)
    if 0 < place < len(rules):
        rules[place - 1], rules[place] = rules[place], rules[place - 1]
    sheet.policy = replace(sheet.policy, rules=tuple(rules))


def _add_quota(sheet: _Sheet, posted: Mapping[str, Any], _place: int) -> None:
    _typed(sheet, posted, 0)
    question, _sep, answer = posted.get("quota-answer", "").partition(":")
    number, unit = posted.get("quota-most", "").strip(), posted.get("quota-unit", "percent")
    fits = (
        bool(answer) and number.isdecimal() and len(number) < 7 and (unit != "percent" or int(number) <= 100)
    )
    if not fits:
        sheet.fault = gettext("A quota needs an answer and a whole number (per cent: up to 100).")
        return
    then = posted.get("quota-then", "")
    quota = Quota(
        question,
        answer,
        percent=int(number) if unit == "percent" else None,
        most=None if unit == "percent" else int(number),
        then=then if then in {"waitlist", "hand", "decline"} else "waitlist",
    )
    sheet.policy = replace(sheet.policy, quotas=(*sheet.policy.quotas, quota))


def _remove_quota(sheet: _Sheet, _posted: Mapping[str, Any], place: int) -> None:
    quotas = [one for number, one in enumerate(sheet.policy.quotas) if number != place]
    sheet.policy = replace(sheet.policy, quotas=tuple(quotas))


_STEPS = {
    "add": _add_rule,
    "edit": _edit_rule,
    "remove": _remove_rule,
    "up": _rule_up,
    "add-quota": _add_quota,
    "remove-quota": _remove_quota,
}


def _tried(place: EventPlace, policy: Policy) -> Trial:
    """Try the draft on those who wait for a decision, who came first first; nothing is changed."""
    waiting = list(iter_registrations(place.event.id, Narrowing(show="pending")))
    standing = standing_of(place.row, policy)
    answers = {one.person_id: one.answers for one in waiting}
    facts = facts_by_person(place.event, answers, policy=policy, now=clock.now())
    guests = [facts[one.person_id] for one in waiting]
    return try_policy(policy, guests, standing.counts, capacity=place.row.capacity, taken=place.row.taken)


def _published(request: HttpRequest, place: EventPlace, policy: Policy) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        made = publish_policy(event_id=place.event.id, rules=written_policy(policy), now=now, actor=actor)
        return Did(
            go=f"{place.address}/review",
            object_id=place.event.id,
            merchant_id=place.event.merchant_id,
            details={"revision": made.revision},
            say=gettext("The rules are in force from now on."),
        )

    return do_once(request, act, actor=place.actor, verb="publish_review_policy", kind="event")


def _page(request: HttpRequest, place: EventPlace, sheet: _Sheet, *, status: int = 200) -> HttpResponse:
    questions = questions_of(place.event.id, retired=True)
    labels = labels_of(questions)
    asked = [one for one in questions if one.retired_at is None]
    policy, capacity = sheet.policy, place.row.capacity
    counts = count_states(place.event.id)
    kept = find_policy_row(place.event.id)
    shown = {
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "place": place,
        "event": place.event,
        "sheet": sheet,
        "kept": kept,
        "written": json.dumps(written_policy(policy), ensure_ascii=False),
        "rules": [(rule, rule_sentence(rule, labels)) for rule in policy.rules],
        "quotas": [
            (quota, quota_sentence(quota, labels, limit=limit_of(quota, capacity=capacity)))
            for quota in policy.quotas
        ],
        "otherwise": otherwise_sentence(policy),
        "subjects": subjects(asked),
        "quota_choices": _quota_choices(asked),
        "thens": then_words().items(),
        "pending": counts.get("pending", 0),
        "history": _history(place, labels),
    }
    return page(request, "events/reviewing_policy.html", shown, status=status)


def _quota_choices(questions: Sequence[Question]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (one.label, [(f"{one.id}:{choice}", choice) for choice in one.terms.get("choices", [])])
        for one in questions
        if one.kind in {"choice", "choices"}
    ]


def _history(place: EventPlace, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    told = []
    for row in list_policies(place.event.id):
        policy = parse_policy(row.rules)
        sentences = [rule_sentence(one, labels) for one in policy.rules]
        limits = [limit_of(one, capacity=place.row.capacity) for one in policy.quotas]
        sentences += [
            quota_sentence(one, labels, limit=limit) for one, limit in zip(policy.quotas, limits, strict=True)
        ]
        told.append({"row": row, "sentences": [*sentences, otherwise_sentence(policy)]})
    return told


@require_POST
@signed_in
def review_run(request: HttpRequest, event: str) -> HttpResponse:
    """Let the rules in force decide the registrations that wait."""
    place = enter_event(request, event, need="events:write")

    def act(actor: Actor, now: datetime) -> Did:
        done = apply_policy(event_id=place.event.id, now=now, actor=actor)
        n = len(done.decisions)
        return Did(
            go=f"{place.address}/registrations",
            object_id=place.event.id,
            merchant_id=place.event.merchant_id,
            details={"decided": n},
            say=ngettext("%d registration decided by rule.", "%d registrations decided by rule.", n) % n,
        )

    return do_once(request, act, actor=place.actor, verb="apply_review_policy", kind="event")


urlpatterns: list[URLPattern] = [
    path("organise/<str:event>/review", review),
    path("organise/<str:event>/review/run", review_run),
]
