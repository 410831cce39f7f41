"""How the composition root says no."""

from tessera.kit.refusals import Refusal

__all__ = ["AlreadyQueued"]


class AlreadyQueued(Refusal):
    """The same job waits in the queue already."""

    code = "already_queued"
    status = 409
    sentence = {
        "en": "The same job is queued already; it will run by itself.",
        "zh-Hans": "同一任务已在队列中，会自行执行。",
    }
