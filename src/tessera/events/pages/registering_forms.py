"""The form of a registration: made of the event's questions, and read by their rules."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tessera.events.answering import faults_of
from tessera.events.errors.registering import ConsentNeeded, NameMissing
from tessera.events.models import Question
from tessera.events.pages.fields import TextField
from tessera.kit.pages import on_form

__all__ = ["GuestForm", "answers_of"]

_FEW = 7
"""Up to so many choices stand side by side; more are a list to open."""

_GIVEN_BEFORE = "ans_"
_ACCEPT = {"pdf": "application/pdf", "picture": "image/jpeg,image/png,image/webp"}


class GuestForm(forms.Form):
    """Name, the event's questions, and the consent; `consent`: False where it stands already."""

    name = TextField(
        label=_("What shall we call you?"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
        help_text=_("For the list at the door; on the badge only if the organiser prints names."),
    )

    def __init__(
        self,
        questions: Sequence[Question],
        posted: QueryDict | None = None,
        files: "MultiValueDict[str, Any] | None" = None,
        *,
        consent: bool,
        before: Mapping[str, Any] | None = None,
        name: str = "",
    ) -> None:
        self.questions, self.before = questions, dict(before or {})
        initial = {
            f"q-{question.id}": self.before.get(str(question.id))
            for question in questions
            if question.kind != "file"
        }
        super().__init__(posted, files, initial={**initial, "name": name})
        for question in questions:
            self.fields[f"q-{question.id}"] = _field(question, has_file=str(question.id) in self.before)
        if consent:
            self.fields["agree"] = forms.BooleanField(
                required=False,
                label=_("I agree that the organiser uses my answers and my phone number for this event."),
            )

    def clean(self) -> dict[str, Any]:
        """Say at each field what its question does not take."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("name", "").strip() and "name" not in self.errors:
            on_form(self, NameMissing(), "name")
        for question_id, refusal in faults_of(self.questions, self.given()).items():
            on_form(self, refusal, f"q-{question_id}")
        if "agree" in self.fields and not cleaned.get("agree"):
            on_form(self, ConsentNeeded(), "agree")
        return cleaned

    def given(self) -> dict[str, Any]:
        """Return what was answered, by question id; a file that is uploaded now counts as one given before."""
        found = {}
        for question in self.questions:
            key, value = str(question.id), self.cleaned_data.get(f"q-{question.id}")
            if question.kind == "file":
                value = _GIVEN_BEFORE if value else self.before.get(key)
            found[key] = value
        return {key: value for key, value in found.items() if value not in (None, "", [])}

    def uploads(self) -> dict[Question, Any]:
        """Return the files that are uploaded now, by question."""
        found = {
            question: self.cleaned_data.get(f"q-{question.id}")
            for question in self.questions
            if question.kind == "file"
        }
        return {question: file for question, file in found.items() if file}


def _field(question: Question, *, has_file: bool) -> forms.Field:
    label = question.label if question.required else gettext("%s (optional)") % question.label
    named: dict[str, Any] = {"label": label, "help_text": question.note, "required": False}
    choices = [(one, one) for one in question.terms.get("choices", [])]
    if question.kind == "choice" and len(choices) <= _FEW:
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **named)
    if question.kind == "choice":
        return forms.ChoiceField(choices=[("", "·"), *choices], **named)
    if question.kind == "choices":
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **named)
    if question.kind in {"number", "date"}:
        attributes = {"inputmode": "numeric"} if question.kind == "number" else {"type": "date"}
        return forms.CharField(widget=forms.TextInput(attrs=attributes), max_length=20, **named)
    if question.kind == "file":
        return _file_field(question, named, has_file=has_file)
    lines, most = question.terms.get("lines"), question.terms.get("longest")
    attributes = {"maxlength": str(most)} if most else {}
    widget = forms.Textarea(attrs={**attributes, "rows": "4"}) if lines else forms.TextInput(attrs=attributes)
    return forms.CharField(widget=widget, **named)


def _file_field(question: Question, named: dict[str, Any], *, has_file: bool) -> forms.Field:
    kinds = question.terms.get("kinds") or list(_ACCEPT)
    said = {
        ("pdf",): gettext("A PDF, up to %s MB."),
        ("picture",): gettext("A picture (JPEG, PNG, WebP), up to %s MB."),
    }.get(tuple(kinds), gettext("A PDF or a picture, up to %s MB.")) % (question.terms.get("most_mb") or 10)
    if has_file:
        said = gettext("Your file is here. Choose another one only to replace it.")
    named["help_text"] = f"{question.note} {said}".strip()
    widget = forms.FileInput(attrs={"accept": ",".join(_ACCEPT[kind] for kind in kinds if kind in _ACCEPT)})
    return forms.FileField(widget=widget, allow_empty_file=True, **named)


def answers_of(questions: Sequence[Question], answers: Mapping[str, Any]) -> list[tuple[Question, Any]]:
    """Return what was answered, in the order of the questions, for reading; retired ones that were answered too."""
    return [(question, answers[str(question.id)]) for question in questions if str(question.id) in answers]
