"""The built website, served as GitHub Pages serves it, and a real Chromium to look at it."""

import http.server
import os
import shutil
import threading
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync "
    "--disable-background-networking --disable-component-update --disable-dev-shm-usage"
)


def documents():
    """The names of all pages in the table of contents."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    pages = [page for part in toc["parts"] for page in part["chapters"]]
    below = [section for page in pages for section in page.get("sections", [])]
    return [toc["root"]] + [page["file"] for page in pages + below]


def pytest_generate_tests(metafunc):
    if "page_name" in metafunc.fixturenames:
        metafunc.parametrize("page_name", [f"{name}.html" for name in documents()])
    if "chapter" in metafunc.fixturenames:
        chapters = [name for name in documents() if name.startswith("notebooks/")]
        metafunc.parametrize("chapter", chapters)


@pytest.fixture(scope="session")
def site():
    if not (SITE / "index.html").is_file():
        pytest.fail("the website is not built; run: make book")
    return SITE


@pytest.fixture(scope="session")
def config():
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the site below its prefix and answers 404.html to what is not there."""

    prefix = "/"

    def translate_path(self, path):
        below = path.removeprefix(self.prefix) if path.startswith(self.prefix) else "missing"
        return super().translate_path("/" + below)

    def do_GET(self):
        if self.path == "/favicon.ico":  # browsers ask a host for it unbidden
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def send_error(self, code, message=None, explain=None):
        body = Path(self.directory, "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def address(site, config):
    """Where the site is served: http://127.0.0.1:PORT/hands-on-gans/"""
    Handler.prefix = urlsplit(config["html"]["baseurl"]).path
    handler = partial(Handler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{Handler.prefix}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        reason = f"no Chromium on this machine (looked for {', '.join(CHROMIUM)})"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture(params=[390, 1280], ids=["390px", "1280px"])
def width(request):
    return request.param


@pytest.fixture
def page(browser, address, width):
    """A fresh page that notes in `page.faults` whatever goes wrong while it is used."""
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=address)
    context.set_default_timeout(90_000)  # a busy machine is no failure
    page = context.new_page()
    page.faults = faults = []

    def on_request(request):
        if not request.url.startswith((address, "data:", "blob:")):
            faults.append(f"asks another host: {request.url}")

    def on_response(response):
        if response.status >= 400:
            faults.append(f"{response.status}: {response.url}")

    def on_console(message):
        if message.type in ("error", "warning"):
            faults.append(f"console {message.type}: {message.text}")

    page.on("request", on_request)
    page.on("response", on_response)
    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
    page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
    yield page
    context.close()
