"""What is a person's own: profile, picture, consents, a copy of everything, erasure."""

import io
import json
import uuid
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from tessera.kit.models import AuditLine
from tessera.people.models import CodeDevice, Consent, Erasure, Person
from tests.page_cast import PageCast, page_cast

__all__ = ["page_cast"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings) -> Path:
    settings.TESSERA_DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def browser(page_cast: PageCast) -> Client:
    return page_cast.client("member")


@pytest.fixture
def member(page_cast: PageCast) -> Person:
    return Person.objects.get(pk=page_cast.persons["member"])


def send(browser: Client, path: str, **form: object) -> HttpResponse:
    return browser.post(path, {"request_id": uuid.uuid4().hex, **form})


def upload(browser: Client, content: bytes, name: str = "me.jpg") -> HttpResponse:
    return send(browser, "/me/picture", picture=SimpleUploadedFile(name, content, "image/jpeg"))


def photo() -> bytes:
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (900, 600), (20, 90, 60)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def test_a_profile_is_changed_and_the_birthday_once(browser: Client, member: Person) -> None:
    form = {"nickname": "Lin", "district": "Xuhui", "language": "en", "birthday": "1990-02-03"}
    response = send(browser, "/me/profile", **form)
    assert (response.status_code, response["Location"]) == (303, "/me")
    assert response.cookies["tessera_language"].value == "en"
    send(browser, "/me/profile", **{**form, "birthday": "1991-01-01", "nickname": "Mei"})
    member.refresh_from_db()
    assert (member.nickname, member.district, str(member.birthday)) == ("Mei", "Xuhui", "1990-02-03")
    assert b'name="birthday"' not in browser.get("/me/profile").content


def test_an_impossible_birthday_is_said_at_the_field_and_what_was_typed_stays(
    browser: Client, member: Person
) -> None:
    form = {"nickname": "Typed <b>", "district": "", "language": "en", "birthday": "1890-02-03"}
    response = send(browser, "/me/profile", **form)
    assert response.status_code == 422
    shown = response.content.decode()
    assert "A birthday must lie between" in shown
    assert 'value="Typed &lt;b&gt;"' in shown
    member.refresh_from_db()
    assert member.birthday is None
    assert AuditLine.objects.get(outcome="birthday_invalid").verb == "describe_person"


def test_a_picture_comes_goes_and_is_served_for_ever(browser: Client, member: Person, data_dir: Path) -> None:
    assert upload(browser, photo()).status_code == 303
    member.refresh_from_db()
    first = member.picture
    served = browser.get(f"/media/{first}-96.webp")
    assert served["Content-Type"] == "image/webp"
    assert "immutable" in served["Cache-Control"]
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served["Content-Security-Policy"]
    assert b"taken at home" not in browser.get(f"/media/{first}-512.webp").content
    assert f"/media/{first}-512.webp" in browser.get("/me").content.decode()


@pytest.mark.django_db(transaction=False)
def test_the_picture_before_is_removed(
    browser: Client, member: Person, data_dir: Path, django_capture_on_commit_callbacks
) -> None:
    upload(browser, photo())
    with django_capture_on_commit_callbacks(execute=True):
        upload(browser, photo())
    member.refresh_from_db()
    kept = {place.name.split("-")[0] for place in data_dir.rglob("*.webp")}
    assert kept == {member.picture}
    with django_capture_on_commit_callbacks(execute=True):
        assert send(browser, "/me/picture/removal").status_code == 303
    member.refresh_from_db()
    assert member.picture == ""
    assert list(data_dir.rglob("*.webp")) == []
    assert list(data_dir.rglob("*.part")) == []


def test_the_same_form_again_leaves_no_second_picture(browser: Client, data_dir: Path) -> None:
    form = {"request_id": "once"}
    for _ in range(2):
        file = SimpleUploadedFile("me.jpg", photo(), "image/jpeg")
        assert browser.post("/me/picture", {**form, "picture": file}).status_code == 303
    assert len(list(data_dir.rglob("*-512.webp"))) == 1


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 422),
        (b"<html><script>alert(1)</script>", 422),
        (b"\xff\xd8\xff\xe0" + b"x" * 100, 422),
        (b"x" * (10 * 1024 * 1024 + 1), 413),
    ],
)
def test_what_is_no_picture_is_refused_without_a_trace(
    browser: Client, member: Person, data_dir: Path, content: bytes, status: int
) -> None:
    response = upload(browser, content, "me.png")
    assert response.status_code == status
    assert b'id="picture-error"' in response.content
    member.refresh_from_db()
    assert member.picture == ""
    assert list(data_dir.rglob("*.*")) == []


