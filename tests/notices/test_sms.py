"""Text messages leave by a port, and each leaves a row that names nobody."""

import json
from pathlib import Path

import pytest

from tessera.kit.actors import SYSTEM
from tessera.kit.keyed import keyed_digest
from tessera.notices.actions.sms import send_sms
from tessera.notices.models import SmsMessage
from tessera.notices.sms import SMS_PORTS, Sms
from tests.cast import NOW

pytestmark = pytest.mark.django_db
PHONE = "+8610012345678"


def sent(port: str, place: Path) -> SmsMessage:
    return send_sms(
        phone=PHONE,
        text="123456 is your code",
        kind="sign_in",
        port=port,
        data_dir=place,
        now=NOW,
        actor=SYSTEM,
    )


def test_file(tmp_path: Path) -> None:
    row = sent("file", tmp_path / "new")
    line = json.loads((tmp_path / "new" / "sms.jsonl").read_text())
    assert line == {
        "at": NOW.isoformat(), "kind": "sign_in", "phone": "100****5678", "text": "123456 is your code",
    }  # fmt: skip
    assert (row.phone_masked, row.kind, row.outcome, row.sent_at) == ("100****5678", "sign_in", "sent", NOW)
    assert row.phone_digest == keyed_digest("phone", PHONE)


def test_console(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert sent("console", tmp_path).outcome == "sent"
    said = capsys.readouterr().out
    assert "123456" in said
    assert "12345678" not in said


def test_off_and_a_port_that_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_sms: Sms, _place: Path) -> None:
        raise OSError

    monkeypatch.setitem(SMS_PORTS, "broken", broken)
    assert [sent(port, tmp_path).outcome for port in ("off", "nonsense", "broken")] == [
        "off",
        "off",
        "failed",
    ]
    assert SmsMessage.objects.count() == 3


def test_digests_of_different_things_differ() -> None:
    assert keyed_digest("phone", "a") != keyed_digest("address", "a")
    assert keyed_digest("code", "ab", "c") != keyed_digest("code", "a", "bc")
