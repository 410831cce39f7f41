"""`tessera replay rladies`: real meet-ups with their zones, capacities and clashes; what it compares, and that it starts again."""

import csv
import gzip
import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tessera.events.models import Cancellation, Event, Registration
from tessera.site.gatherings import MeetupError, replay_meetups
from tessera.site.meetups import nearest_zone, read_admissions, read_duration, read_meetups, read_overlaps
from tests.tidy.source import ROOT

REAL = ROOT.parent / "shared" / "data" / "rladies_events"
SOME = 40

HEADINGS = [
    "event_id",
    "group",
    "group_name",
    "title",
    "status",
    "start",
    "duration",
    "created",
    "yes",
    "waitlist",
    "total",
    "venue",
    "venue_type",
    "address",
    "city",
    "country",
    "lat",
    "lon",
    "source_file",
]
LONDON = ("Hall", "", "1 High Street", "London", "gb", "51.5", "-0.1")
NOWHERE = ("", "", "", "", "", "", "")


@pytest.fixture
def real() -> Path:
    """The set itself, read in place."""
    if not REAL.is_dir():
        pytest.skip(f"the public data set is not at {REAL}")
    return REAL


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    """Five meet-ups of two groups in the set's own form; ids are new in every run."""
    mark = secrets.token_hex(4)
    lines = [
        ("1", "PAST", "2024-03-31T18:00:00+01:00", "PT2H", 3, 2, LONDON),
        ("2", "CANCELLED", "2024-03-31T19:00:00+01:00", "PT1H30M", 1, 0, LONDON),
        ("3", "PAST", "2024-06-01T18:00:00+05:45", "PT0S", 2, 1, NOWHERE),
        ("4", "PAST", "2024-06-02T23:30:00-07:00", "PT120H", 0, 0, NOWHERE),
        ("5", "PAST", "2024-03-31T20:00:00+01:00", "PT1H", 5, 0, LONDON),
    ]
    with gzip.open(tmp_path / "events.csv.gz", "wt", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADINGS)
        for name, status, start, duration, yes, waitlist, (venue, *where) in lines:
            group = f"{mark}-{'a' if name in '125' else 'b'}"
            writer.writerow([
                f"{mark}{name}", group, group, f"Meeting {name}", status, start, duration, "2024-01-02T10:00:00+01:00",
                yes, waitlist, yes, venue, *where, "made up",
            ])  # fmt: skip
    with (tmp_path / "expected_times_and_admissions.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(
            ["event_id", "start", "start_utc", "duration", "end_utc", "local_date", "yes", "waitlist"]
        )
        for name, start, end, duration, day, yes, waitlist in [
            ("1", "2024-03-31T17:00:00Z", "2024-03-31T19:00:00Z", "PT2H", "2024-03-31", 3, 2),
            ("2", "2024-03-31T18:00:00Z", "2024-03-31T19:30:00Z", "PT1H30M", "2024-03-31", 1, 0),
            ("3", "2024-06-01T12:15:00Z", "2024-06-01T12:15:00Z", "PT0S", "2024-06-01", 2, 1),
            ("4", "2024-06-03T06:30:00Z", "", "PT120H", "2024-06-02", 0, 0),
            ("5", "2024-03-31T19:00:00Z", "2024-03-31T20:00:00Z", "PT1H", "2024-03-31", 5, 0),
        ]:
            writer.writerow([f"{mark}{name}", "", start, duration, end, day, yes, waitlist])
    with (tmp_path / "expected_overlaps_same_group.csv").open("w", newline="") as out:
        csv.writer(out).writerows([
            ("group", "event_a", "event_b"),
            (f"{mark}-a", f"{mark}1", f"{mark}2"),
            (f"{mark}-a", f"{mark}2", f"{mark}5"),
        ])  # fmt: skip
    return tmp_path