def test_consent_is_given_withdrawn_and_both_are_kept(browser: Client, member: Person) -> None:
    for given in ("yes", "no"):
        assert send(browser, "/me/consents", purpose="news", given=given).status_code == 303
    rows = Consent.objects.filter(person_id=member.id, purpose="news").order_by("id")
    assert [row.given for row in rows] == [True, False]
    assert {row.actor for row in rows} == {f"person:{member.id}"}


@pytest.mark.parametrize(
    "form", [{"purpose": "terms", "given": "no"}, {"purpose": "news", "given": "maybe"}, {}]
)
def test_other_choices_than_those_offered_change_nothing(browser: Client, form: dict[str, str]) -> None:
    before = Consent.objects.count()
    assert send(browser, "/me/consents", **form).status_code == 422
    assert Consent.objects.count() == before


def test_the_copy_holds_what_all_rooms_keep_and_is_noted(browser: Client, member: Person) -> None:
    response = browser.post("/me/export")
    assert response["Content-Disposition"].startswith('attachment; filename="tessera-')
    assert "no-store" in response["Cache-Control"]
    told = json.loads(response.content)
    assert told["person"]["phone"] == member.phone
    assert {"person", "merchants", "points", "orders", "notices"} <= set(told)
    assert [one["points"] for one in told["points"]["movements"]] == [-1, 7]
    [line] = AuditLine.objects.filter(verb="export_person")
    assert line.object_id == str(member.id)


def test_erasure_needs_the_last_digits_and_signs_out(page_cast: PageCast, member: Person) -> None:
    browser = page_cast.client("member")
    upload(browser, photo())
    browser.post("/code/device")
    wrong = f"{(int(member.phone[-4:]) + 1) % 10_000:04d}"
    refused = send(browser, "/me/erasure", digits=wrong)
    assert refused.status_code == 422
    assert not Erasure.objects.filter(person_id=member.id).exists()

    done = send(browser, "/me/erasure", digits=member.phone[-4:])
    assert (done.status_code, done["Location"]) == (303, "/goodbye")
    member.refresh_from_db()
    assert (member.phone, member.nickname, member.picture, member.is_active) == (None, "", "", False)
    assert bytes(CodeDevice.objects.get(person_id=member.id).secret) == b""
    assert not Session.objects.filter(session_key=page_cast.sessions["member"]).exists()
    assert browser.get("/wallet").status_code == 302
    assert browser.get("/goodbye").status_code == 200


def test_erasure_asks_for_a_recent_sign_in(page_cast: PageCast) -> None:
    browser = page_cast.client("member")
    session = browser.session
    session["account_authentication_methods"] = [{"method": "code", "at": 0.0}]
    session.save()
    for response in (browser.get("/me/erasure"), send(browser, "/me/erasure", digits="0000")):
        assert (response.status_code, response["Location"]) == (302, "/sign-in/again?next=/me/erasure")


def test_a_device_is_told_its_secret_again_and_nobody_else_is(page_cast: PageCast) -> None:
    browser = page_cast.client("member")
    first = browser.post("/code/device")
    assert "no-store" in first["Cache-Control"]
    told = json.loads(first.content)
    assert {**json.loads(browser.post("/code/device").content), "at": 0} == {**told, "at": 0}
    assert json.loads(page_cast.client("owner").post("/code/device").content)["number"] != told["number"]
    assert AuditLine.objects.filter(verb="open_code_device").count() == 2
    assert told["secret"] not in browser.get("/code").content.decode()
    assert f'data-device="{told["number"]}"' in browser.get("/code").content.decode()


def test_a_short_code_is_given_as_a_page_without_scripts(page_cast: PageCast) -> None:
    browser = page_cast.client("member")
    asked = browser.post("/code/short", headers={"Accept": "application/json"})
    told = json.loads(asked.content)
    shown = browser.post("/code/short").content.decode()
    assert f"{told['code'][:4]} {told['code'][4:]}" in shown
    assert "<svg" in shown
    assert 0 < told["left_s"] <= 60


@pytest.mark.parametrize(
    ("path", "status"), [("/m/12345678901234", 200), ("/m/123", 404), ("/m/1234567a", 404)]
)
def test_an_ordinary_camera_is_told_what_a_member_code_is(path: str, status: int) -> None:
    assert Client().get(path).status_code == status


def test_forms_of_others_are_refused(page_cast: PageCast) -> None:
    browser = page_cast.client("member", enforce_csrf_checks=True)
    for path in ("/code/device", "/code/short", "/me/export", "/me/erasure", "/me/picture", "/theme"):
        assert browser.post(path).status_code == 403, path
