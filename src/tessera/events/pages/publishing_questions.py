"""What the registration asks: the organiser adds, changes, orders and retires questions; all of it without JavaScript."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.questions import add_question, change_question, move_question, retire_question
from tessera.events.gate import EventPlace, enter_event
from tessera.events.models import Question
from tessera.events.pages.publishing_forms import LineField, TextsField
from tessera.events.queries.publishing import asked_questions, get_question, is_answered
from tessera.events.rules.questions import (
    KINDS,
    LONGEST_TEXT,
    MOST_FILE_MB,
    MOST_QUESTIONS,
    listed_choices,
)
from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal

__all__ = ["urlpatterns"]

KIND_WORDS = {
    "text": _("Text"),
    "choice": _("One choice"),
    "choices": _("Several choices"),
    "number": _("A number"),
    "date": _("Date"),
    "file": _("File"),
}
_KIND_ICONS = {
    "text": "keyboard",
    "choice": "circle-check",
    "choices": "list",
    "number": "percent",
    "date": "calendar",
    "file": "file-up",
}
_FIELD_BY_WHY = {
    "label": "label",
    "longest": "longest",
    "choices": "choices",
    "choices_twice": "choices",
    "range": "most",
    "file": "most_mb",
}
_INVALID = 422
_LEAST_MOST = ("least", "most")
_DAYS = ("earliest", "latest")


def _whole(label: Any, **named: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}), **named
    )


class QuestionForm(forms.Form):
    """One question; which terms are asked for depends on its kind."""

    label = LineField(label=_("Question"), max_length=200)
    note = LineField(
        label=_("Explanation"),
        required=False,
        max_length=500,
        help_text=_("A line below the question, if it needs one."),
    )
    required = forms.BooleanField(label=_("Must be answered"), required=False)

    def __init__(self, kind: str, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.kind = kind
        if kind == "text":
            self.fields["longest"] = _whole(
                _("Longest answer, in characters"), min_value=1, max_value=LONGEST_TEXT
            )
            self.fields["lines"] = forms.BooleanField(
                label=_("More than one line may be written"), required=False
            )
        elif kind in {"choice", "choices"}:
            self.fields["choices"] = TextsField(label=_("Choices"), rows=6, help_text=_("One a line."))
        if kind in {"choices", "number"}:
            of_choices = kind == "choices"
            self.fields["least"] = _whole(_("At least so many") if of_choices else _("Not less than"))
            self.fields["most"] = _whole(_("At most so many") if of_choices else _("Not more than"))
        elif kind == "date":
            for name, label in zip(_DAYS, (_("Not before"), _("Not after")), strict=True):
                self.fields[name] = forms.DateField(
                    label=label,
                    required=False,
                    widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                )
        elif kind == "file":
            self.fields["most_mb"] = _whole(_("At most so many MB"), min_value=1, max_value=MOST_FILE_MB)

    def terms(self) -> dict[str, Any]:
        """Return the terms, as `add_question` wants them."""
        given = self.cleaned_data
        told: dict[str, Any] = {
            name: given[name] for name in ("longest", "lines", *_LEAST_MOST, "most_mb") if name in self.fields
        }
        told |= {name: given[name].isoformat() for name in _DAYS if given.get(name)}
        if "choices" in self.fields:
            told["choices"] = listed_choices(given["choices"])
        return told

    def question(self) -> dict[str, Any]:
        """Return the question, as `add_question` wants it."""
        given = self.cleaned_data
        return {name: given[name] for name in ("label", "note", "required")} | {"terms": self.terms()}


def _known(question: Question) -> dict[str, Any]:
    known = {"label": question.label, "note": question.note, "required": question.required, **question.terms}
    if "choices" in known:
        known["choices"] = "\n".join(known["choices"])
    return known


def _frame(place: EventPlace, **also: Any) -> dict[str, Any]:
    return {
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "place": place,
        "may_change": place.may_write and place.row.status not in {"cancelled", "over"},
        **also,
    }


@require_safe
@signed_in
def questions(request: HttpRequest, event: str) -> HttpResponse:
    """List what the registration asks, in order."""
    return _listed(request, enter_event(request, event))


def _listed(request: HttpRequest, place: EventPlace, refusal: Refusal | None = None) -> HttpResponse:
    asked = asked_questions(place.event.pk)
    shown = _frame(
        place,
        questions=[(one, KIND_WORDS[one.kind], _KIND_ICONS[one.kind], _sentence(one)) for one in asked],
        retired=[(one, KIND_WORDS[one.kind]) for one in asked_questions(place.event.pk, retired=True)],
        kinds=[(kind, KIND_WORDS[kind], _KIND_ICONS[kind]) for kind in KINDS],
        full=len(asked) >= MOST_QUESTIONS,
        refusal=refusal.message(reader_language()) if refusal else "",
    )
    return page(request, "events/publishing_questions.html", shown, status=refusal.status if refusal else 200)


def _sentence(question: Question) -> str:
    """Return what the question takes, in a few words."""
    terms = question.terms
    if question.kind in {"choice", "choices"}:
        return gettext("、").join(terms.get("choices", ()))
    least, most = terms.get("least"), terms.get("most")
    if question.kind == "date":
        least, most = terms.get("earliest"), terms.get("latest")
    if question.kind in {"number", "date"} and (least is not None or most is not None):
        return f"{'' if least is None else least} – {'' if most is None else most}".strip()
    if question.kind == "file":
        return gettext("PDF or picture, up to {mb} MB").format(mb=terms.get("most_mb", MOST_FILE_MB))
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest, event: str) -> HttpResponse:
    """Ask one more question; its kind comes with the address."""
    place = enter_event(request, event, need="events:write")
    kind = request.GET.get("kind", "text")
    kind = kind if kind in KINDS else "text"
    posted = request.method == "POST"
    form = QuestionForm(kind, request.POST if posted else None, initial={"longest": 200, "most_mb": 5})

    def act(actor: Actor, now: datetime) -> Did:
        made = add_question(event_id=place.event.pk, kind=kind, **form.question(), now=now, actor=actor)
        return _did(place, made, gettext("The question is asked."))

    return _answered(request, place, form, act, posted=posted, verb="add_question", question=None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def edit(request: HttpRequest, event: str, question: str) -> HttpResponse:
    """Change a question; one that was answered makes room for another."""
    place = enter_event(request, event, need="events:write")
    known = get_question(place.event.pk, parse_id("qst", question))
    posted = request.method == "POST"
    form = QuestionForm(known.kind, request.POST if posted else None, initial=_known(known))

    def act(actor: Actor, now: datetime) -> Did:
        changed = change_question(
            event_id=place.event.pk, question_id=known.pk, changes=form.question(), now=now, actor=actor
        )
        return _did(place, changed, gettext("Saved."))

    return _answered(request, place, form, act, posted=posted, verb="change_question", question=known)


def _did(place: EventPlace, question: Question, say: str) -> Did:
    return Did(
        go=f"{place.address}/questions", object_id=question.pk, merchant_id=place.event.merchant_id, say=say
    )


def _answered(
    request: HttpRequest,
    place: EventPlace,
    form: QuestionForm,
    act: Any,
    *,
    posted: bool,
    verb: str,
    question: Question | None,
) -> HttpResponse:
    status = 200
    if posted:
        status = _INVALID
        if form.is_valid():
            try:
                return do_once(request, act, actor=place.actor, verb=verb, kind="question")
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, _FIELD_BY_WHY.get(str(refusal.details.get("why", ""))))
    terms = [form[name] for name in form.fields if name not in {"label", "note", "required"}]
    shown = _frame(
        place,
        form=form,
        terms=terms,
        kind=KIND_WORDS[form.kind],
        question=question,
        answered=question is not None and is_answered(question),
    )
    return page(request, "events/publishing_question.html", shown, status=status)


@require_POST
@signed_in
def retirement(request: HttpRequest, event: str, question: str) -> HttpResponse:
    """Ask a question no more."""
    place = enter_event(request, event, need="events:write")
    question_id = parse_id("qst", question)

    def act(actor: Actor, now: datetime) -> Did:
        retired = retire_question(event_id=place.event.pk, question_id=question_id, now=now, actor=actor)
        return _did(place, retired, gettext("The question is no longer asked. Its answers stay."))

    try:
        return do_once(
            request, act, actor=place.actor, verb="retire_question", kind="question", object_id=question_id
        )
    except Refusal as refusal:
        return _listed(request, place, refusal)


@require_POST
@signed_in
def moving(request: HttpRequest, event: str, question: str) -> HttpResponse:
    """Ask a question one place earlier, or later."""
    place = enter_event(request, event, need="events:write")
    question_id = parse_id("qst", question)
    earlier = request.POST.get("to") == "earlier"

    def act(actor: Actor, now: datetime) -> Did:
        move_question(event_id=place.event.pk, question_id=question_id, earlier=earlier, now=now, actor=actor)
        return Did(
            go=f"{place.address}/questions", object_id=question_id, merchant_id=place.event.merchant_id
        )

    try:
        return do_once(
            request, act, actor=place.actor, verb="move_question", kind="question", object_id=question_id
        )
    except Refusal as refusal:
        return _listed(request, place, refusal)


_QUESTIONS = "organise/<str:event>/questions"

urlpatterns: list[URLPattern] = [
    path(_QUESTIONS, questions, name="event-questions"),
    path(f"{_QUESTIONS}/new", new, name="new-question"),
    path(f"{_QUESTIONS}/<str:question>", edit, name="event-question"),
    path(f"{_QUESTIONS}/<str:question>/retirement", retirement, name="question-retirement"),
    path(f"{_QUESTIONS}/<str:question>/place", moving, name="question-place"),
]
