"""Somebody who has never seen emotoon makes a sticker in a browser, on a phone and on a desktop."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests import faces
from tests.site import serving

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
RENDER_MS = 240_000


@pytest.fixture(scope="module")
def site(site_var):
    with serving(site_var) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    contexts = []

    def _open(width: int, locale: str) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.troubles = []
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.on("console", lambda line: page.troubles.append(line.text) if line.type == "error" else None)
        return page

    yield _open
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "me.png"
    Image.fromarray(faces.astronaut()).save(path)
    return path


def fits(page: Page) -> bool:
    width = page.viewport_size["width"]
    return page.evaluate("document.documentElement.scrollWidth") <= width


def until(page: Page, expression: str) -> None:
    """Wait for a condition. Playwright's own way needs eval, which our content policy forbids."""
    ends = time.monotonic() + 60
    while not page.evaluate(expression):
        assert time.monotonic() < ends, expression
        page.wait_for_timeout(100)


def sign_up(page: Page, site: str, name: str) -> None:
    page.goto(site + "/sign-up/")
    page.fill("#id_email", f"{name}@example.com")
    page.fill("#id_password", "a long password")
    page.click("main button.button")
    page.wait_for_url("**/create/")


@pytest.mark.parametrize(("width", "locale"), [(360, "ko-KR"), (1280, "en-US")])
def test_from_the_landing_page_to_a_pack_in_a_zip(site, open_page, photo, width, locale):
    page = open_page(width, locale)
    page.goto(site)
    assert fits(page)
    sign_up(page, site, f"first-{width}")
    page.set_input_files("#photo", photo)
    page.check("input[name=consent][value=self]")
    page.fill("#sentence", "생일 축하해!!")
    chip = page.wait_for_selector(".chip input:checked")
    assert chip.get_attribute("value") == "bday_wish"
    assert page.is_visible("#preview")
    assert fits(page)
    page.click("#make")
    page.wait_for_selector("#status .working, #status .stage")
    assert fits(page)
    sticker = page.wait_for_selector("#status .stage img", timeout=RENDER_MS)
    until(page, "document.querySelector('#status .stage img').naturalWidth === 512")
    assert "생일 축하해!!" in sticker.get_attribute("alt")
    assert fits(page)
    page.fill("input[name=title]", "우주 팩")
    page.click("form.row button.button")
    page.wait_for_url("**/packs/*/")
    assert fits(page)
    with page.expect_download() as download:
        page.click("a[download]")
    names = zipfile.ZipFile(Path(download.value.path())).namelist()
    assert set(names) == {"still/01.png", "webm/01.webm", "webp/01.webp", "README.txt"}
    assert page.troubles == []


def test_mistakes_are_said_where_they_were_made(site, open_page, tmp_path):
    page = open_page(360, "ko-KR")
    sign_up(page, site, "mistakes")
    page.click("#make")
    assert "적어 주세요" in page.text_content("[role=alert]")
    page.fill("#sentence", "안녕")
    page.click("#make")
    page.wait_for_selector("[role=alert]:has-text('얼굴 사진을 골라 주세요')")
    text = tmp_path / "photo.jpg"
    text.write_text("I am no photo")
    page.set_input_files("#photo", text)
    page.check("input[name=consent][value=self]")
    page.click("#make")
    page.wait_for_selector("[role=alert]:has-text('읽을 수 없는 파일')")
    assert page.input_value("#sentence") == "안녕"
    assert fits(page)


def test_the_camera_takes_a_photo(site, open_page):
    page = open_page(360, "ko-KR")
    page.context.grant_permissions(["camera"], origin=site)
    sign_up(page, site, "camera")
    page.click("#camera")
    until(page, "document.querySelector('#viewfinder video').videoWidth > 0")
    page.click("#shutter")
    until(page, "document.getElementById('photo').files.length === 1")
    assert page.is_visible("#preview")
    assert page.is_hidden("#viewfinder")


def test_the_language_can_be_changed(site, open_page):
    page = open_page(360, "ko-KR")
    page.goto(site)
    assert "내 얼굴이" in page.text_content("h1")
    page.click("button[value=en]")
    page.wait_for_selector("text=Your face, acting")