@pytest.mark.usefixtures("committed")
def test_what_was_brought_in_comes_out_as_expected(made_up: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay_meetups(made_up, verify=True) == 0
    said = capsys.readouterr().err
    assert "5 events in 3 UTC offsets, 11 accepted and 3 waitlisted guests, 2 clashes" in said
    before = (Event.objects.count(), Registration.objects.count())
    assert replay_meetups(made_up, verify=True) == 0, "a second time nothing changes"
    assert (Event.objects.count(), Registration.objects.count()) == before
    groups = {one.group for one in read_meetups(made_up)}
    events = {
        one.title: one for one in Event.objects.filter(text__in=groups).select_related("merchant", "seats")
    }
    assert len({one.merchant_id for one in events.values()}) == 2
    assert events["Meeting 1"].time_zone == "Europe/London"
    assert (events["Meeting 3"].time_zone, events["Meeting 1"].seats.taken) == ("Asia/Kathmandu", 3)
    assert Cancellation.objects.filter(event=events["Meeting 2"]).exists()
    phones = Registration.objects.filter(event_id=events["Meeting 1"].id).values_list("phone", flat=True)
    assert len(set(phones)) == 5
    assert all(phone is not None and phone.startswith("+86100") for phone in phones)


@pytest.mark.usefixtures("committed")
def test_a_difference_is_named(made_up: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay_meetups(made_up, verify=True) == 0
    overlaps = made_up / "expected_overlaps_same_group.csv"
    kept = overlaps.read_text()
    overlaps.write_text(kept.rsplit("\n", 2)[0] + "\n")
    assert replay_meetups(made_up, verify=True) == 1
    assert "Differs at the clash of" in capsys.readouterr().err
    overlaps.write_text(kept)
    meetup = read_meetups(made_up)[0]
    guest = Registration.objects.filter(state="waitlisted", event_id=_event_of(meetup.group, meetup.title))
    guest.update(state="declined")
    assert replay_meetups(made_up, verify=True) == 1
    assert f"Differs at event {meetup.id}" in capsys.readouterr().err


def _event_of(group: str, title: str) -> Any:
    return Event.objects.get(text=group, title=title).id


def test_a_folder_without_the_set_is_said(tmp_path: Path) -> None:
    with pytest.raises(MeetupError, match="cannot be read"):
        replay_meetups(tmp_path, verify=False)
    with gzip.open(tmp_path / "events.csv.gz", "wt") as out:
        out.write("event_id,group\n1,a\n")
    with pytest.raises(MeetupError, match="not as it should be"):
        replay_meetups(tmp_path, verify=False)


@pytest.mark.parametrize(
    ("text", "minutes"), [("PT2H", 120), ("PT1H30M", 90), ("PT0S", 0), ("PT80H59M", 4859), ("P1DT1M", 1441)]
)
def test_durations_are_read(text: str, minutes: int) -> None:
    assert read_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "P", "PT", "2H", "PT-2H", "PT1.5H"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        read_duration(text)


@pytest.mark.parametrize(
    ("starts", "place", "zone"),
    [
        ("2016-07-01T18:00:00+01:00", ("51.5", "-0.1"), "Europe/London"),
        ("2016-12-01T18:00:00+00:00", ("51.5", "-0.1"), "Europe/London"),
        ("2016-12-01T18:00:00+05:30", None, "Asia/Kolkata"),
        ("2016-12-01T18:00:00+00:00", None, "UTC"),
        ("2016-07-01T18:00:00-05:00", ("41.9", "-87.6"), "America/Chicago"),
        ("2016-07-01T18:00:00-05:00", ("51.5", "-0.1"), None),
    ],
)
def test_a_zone_is_near_and_shows_the_offset(
    starts: str, place: tuple[str, str] | None, zone: str | None
) -> None:
    at = datetime.fromisoformat(starts)
    found = nearest_zone(at, [(Decimal(place[0]), Decimal(place[1]))] if place else [])
    if zone is not None:
        assert found == zone
    assert at.astimezone(ZoneInfo(found)).utcoffset() == at.utcoffset()


def test_every_real_event_gets_a_zone_that_shows_its_local_day(real: Path) -> None:
    expected = read_admissions(real)
    meetups = read_meetups(real)
    assert (len(meetups), len(read_overlaps(real))) == (5_227, 69)
    for one in meetups:
        zone = ZoneInfo(nearest_zone(one.starts, []))
        assert one.starts.astimezone(zone).date().isoformat() == expected[one.id].local_date
        assert one.starts.astimezone(zone).utcoffset() == one.starts.utcoffset()


@pytest.mark.usefixtures("committed")
def test_the_first_real_events_come_out_as_expected(real: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay_meetups(real, verify=True, most=SOME) == 0
    assert f"Verified: {SOME} events" in capsys.readouterr().err
    assert replay_meetups(real, verify=True, most=SOME) == 0
