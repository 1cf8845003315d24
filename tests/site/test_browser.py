"""The website in real Chromium, at phone and at desktop width."""

import re

import pytest

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PICTURES = """[...document.querySelectorAll('.bd-article img')].map(
    i => ({alt: i.alt, seen: i.naturalWidth > 0, src: i.src.slice(0, 80)}))"""
MATH = """({asked: document.querySelectorAll('.math').length,
    set: document.querySelectorAll('mjx-container').length,
    errors: document.querySelectorAll('mjx-merror, [data-mjx-error]').length,
    fonts: [...document.fonts].filter(f => /MJX/.test(f.family) && f.status == 'loaded').length})"""


def visit(page, name):
    """Open a page and wait until the theme's scripts answer to keys and clicks."""
    answer = page.goto(name)
    page.wait_for_selector("button[data-bs-original-title]", state="attached")
    return answer


def test_page(page, page_name):
    visit(page, page_name)
    page.wait_for_load_state("networkidle")
    if page.locator(".math").count():
        page.wait_for_selector("mjx-container")
        math = page.evaluate(MATH)
        assert math["set"] >= math["asked"] and math["fonts"] and not math["errors"]
    for picture in page.evaluate(PICTURES):
        assert picture["seen"], picture
        assert len(picture["alt"].split()) >= 3, picture
        assert not re.search(r"/|\.(png|jpe?g|gif|svg|webp)$", picture["alt"]), picture
    assert page.evaluate(OVERFLOW) <= 0
    assert page.faults == []


def test_first_page_leads_to_the_book(page):
    page.goto("index.html")
    page.wait_for_url("**/book/index.html")
    assert page.locator(".bd-article h1:visible").count() == 1
    assert page.faults == []


def test_dark_mode(page):
    visit(page, "book/index.html")
    seen = {}
    for _ in range(3):
        page.locator(".theme-switch-button:visible").click()
        theme = page.locator("html").get_attribute("data-theme")
        seen[theme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert set(seen) == {"light", "dark"} and seen["light"] != seen["dark"]
    assert page.faults == []


@pytest.mark.parametrize("width", [390], indirect=True)
def test_menu_on_a_phone(page):
    visit(page, "book/index.html")
    link = page.get_by_role("link", name="Glossary", exact=True).first
    assert not link.is_visible()
    page.locator(".primary-toggle:visible").click()
    link.click()
    page.wait_for_url("**/book/glossary.html")
    assert page.faults == []


def test_search(page):
    visit(page, "book/index.html")
    page.keyboard.press("Control+k")
    page.locator("dialog[open] input[type=search]").fill("discriminator")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=discriminator**")
    page.wait_for_selector("ul.search li a")
    links = page.locator("ul.search li a").evaluate_all("all => all.map(a => a.href)")
    assert any("/book/glossary.html" in link for link in links)
    assert page.faults == []


def test_solutions_unfold_by_keyboard(page, chapter):
    visit(page, f"{chapter}.html")
    solution = page.locator("details", has_text="Solution").first
    solution.locator("summary").focus()
    page.keyboard.press("Enter")
    assert solution.get_attribute("open") is not None
    assert page.evaluate(OVERFLOW) <= 0


def test_missing_page(page):
    answer = visit(page, "no/such/page.html")
    assert answer.status == 404
    assert "does not exist" in page.locator("article").inner_text()
    assert page.locator("link[href*='book.css']").count() == 1
    page.faults = [f for f in page.faults if "page.html" not in f and "status of 404" not in f]
    assert page.faults == []
    page.get_by_role("link", name="first page of the book").click()
    page.wait_for_url("**/book/index.html")
