"""Which of the two languages a reader prefers (RFC 9110, Accept-Language)."""

__all__ = ["preferred_language"]


def preferred_language(accept_language: str | None, default: str = "zh-Hans") -> str:
    """Return "zh-Hans" or "en" for an Accept-Language header; `default` where it names neither or is missing."""
    best, best_weight = default, 0.0
    for part in (accept_language or "")[:512].split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        language = {"zh": "zh-Hans", "en": "en"}.get(tag.split("-")[0].lower())
        if language and weight > best_weight:
            best, best_weight = language, weight
    return best
