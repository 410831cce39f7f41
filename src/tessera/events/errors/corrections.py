"""How a correction says no (spec/events.md, step 10)."""

from tessera.kit.refusals import Refusal

__all__ = [
    "CorrectionDecided",
    "CorrectionOpen",
    "NotArrived",
    "NumberIsOwn",
    "NumberLeased",
    "NumberNotGiven",
    "NumberOutOfRange",
    "NumberTaken",
    "NumberVoid",
]


class NotArrived(Refusal):
    """The guest has no number (any more): he has not arrived, or the arrival was undone."""

    code = "not_arrived"
    status = 409
    sentence = {
        "en": "This guest has not arrived, so there is no number yet.",
        "zh-Hans": "该来宾尚未签到，还没有号码。",
    }


class CorrectionOpen(Refusal):
    """The guest has asked already and waits for the answer."""

    code = "correction_open"
    status = 409
    sentence = {
        "en": "A correction is already waiting. Withdraw it to ask for another number.",
        "zh-Hans": "已有一条更正申请待处理，撤回后才能重新申请。",
    }


class CorrectionDecided(Refusal):
    """Somebody else was quicker, or the guest has withdrawn it; `state` says which."""

    code = "correction_decided"
    status = 409
    sentence = {
        "en": "This correction is no longer open; reload to see what became of it.",
        "zh-Hans": "此更正申请已处理或已撤回，刷新后可查看结果。",
    }


class NumberIsOwn(Refusal):
    """The number asked for is the guest's own."""

    code = "number_is_own"
    status = 422
    sentence = {
        "en": "{number} is this guest's number already.",
        "zh-Hans": "该来宾的号码本来就是 {number}。",
    }


class NumberTaken(Refusal):
    """Another guest has the number."""

    code = "number_taken"
    status = 409
    sentence = {
        "en": "Another guest has number {number}. If the two have each other's badge, swap them.",
        "zh-Hans": "{number} 号已有来宾使用；如两人胸牌互相拿错，请选择互换。",
    }


class NumberVoid(Refusal):
    """The number was void once; it is never given again."""

    code = "number_void"
    status = 409
    sentence = {
        "en": "Number {number} is void and is never given again.",
        "zh-Hans": "{number} 号已作废，不会再次使用。",
    }


class NumberLeased(Refusal):
    """A terminal holds the number in a block, and may be giving it without a network this very moment."""

    code = "number_leased"
    status = 409
    sentence = {
        "en": "Number {number} is held by the terminal of {door} and may be given there at any moment.",
        "zh-Hans": "{number} 号已预留给“{door}”的终端，随时可能在那里发出。",
    }


class NumberOutOfRange(Refusal):
    """The number lies outside of those that this event gives; `first` to `last` it gives."""

    code = "number_out_of_range"
    status = 422
    sentence = {
        "en": "Choose a number from {first} to {last}.",
        "zh-Hans": "请选择 {first} 到 {last} 之间的号码。",
    }


class NumberNotGiven(Refusal):
    """Nobody has the number, so there is nobody to swap with."""

    code = "number_not_given"
    status = 409
    sentence = {
        "en": "Nobody has number {number}, so there is nobody to swap with.",
        "zh-Hans": "没有来宾使用 {number} 号，无法互换。",
    }
