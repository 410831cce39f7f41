"""`tessera replay sfhh`: real arrivals by twelve terminals at once, the first meetings, and a difference that is named."""

import csv
import gzip
import itertools
import shutil
from pathlib import Path

import pytest

from tessera.events.models import Arrival, Event, Registration
from tessera.site.conference import ConferenceError, replay_conference
from tessera.talk.models import Message
from tests.tidy.source import ROOT

REAL = ROOT.parent / "shared" / "data" / "sociopatterns"
MEETINGS = 120

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """All real arrivals, and the first of the meetings."""
    if not REAL.is_dir():
        pytest.skip(f"the public data set is not at {REAL}")
    shutil.copy(REAL / "expected_arrivals.csv", tmp_path)
    with gzip.open(REAL / "expected_contact_runs.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        some = list(itertools.islice(lines, MEETINGS + 1))
    with gzip.open(tmp_path / "expected_contact_runs.csv.gz", "wt", encoding="utf-8", newline="") as out:
        out.writelines(some)
    return tmp_path


def test_arrivals_and_meetings_come_out_as_expected(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay_conference(folder, verify=True) == 0
    assert "403 arrivals" in capsys.readouterr().err
    event = Event.objects.get(title="SFHH conference 2009")
    assert Message.objects.filter(circle_id=event.id).count() == MEETINGS
    assert replay_conference(folder, verify=True) == 0, "a second time nothing changes"
    assert Message.objects.filter(circle_id=event.id).count() == MEETINGS
    _swap_two(event)
    assert replay_conference(folder, verify=True) == 1
    assert "expected" in capsys.readouterr().err


def _swap_two(event: Event) -> None:
    """Let the first and the last guest have each other's numbers."""
    first = Arrival.objects.get(event_id=event.id, number=1)
    last = Arrival.objects.get(event_id=event.id, number=403)
    for arrival, number in ((last, 9_999), (first, 403), (last, 1)):
        arrival.number = number
        arrival.save(update_fields=["number"])
    assert Registration.objects.filter(event_id=event.id).count() == 403


def test_a_folder_without_the_set_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConferenceError, match="cannot be read"):
        replay_conference(tmp_path, verify=False)
    with (tmp_path / "expected_arrivals.csv").open("w", newline="") as out:
        csv.writer(out).writerows([["first_seen_s", "person"], ["soon", "1"]])
    with pytest.raises(ConferenceError, match="not as it should be"):
        replay_conference(tmp_path, verify=False)
