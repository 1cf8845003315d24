"""The cheat sheet is one sheet of paper, legible on a phone and in the dark, and its facts hold."""

import re
from urllib.parse import unquote

import pytest
import torch
from bs4 import BeautifulSoup

from ganbook.gans import cyclegan, dcgan, pix2pix
from ganbook.models.patchgan import receptive_field
from tests.site.test_browser import OVERFLOW
from tests.site.test_quizzes import CONTRAST

SHEET = "_static/cheat_sheet.html"
# Whatever does not fit into the box that it stands in, but for tables that scroll on a phone.
CUT = """[...document.querySelectorAll('main, .columns > div, section, td, th, pre')].filter(box =>
    box.scrollWidth > box.clientWidth + 1).map(box => box.textContent.trim().slice(0, 60))"""


@pytest.fixture(scope="module")
def sheet(site):
    return BeautifulSoup((site / SHEET).read_text(encoding="utf-8"), "html.parser")


def row(sheet, name):
    """The words of the row of that name, white space aside."""
    cells = next(
        row.find_all("td")
        for row in sheet.find_all("tr")
        if row.td and row.td.get_text().startswith(name)
    )
    return " ".join(" ".join(cell.get_text().split()) for cell in cells[1:])


def test_links_lead_to_sections_that_exist(site, sheet):
    links = [tag["href"] for tag in sheet.find_all("a")]
    assert len(links) > 40
    for link in links:
        file, _, anchor = link.partition("#")
        page = (site / "_static" / file).resolve()
        text = page.read_text(encoding="utf-8")
        assert not anchor or f'id="{unquote(anchor)}"' in text, link


def test_nothing_comes_from_elsewhere(sheet):
    assert sheet.find(["script", "img", "link"]) is None
    assert "url(" not in sheet.style.get_text()


def test_numbers_are_those_of_the_package(sheet):
    weight = pix2pix.Config().reconstruction_weight
    assert f"+ {weight:.0f} E|y − G(x)|" in row(sheet, "pix2pix")
    config = cyclegan.Config()
    assert f"a buffer of {config.buffer_size}" in row(sheet, "CycleGAN")
    assert f"+ {config.cycle_weight:.0f} (E|F(G(a)) − a|" in row(sheet, "CycleGAN")
    fields = ", ".join(str(receptive_field(layers)) for layers in (1, 2, 3))
    assert f"1, 2, 3 layers of stride 2 each sees {fields} pixels" in row(sheet, "PatchGAN")
    config = dcgan.Config()
    assert f"{config.beta1} (β2 0.999)" in row(sheet, "Adam")
    assert f"(N,{config.latent_dim})" in row(sheet, "DCGAN, 32")


def test_sizes_are_those_of_the_networks(sheet):
    state = dcgan.build(dcgan.Config(channels=1, size=32, width=8))
    shapes, z = [], state.latents(2)
    for layer in state.generator.modules():
        if isinstance(layer, torch.nn.ConvTranspose2d):
            layer.register_forward_hook(lambda _, __, out: shapes.append(tuple(out.shape)))
    logits = state.discriminator(state.generator(z))
    assert z.shape == (2, 100) and logits.shape == (2,)
    assert shapes == [(2, 32, 4, 4), (2, 16, 8, 8), (2, 8, 16, 16), (2, 1, 32, 32)]
    assert "(N,100) → (N,4w,4,4) → (N,2w,8,8) → (N,w,16,16) → (N,C,32,32)" in row(
        sheet, "DCGAN, 32"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_the_screen(page, theme):
    page.emulate_media(color_scheme=theme)
    page.goto(SHEET)
    assert page.evaluate(OVERFLOW) <= 0
    for part in ("h1", "h2", "td", "td a", "th", "code", "pre", "footer", "header p"):
        assert page.locator(part).first.evaluate(CONTRAST) >= 4.5, part
    assert page.faults == []


@pytest.mark.parametrize("width", [1280], indirect=True)
def test_on_paper_it_is_one_page_and_nothing_is_cut(page):
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(SHEET)
    assert page.evaluate(CUT) == []
    high, room = page.evaluate(
        "[document.querySelector('main').scrollHeight, document.querySelector('main').clientHeight]"
    )
    assert high <= room
    foot = page.locator("footer").bounding_box()
    assert foot["y"] + foot["height"] <= room - 20, "room for a wider font"
    assert page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
