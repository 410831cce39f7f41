"""An owner's first hour: from an account without anything to the first member's points."""

import re

from playwright.sync_api import Page, expect

from tests.cast import made_up_phone
from tests.journeys.conftest import NewPage
from tests.journeys.place import Site
from tests.journeys.test_first_purchase import scan, shown_code, sign_up


def sent(page: Page, scope: str = "main") -> None:
    """Press the page's one main button of a form."""
    page.locator(f"{scope} form button.is-primary").first.click()


def done_steps(page: Page, console: str) -> int:
    page.goto(console)
    return page.locator(".steps > li[data-done]").count()


def test_an_owners_first_hour(site: Site, new_page: NewPage) -> None:
    owner, operator = new_page("pc", language="en"), new_page("pc", language="en")
    cashier, member = new_page("phone", language="en"), new_page("phone", language="en")
    phones = {who: made_up_phone() for who in ("owner", "cashier", "member")}
    sign_up(owner, phones["owner"], "Ren")
    sign_up(cashier, phones["cashier"], "Qing")

    # the business: it waits for the operator, and everything can be prepared
    owner.goto("/console")
    owner.locator('a[href="/console/open"]').click()
    owner.locator("[name=name]").fill("福记饼家（二店）")
    owner.locator("[name=store_name]").fill("Corner")
    owner.locator("[name=district]").fill("徐汇区")
    sent(owner)
    owner.wait_for_url("**/console/mer_*")
    console = owner.url
    merchant = re.search(r"mer_\w+", console)
    assert merchant
    expect(owner.locator(".banner.is-warn").first).to_be_visible()

    owner.goto(f"{console}/business")
    owner.locator("[name=phone]").fill("10000000971")
    sent(owner)
    owner.goto(f"{console}/products/new")
    owner.locator("[name=name]").fill("Sesame cake")
    owner.locator("[name=sku]").fill("S-1")
    owner.locator("[name=price]").fill("8.00")
    sent(owner)
    expect(owner.locator("body")).to_contain_text("Sesame cake")

    owner.goto(f"{console}/programme")
    owner.locator("[name=pending_days]").fill("0")
    sent(owner)
    owner.goto(f"{console}/rules/new")
    owner.locator('a[href="?kind=spend"]').click()
    owner.locator("[name=name]").fill("Spending")
    owner.locator("[name=points]").fill("1")
    owner.locator("[name=per]").fill("4.00")
    expect(owner.locator("#preview .strong").first).to_be_visible()
    owner.get_by_role("button", name="Publish the rule").click()
    owner.wait_for_url(re.compile(r"/rules(/rul_\w+)?$"))
    expect(owner.locator("main")).to_contain_text("Spending")

    owner.goto(f"{console}/staff")
    owner.locator("[name=phone]").fill(phones["cashier"])
    owner.locator("[name=role][value=cashier]").check()
    sent(owner)
    expect(owner.locator(".rows")).to_contain_text("Qing")
    assert done_steps(owner, console) == 6

    # before the approval nothing is sold
    cashier.goto("/counter")
    cashier.wait_for_url("**/counter/sto_*")
    expect(cashier.locator(".till .banner.is-warn")).to_be_visible()

    # the operator compares and approves
    site.sign_in(operator, "operator")
    operator.goto("/operator/merchants")
    operator.locator(f'a[href="/operator/merchants/{merchant[0]}"]').first.click()
    expect(operator.locator(".is-comparison").first).to_contain_text("福记饼家")
    operator.get_by_role("button", name="Approve").click()
    expect(operator.locator(".page-head .badge")).to_have_text("Active")
    owner.goto(console)
    expect(owner.locator(".banner.is-warn")).to_have_count(0)

    # the first member's purchase
    sign_up(member, phones["member"], "Mian")
    cashier.goto("/counter")
    cashier.wait_for_url("**/counter/sto_*")
    member.goto("/code")
    scan(cashier, shown_code(member))
    expect(cashier.locator(".till-card")).to_contain_text("Mian")
    scan(cashier, "S-1")
    expect(cashier.locator(".till-points .hero")).to_contain_text("+2")
    cashier.locator("#confirm").click()
    cashier.wait_for_url(re.compile(r"/receipts/pur_"))
    expect(cashier.locator(".outcome .hero")).to_have_text("2")
    member.goto("/wallet")
    expect(member.locator("#wallet .hero")).to_have_text("2")

    owner.goto(console)
    expect(owner.locator(".steps")).to_have_count(0)  # the guide gives way to the figures
    expect(owner.locator("#today ~ .stats").first).to_contain_text("2")

    for _ in range(40):  # told by a job, soon after
        owner.goto("/inbox")
        if owner.get_by_text("福记饼家（二店）").count():
            break
        owner.wait_for_timeout(500)
    expect(owner.get_by_text("福记饼家（二店）").first).to_be_visible()
