"""The contended endpoint of this room: points given or taken by hand."""

from typing import Annotated

import msgspec

from tessera.kit.amounts import MAX_AMOUNT, whole
from tessera.kit.errors import AmountInvalid, RequestInvalid
from tessera.kit.hot import Asked, HotEndpoint
from tessera.kit.ids import show_id
from tessera.merchants.api import MemberIn, Number, merchant_of, named_member
from tessera.points.actions.adjusting import Adjusted, AdjustPoints, handle_adjustments

__all__ = ["HOT_ENDPOINTS"]

Reason = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=200, pattern=r"^[^\u0000-\u001f\u007f]+$(?!\n)", examples=["Goodwill"]
    ),
]


class AdjustmentIn(msgspec.Struct, forbid_unknown_fields=True):
    """Points given (above zero) or taken (below zero) by hand. The same number with the same content has effect once."""

    number: Number
    member: MemberIn
    points: int
    reason: Reason


class AdjustmentOut(msgspec.Struct):
    """What was posted."""

    transfer_id: str
    member_id: str
    number: str
    points: int


def adjustment_command(body: AdjustmentIn, asked: Asked) -> AdjustPoints:
    """Make the command; refuses `amount_invalid`, `request_invalid`, `phone_invalid`, `invalid_id`."""
    if not body.reason.strip():
        raise RequestInvalid(reason="reason: say why")
    if body.points == 0:
        raise AmountInvalid(field="points", least=-MAX_AMOUNT, most=MAX_AMOUNT)
    return AdjustPoints(
        merchant_id=merchant_of(asked),
        number=body.number,
        member=named_member(body.member),
        points=whole(body.points, field="points", least=-MAX_AMOUNT),
        reason=body.reason.strip(),
        actor=asked.actor.name,
        owner_id=asked.owner_id,
        request_id=asked.request_id,
        request_digest=asked.digest,
    )


def shown_adjustment(done: Adjusted) -> AdjustmentOut:
    """Return an adjustment as the API shows it."""
    return AdjustmentOut(
        show_id("txn", done.transfer_id), show_id("per", done.member_id), done.number, done.points
    )


HOT_ENDPOINTS = (
    HotEndpoint(
        name="adjustment",
        summary="Give or take points by hand",
        path="/api/v1/adjustments",
        group="posting",
        scope="points:write",
        body=AdjustmentIn,
        answer=AdjustmentOut,
        command=adjustment_command,
        handle=handle_adjustments,
        shown=shown_adjustment,
        is_repeat=lambda done: done.repeat,
        tag="points",
    ),
)
