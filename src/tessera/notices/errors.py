"""How the room `notices` says no."""

from tessera.kit.refusals import Refusal

__all__ = ["ContextIncomplete", "TemplateUnknown"]


class TemplateUnknown(Refusal):
    """A notice without words."""

    code = "template_unknown"
    status = 422
    sentence = {"en": "There is no notice “{given}”.", "zh-Hans": "没有名为“{given}”的通知模板。"}


class ContextIncomplete(Refusal):
    """A notice whose text could not be filled."""

    code = "context_incomplete"
    status = 422
    sentence = {
        "en": "The notice “{template}” needs “{missing}”.",
        "zh-Hans": "通知模板“{template}”缺少“{missing}”。",
    }
