"""How publishing an event says no (spec/events.md, step 1)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from tessera.kit.refusals import Refusal

__all__ = [
    "CapacityBelowTaken",
    "EventAlreadyPublished",
    "EventIncomplete",
    "EventTermsInvalid",
    "EventTimesInvalid",
    "NumbersInUse",
    "QuestionInvalid",
    "QuestionRetired",
    "TooManyQuestions",
]


class _Explained:
    """What a refusal says when its detail `why` names one of `reasons`: that one's sentence."""

    sentence: ClassVar[Mapping[str, str]]
    reasons: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    details: dict[str, Any]

    def message(self, language: str) -> str:
        """Return the sentence of the reason, in `language`."""
        return self.reasons.get(str(self.details.get("why")), self.sentence)[language]


class EventTimesInvalid(_Explained, Refusal):
    """The times do not fit together; `why` says which: "end", "doors", "registration", "length", "past"."""

    code = "event_times_invalid"
    status = 422
    sentence = {
        "en": "The times of the event do not fit together.",
        "zh-Hans": "活动的各项时间前后不符。",
    }
    reasons: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "end": {"en": "The end has to be after the beginning.", "zh-Hans": "结束时间须晚于开始时间。"},
        "doors": {
            "en": "The doors have to open before the event ends, and at most seven days before it begins.",
            "zh-Hans": "入场时间须早于活动结束，且最多比开始提前七天。",
        },
        "registration": {
            "en": "Registration has to close after it opens, and no later than the event ends.",
            "zh-Hans": "报名截止须晚于报名开始，且不晚于活动结束。",
        },
        "length": {"en": "An event lasts at most 100 days.", "zh-Hans": "活动最长 100 天。"},
        "past": {
            "en": "The event is over at that time already. Choose a time to come.",
            "zh-Hans": "按此时间活动已经结束，请选择将来的时间。",
        },
    }


class EventTermsInvalid(_Explained, Refusal):
    """Something about numbers, prefixes, circle or review does not fit; `why`: which."""

    code = "event_terms_invalid"
    status = 422
    sentence = {
        "en": "Something about this event does not fit.",
        "zh-Hans": "活动设置有误。",
    }
    reasons: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "title": {
            "en": "The event needs a title of at most 120 characters.",
            "zh-Hans": "请填写活动名称，不超过 120 字。",
        },
        "capacity": {
            "en": "The capacity is a whole number from 1 to 1,000,000, or nothing.",
            "zh-Hans": "名额须为 1 至 1,000,000 的整数，或留空。",
        },
        "numbers": {
            "en": "Numbers start at 0 to 9,000,000 and are written in 1 to 8 digits.",
            "zh-Hans": "号码从 0 至 9,000,000 之间起编，位数为 1 至 8。",
        },
        "prefixes": {
            "en": "A prefix has one to four letters or digits, and no two groups have the same.",
            "zh-Hans": "前缀为 1 至 4 个字母或数字，各组不能相同。",
        },
        "group_question": {
            "en": "Groups come from a question with one choice of this event.",
            "zh-Hans": "分组须来自本活动的一道单选题。",
        },
        "circle": {
            "en": "The circle closes 1 to 365 days after the event, and a guest may have 1 to 500 unanswered requests.",
            "zh-Hans": "活动圈在活动结束 1 至 365 天后关闭，每位来宾的未答复请求上限为 1 至 500。",
        },
        "review": {
            "en": "Registrations are reviewed automatically, by rules or by hand.",
            "zh-Hans": "审核方式为自动、按规则或人工。",
        },
    }


class CapacityBelowTaken(Refusal):
    """More guests are accepted than the new capacity has places."""

    code = "capacity_below_taken"
    status = 409
    sentence = {
        "en": "{taken} guests are accepted already; the capacity cannot be less.",
        "zh-Hans": "已通过 {taken} 位来宾，名额不能少于此数。",
    }


class EventAlreadyPublished(Refusal):
    """The event was published before."""

    code = "event_already_published"
    status = 409
    sentence = {"en": "This event is published already.", "zh-Hans": "活动已经发布。"}


class EventIncomplete(Refusal):
    """Something is missing that guests need; `missing` names it."""

    code = "event_incomplete"
    status = 409
    sentence = {
        "en": "The event cannot be published yet: something in the list below is missing.",
        "zh-Hans": "暂时不能发布：下面的清单还有未完成的项目。",
    }


class NumbersInUse(Refusal):
    """Numbers were given out, so their beginning stays."""

    code = "numbers_in_use"
    status = 409
    sentence = {
        "en": "Numbers were given out already; where they start and how they are written stays.",
        "zh-Hans": "已有来宾领到号码，起始号和位数不能再改。",
    }


class QuestionInvalid(_Explained, Refusal):
    """The terms of a question do not fit its kind; `why`: which."""

    code = "question_invalid"
    status = 422
    sentence = {"en": "The question is not complete.", "zh-Hans": "题目设置不完整。"}
    reasons: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "kind": {"en": "There is no question of this kind.", "zh-Hans": "没有这种题型。"},
        "label": {
            "en": "Write the question in at most 200 characters.",
            "zh-Hans": "请填写题目，不超过 200 字。",
        },
        "longest": {
            "en": "An answer may have 1 to 2,000 characters.",
            "zh-Hans": "回答长度须在 1 至 2,000 字之间。",
        },
        "choices": {
            "en": "Write 2 to 60 choices, one a line, each of at most 100 characters.",
            "zh-Hans": "请填写 2 至 60 个选项，每行一个，每个不超过 100 字。",
        },
        "choices_twice": {"en": "A choice is written twice.", "zh-Hans": "有选项重复。"},
        "range": {
            "en": "The least has to come before the most.",
            "zh-Hans": "下限不能大于上限。",
        },
        "file": {
            "en": "A file is a PDF or a picture of at most 10 MB.",
            "zh-Hans": "文件为 PDF 或图片，不超过 10 MB。",
        },
        "order": {
            "en": "The new order has to name each question once.",
            "zh-Hans": "新的顺序须包含每道题且各一次。",
        },
    }


class QuestionRetired(Refusal):
    """The question is not asked any more."""

    code = "question_retired"
    status = 409
    sentence = {"en": "This question is no longer asked.", "zh-Hans": "此题已停用。"}


class TooManyQuestions(Refusal):
    """The registration asks enough."""

    code = "too_many_questions"
    status = 409
    sentence = {
        "en": "A registration asks at most {most} questions. Retire one first.",
        "zh-Hans": "报名最多 {most} 道题，请先停用一道。",
    }
