"""No personal data in logs."""

import logging

import pytest
import structlog

from tessera.site.logs import configure, without_personal_data


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("person +8610012345678 came", "person +86… came"),
        ("person 10012345678 came", "person 100… came"),
        ("GET /api/v1/persons?phone=%2B8610012345678", "GET /api/v1/persons?…"),
        ("mail to a.b@example.org", "mail to …@…"),
        ("duplicate key\nDETAIL:  Key (phone)=(x) already exists.\nnext", "duplicate key\nnext"),
        ("per_0cq3l4m5n6o7p8q9r0s1t2u3v4 took 12 ms", "per_0cq3l4m5n6o7p8q9r0s1t2u3v4 took 12 ms"),
    ],
)
def test_words_without_personal_data(text: str, kept: str) -> None:
    assert without_personal_data(text) == kept


def test_lines_are_json_and_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    try:
        configure({"level": "INFO"})
        structlog.get_logger("tessera.try").info("Called %s", "+8610012345678", phone="+8610012345678", ms=3)
        logging.getLogger("django.request").warning(
            "Not Found: %s", "/x?phone=10012345678", extra={"request": object()}
        )
    finally:
        root.handlers = before
        root.setLevel(level)
    first, second = capsys.readouterr().err.strip().splitlines()
    assert '"event": "Called +86…"' in first
    assert '"phone": "+86…"' in first
    assert '"ms": 3' in first
    assert "/x?…" in second
    assert "100123" not in first + second
