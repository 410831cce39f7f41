"""How the composition root says no."""

from tessera.kit.refusals import Refusal

__all__ = ["AlreadyQueued", "BodyIncomplete"]


class AlreadyQueued(Refusal):
    """The same job waits in the queue already."""

    code = "already_queued"
    status = 409
    sentence = {
        "en": "The same job is queued already; it will run by itself.",
        "zh-Hans": "同一任务已在队列中，会自行执行。",
    }


class BodyIncomplete(Refusal):
    """A form or file that ended early or came too slowly."""

    code = "body_incomplete"
    status = 408
    sentence = {
        "en": "What you sent did not arrive in full. Nothing was done; send it again.",
        "zh-Hans": "内容未能完整送达，本次未作任何处理，请重新提交。",
    }
