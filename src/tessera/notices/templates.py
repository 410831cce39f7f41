"""What notices say, in both languages; `{names}` are filled from the notice's context."""

from collections.abc import Mapping
from typing import Any

from tessera.notices.errors import ContextIncomplete, TemplateUnknown

__all__ = ["TEMPLATES", "check_context", "text_of"]

TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "points_expiring": {
        "en": "{points} points at {merchant} expire on {expires_on}.",
        "zh-Hans": "您在{merchant}的 {points} 积分将于 {expires_on} 到期。",
    },
    "points_activated": {
        "en": "{points} points at {merchant} can be spent now.",
        "zh-Hans": "您在{merchant}的 {points} 积分现在可以使用了。",
    },
    "points_owed": {
        "en": "After a return you owe {points} points at {merchant}; they will be taken from the next points you earn.",
        "zh-Hans": "因退货，您在{merchant}尚欠 {points} 积分，将从之后获得的积分中抵扣。",
    },
}
"""Template -> language -> text. A text that was used is not reworded; a new wording gets a new name."""


def text_of(template: str, context: Mapping[str, Any], language: str) -> str:
    """Return the text of a notice in `language` ("zh-Hans" or "en"); refuses `template_unknown`."""
    if template not in TEMPLATES:
        raise TemplateUnknown(given=template)
    return TEMPLATES[template][language].format_map(context)


def check_context(template: str, context: Mapping[str, Any]) -> None:
    """See that every text of the template can be made; refuses `template_unknown` and `context_incomplete`."""
    for language in TEMPLATES.get(template, {"": ""}):
        try:
            text_of(template, context, language)
        except KeyError as missing:
            raise ContextIncomplete(template=template, missing=str(missing.args[0])) from None
