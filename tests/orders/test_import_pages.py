"""Files of purchases through a browser: upload, columns, what would be read, the job behind it, faults."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse

from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id
from tessera.orders import jobs
from tessera.orders.imports import uploads
from tessera.orders.models import Import, Purchase
from tests.page_cast import PageCast, make_page_cast

HEADER = "小票号,交易时间,商品编码,数量,实付金额,手机号\n"
LINES = (
    "S-1,2026-05-01 10:00,T-1,2,20.00,+8610012340001\n"
    "S-1,2026-05-01 10:00,T-1,1,10.00,+8610012340001\n"
    "S-2,2026-05-01 11:00,T-1,一,10.00,+8610012340002\n"
    "S-3,2026-05-01 12:00,NEW,1,10.00,+8610012340003\n"
)


@pytest.fixture
def cast(committed: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> PageCast:
    """The cast, committed: the job has a connection of its own; its files lie in a place of this test."""
    settings.TESSERA_DATA_DIR = tmp_path
    return make_page_cast()


def post(cast: PageCast, path: str, form: dict[str, Any], who: str = "owner") -> HttpResponse:
    body = {"request_id": uuid.uuid4().hex, **form}
    return cast.client(who).post(
        path if path.startswith("/console") else f"/console/{cast.merchant}{path}", body
    )


def upload(cast: PageCast, content: bytes, name: str = "till.csv", who: str = "owner") -> HttpResponse:
    return post(cast, "/imports", {"file": SimpleUploadedFile(name, content, "text/csv")}, who)


MAPPED = {
    "encoding": "auto", "date_order": "year", "role_receipt": "小票号", "role_occurred_at": "交易时间",
    "role_product": "商品编码", "role_quantity": "数量", "role_amount": "实付金额", "role_phone": "手机号",
}  # fmt: skip


def begun(cast: PageCast, content: str = HEADER + LINES, **form: str) -> tuple[str, Import]:
    """Upload, begin, and return the import with its address."""
    kept = upload(cast, content.encode("gb18030"))
    assert kept.status_code == 303, kept.content.decode()
    answer = post(cast, kept["Location"], {**MAPPED, **form})
    assert answer.status_code == 303, answer.content.decode()
    return answer["Location"], Import.objects.get(pk=parse_id("imp", answer["Location"].rsplit("/", 1)[1]))


def test_a_file_is_looked_at_before_anything_is_recorded(cast: PageCast) -> None:
    kept = upload(cast, (HEADER + LINES).encode("gb18030"))
    html = cast.client("owner").get(kept["Location"]).content.decode()
    assert "Read as GB 18030" in html
    assert '<option value="小票号" selected>' in html
    assert "is not a whole number other than 0" in html
    assert "1 product is not in your catalogue: NEW" in html
    assert not Import.objects.filter(
        merchant_id=parse_id("mer", cast.merchant), file_name="till.csv"
    ).exists()


def test_the_job_brings_it_in_and_names_the_faults(cast: PageCast) -> None:
    address, row = begun(cast)
    owner = cast.client("owner")
    assert 'hx-trigger="every 1s"' in owner.get(address).content.decode()
    jobs.bring_in_upload(str(row.id))
    row.refresh_from_db()
    assert row.finished_at is not None
    assert (row.counts["purchases"], row.counts["lines_at_fault"], row.counts["lines_in_file"]) == (1, 2, 4)
    html = owner.get(address).content.decode()
    assert "In, but for some lines" in html
    assert "hx-trigger" not in html.split("<main")[1]
    faults = owner.get(f"{address}/faults.csv").getvalue().decode("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in faults[1:]] == [["4", "S-2"], ["5", "S-3"]]
    assert owner.get(f"{address}/progress")["HX-Refresh"] == "true"
    with pytest.raises(NotFound):
        uploads.load_upload(row.id)


def test_products_are_listed_where_that_is_wanted(cast: PageCast) -> None:
    _, row = begun(cast, add_products="on")
    jobs.bring_in_upload(str(row.id))
    row.refresh_from_db()
    assert (row.counts["purchases"], row.counts["lines_at_fault"]) == (2, 1)


def test_a_killed_job_goes_on_behind_what_is_in(cast: PageCast, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "".join(f"K-{n},2026-05-01 10:00,T-1,1,10.00,+86100123{n:05d}\n" for n in range(250))
    _, row = begun(cast, HEADER + lines)
    real, calls = jobs.bring_in, []

    def killed(*given: Any, **named: Any) -> Any:
        for place, done in enumerate(real(*given, **named)):
            calls.append(done)
            yield done
            if place == 2:
                raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "bring_in", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.bring_in_upload(str(row.id))
    row.refresh_from_db()
    assert (row.next_place, row.finished_at) == (200, None)
    monkeypatch.setattr(jobs, "bring_in", real)
    jobs.bring_in_upload(str(row.id))
    row.refresh_from_db()
    assert (row.counts["purchases"], row.counts["repeats"], row.next_place) == (250, 0, 250)
    assert (
        Purchase.objects.filter(merchant_id=row.merchant_id, receipt_number__startswith="K-").count() == 250
    )


def test_the_same_file_is_in_once(cast: PageCast) -> None:
    _, row = begun(cast)
    jobs.bring_in_upload(str(row.id))
    address, again = begun(cast)
    assert again.id == row.id
    assert "nothing is done again" in cast.client("owner").get(address).content.decode() or again.finished_at


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"PK\x03\x04rest", "book.xlsx"), (b"\x1f\x8bpacked", "till.csv.gz"), (b"", "empty.csv")],
)
def test_what_is_no_csv_is_refused_at_the_field(cast: PageCast, content: bytes, name: str) -> None:
    answer = upload(cast, content, name)
    assert answer.status_code == 422
    assert 'class="field-error"' in answer.content.decode()
    place = Path(settings.TESSERA_DATA_DIR, "uploads")
    assert not place.exists() or not list(place.iterdir())


def test_a_file_that_is_too_large_is_refused(cast: PageCast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    assert upload(cast, HEADER.encode()).status_code == 413
    assert not list(Path(settings.TESSERA_DATA_DIR, "uploads").iterdir())


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"role_phone": ""}, "Choose the column that names the member"),
        ({"role_receipt": ""}, "This field is required"),
        ({"role_receipt": "商品编码"}, "already holds something else"),
        ({"role_receipt": "no such"}, "Select a valid choice"),
    ],
)
def test_columns_that_do_not_do_are_said_at_their_field(
    cast: PageCast, form: dict[str, str], said: str
) -> None:
    kept = upload(cast, (HEADER + LINES).encode())
    answer = post(cast, kept["Location"], {**MAPPED, **form})
    assert answer.status_code == 422
    assert said in answer.content.decode()


def test_an_upload_is_its_shops_alone(cast: PageCast) -> None:
    kept = upload(cast, (HEADER + LINES).encode())
    theirs = kept["Location"].replace(cast.merchant, cast.other_merchant)
    assert cast.client("other").get(theirs).status_code == 404
    assert upload(cast, HEADER.encode(), who="cashier").status_code == 403


def test_uploads_that_nobody_goes_on_with_are_deleted(cast: PageCast) -> None:
    from datetime import timedelta

    from tessera.kit import clock

    upload(cast, HEADER.encode())
    assert uploads.forget_old_uploads(clock.now()) == 0
    assert uploads.forget_old_uploads(clock.now() + timedelta(days=8)) == 1
    assert not list(Path(settings.TESSERA_DATA_DIR, "uploads").iterdir())
