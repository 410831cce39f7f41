"""How the ledger says no (spec/ledger.md, Posting)."""

from typing import Any

from tessera.kit.errors import IdReused
from tessera.kit.refusals import Refusal

__all__ = [
    "AccountClosed",
    "InsufficientBalance",
    "LotExpired",
    "LotNotExpired",
    "LotNotPending",
    "LotUnknown",
    "ReversalExceedsOriginal",
    "ReversalMustBeWhole",
    "ReversalNotReversible",
    "TransferUnknown",
    "refusal_of",
]


class InsufficientBalance(Refusal):
    """More was asked for than is there and active."""

    code = "insufficient_balance"
    status = 409
    sentence = {
        "en": "{needed} needed, {available} available.",
        "zh-Hans": "需要 {needed}，可用 {available}。",
    }


class AccountClosed(Refusal):
    """The account was closed."""

    code = "account_closed"
    status = 409
    sentence = {"en": "This account is closed.", "zh-Hans": "该账户已关闭。"}


class LotExpired(Refusal):
    """The very lot that is to be used or refilled has expired."""

    code = "lot_expired"
    status = 409
    sentence = {"en": "These points have expired.", "zh-Hans": "这批积分已过期。"}


class LotNotExpired(Refusal):
    """Expiry was asked for before the lot's end."""

    code = "lot_not_expired"
    status = 409
    sentence = {
        "en": "These points are valid until {expires_at}.",
        "zh-Hans": "这批积分的有效期到 {expires_at}，尚未过期。",
    }


class LotNotPending(Refusal):
    """Activation was asked for a lot that is active already: its terms stay."""

    code = "lot_not_pending"
    status = 409
    sentence = {
        "en": "These points have been active since {active_from}.",
        "zh-Hans": "这批积分自 {active_from} 起已生效。",
    }


class LotUnknown(Refusal):
    """There is no such lot in this wallet."""

    code = "lot_unknown"
    status = 404
    sentence = {"en": "There is no such lot of points.", "zh-Hans": "没有这批积分。"}


class ReversalExceedsOriginal(Refusal):
    """A transfer is undone at most once in total."""

    code = "reversal_exceeds_original"
    status = 409
    sentence = {
        "en": "Only {left} of this transfer can still be undone; {asked} was asked for.",
        "zh-Hans": "这笔变动还可撤销 {left}，而本次要求撤销 {asked}。",
    }


class ReversalMustBeWhole(Refusal):
    """A transfer with more than two legs is undone whole."""

    code = "reversal_must_be_whole"
    status = 409
    sentence = {
        "en": "This transfer can only be undone whole ({amount}).",
        "zh-Hans": "这笔变动只能整笔撤销（{amount}）。",
    }


class ReversalNotReversible(Refusal):
    """A reversal is not undone: post the movement again instead."""

    code = "reversal_not_reversible"
    status = 409
    sentence = {
        "en": "A reversal cannot be undone; post the movement again.",
        "zh-Hans": "撤销本身不能再撤销，请重新记一笔。",
    }


class TransferUnknown(Refusal):
    """There is no such transfer in this history."""

    code = "transfer_unknown"
    status = 404
    sentence = {"en": "There is no such transfer.", "zh-Hans": "没有这笔变动。"}


_BY_CODE: dict[str, type[Refusal]] = {
    kind.code: kind
    for kind in (
        AccountClosed, IdReused, InsufficientBalance, LotExpired, LotNotExpired, LotNotPending, LotUnknown,
        ReversalExceedsOriginal, ReversalMustBeWhole, ReversalNotReversible, TransferUnknown,
    )
}  # fmt: skip


def refusal_of(found: dict[str, Any]) -> Refusal:
    """Return the refusal for what a posting function answered: {"code": ..., details}."""
    details = dict(found)
    return _BY_CODE[details.pop("code")](**details)
