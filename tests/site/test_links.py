"""Every link leads somewhere, and no page asks another host for anything."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup


@cache
def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(path):
    return {tag.get("id") or tag.get("name") for tag in soup(path).find_all(id=True)}


@pytest.fixture(scope="session")
def pages(site):
    found = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    assert found
    return found


def local_file(site, prefix, page, link):
    """The file that a link of a page leads to."""
    path = unquote(link.path)
    if path.startswith(prefix):
        target = site / path.removeprefix(prefix)
    else:
        target = page.parent / path if path else page
    return (target / "index.html" if target.is_dir() else target).resolve()


def test_internal_links(site, config, pages):
    prefix = urlsplit(config["html"]["baseurl"]).path
    broken = []
    for page in pages:
        for tag in soup(page).find_all(["a", "link", "img", "script", "source"]):
            url = tag.get("href") or tag.get("src") or ""
            link = urlsplit(url)
            if link.scheme or link.netloc or url in ("", "#"):
                continue
            file = local_file(site, prefix, page, link)
            in_html = file.suffix == ".html"
            if not file.is_file():
                broken.append(f"{page.relative_to(site)}: {url}")
            elif link.fragment and in_html and unquote(link.fragment) not in anchors(file):
                broken.append(f"{page.relative_to(site)}: {url} (no such place on the page)")
    assert broken == []


def test_nothing_is_loaded_from_another_host(site, pages):
    loaded = []
    for page in pages:
        for tag in soup(page).find_all(src=re.compile(r"^(https?:)?//")):
            loaded.append(f"{page.relative_to(site)}: {tag['src']}")
        for tag in soup(page).find_all("link", href=re.compile(r"^(https?:)?//")):
            if "canonical" not in tag.get("rel", []):
                loaded.append(f"{page.relative_to(site)}: {tag['href']}")
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        for found in re.findall(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")]+)", text):
            loaded.append(f"{sheet.relative_to(site)}: {found}")
    assert loaded == []


def test_no_page_names_a_folder_of_the_machine(site, pages, root):
    for page in pages:
        assert str(root) not in page.read_text(encoding="utf-8"), page.relative_to(site)


def test_open_graph(site, config, page_name):
    tags = {
        tag["property"]: tag["content"]
        for tag in soup(site / page_name).find_all("meta", property=re.compile("^og:"))
    }
    base = config["html"]["baseurl"]
    assert tags["og:url"] == base + page_name
    assert tags["og:site_name"] == config["title"]
    assert tags["og:title"] and tags["og:description"] and tags["og:image:alt"]
    assert Path(site, tags["og:image"].removeprefix(base)).is_file()


def test_colab_button(site, config, chapter):
    url = config["repository"]["url"].removeprefix("https://github.com/")
    branch = config["repository"]["branch"]
    wanted = f"https://colab.research.google.com/github/{url}/blob/{branch}/{chapter}.ipynb"
    assert soup(site / f"{chapter}.html").find("a", href=wanted)


def test_foot_tells_of_the_run(site, chapter):
    foot = soup(site / f"{chapter}.html").find(class_="chapter-foot")
    assert re.search(r"run on .* 20\d\d with PyTorch [\d.]+ .* It took \d", foot.get_text(" "))
