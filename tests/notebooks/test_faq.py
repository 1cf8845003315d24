"""The questions and answers: every link leads to a section, and the outputs still say the same."""

import ast
import importlib
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
import torch
from torch.utils.data import TensorDataset

from ganbook.data.stream import BatchStream
from ganbook.gans import dcgan
from tests.notebooks.markdown import headings, inline_tokens, slug, text_headings

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "book" / "faq.md"

# Numbers that are quoted advice, settings or conventions. Measured ones belong to the chapters.
QUOTED = {"0", "1", "2", "4", "0.5", "0.9", "0.999", "0.0002", "64", "128", "50,000"}
NAMES = {"16", "32", "50"}  # bf16, 32-bit, "50 %"
YEARS = {"2014", "2018", "2020", "2021", "2023", "2025"}
LAWS = {"2019/790", "2024/1689", "3", "4", "50", "2"}


@pytest.fixture(scope="module")
def text():
    return PAGE.read_text(encoding="utf-8")


@cache
def anchors(path):
    if path.suffix == ".ipynb":
        return {slug(title) for _, title in headings(nbformat.read(path, 4))}
    return {slug(title) for _, title in text_headings(path.read_text(encoding="utf-8"))}


@cache
def printed(chapter):
    """All text that the stored run of a chapter printed."""
    (path,) = (ROOT / "notebooks").glob(f"{chapter:02}_*.ipynb")
    cells = nbformat.read(path, 4).cells
    return "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", ()))


def answers(text):
    """Question -> answer."""
    parts = re.split(r"^### (.+)\n", re.sub(r"^## .+\n", "", text, flags=re.M), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def links(text):
    return [unquote(token.attrs["href"]) for token in inline_tokens(text, "link_open")]


def test_every_link_leads_to_a_section(text):
    for link in links(text):
        target, _, anchor = link.partition("#")
        if target.startswith("https://"):
            continue
        file = (PAGE.parent / target).resolve() if target else PAGE
        assert file.is_file(), f"{target} does not exist"
        assert anchor and anchor in anchors(file), f"{target} has no heading #{anchor}"


def test_every_answer_leads_to_an_experiment(text):
    for question, answer in answers(text).items():
        assert any(".ipynb#" in link for link in links(answer)), question


def test_every_chapter_is_used(text):
    used = {int(n) for n in re.findall(r"notebooks/(\d+)_\w+\.ipynb#", text)}
    assert used >= set(range(1, 13)) and "notebooks/A1_" in text


def test_contents_list_every_question_in_order(text):
    contents = text.split("## All questions\n")[1].split("\n## ")[0]
    listed = re.findall(r"^\*\*(.+)\*\*$|^- \[(.+)\]\(#(.+)\)$", contents, flags=re.M)
    expected = [
        (title, "", "") if level == 2 else ("", title, slug(title))
        for level, title in text_headings(text)
        if level > 1 and title != "All questions"
    ]
    assert listed == expected


def test_no_two_headings_share_an_anchor(text):
    slugs = [slug(title) for _, title in text_headings(text)]
    assert len(slugs) == len(set(slugs))


def test_no_measured_number_is_repeated(text):
    plain = re.sub(r"```.*?```|\]\([^)]*\)", "", text, flags=re.S)  # neither code nor addresses
    plain = re.sub(r"([Cc]hapter|exercise)s? \d+( and \d+)*", "", plain)
    body, law = plain.split("\n## Law and care\n")
    assert set(re.findall(r"\d[\d.,/]*\d|\d", body)) <= QUOTED | NAMES | YEARS
    assert set(re.findall(r"\d[\d.,/]*\d|\d", law)) <= LAWS | YEARS


def test_names_of_the_package_exist(text):
    for name in re.findall(r"`(ganbook\.[\w.]+)`", text):
        module, _, last = name.rpartition(".")
        assert hasattr(importlib.import_module(module), last), name


def test_the_cell_for_colab_resumes_exactly(text, tmp_path):
    (code,) = re.findall(r"```python\n(.*?)```", text, flags=re.S)
    ast.parse(code)
    place = 'runs_folder() / "digits.pt"'
    assert code.count(place) == 1

    def run(file, steps):
        torch.manual_seed(0)
        images = TensorDataset(torch.rand(8, 1, 16, 16) * 2 - 1)
        config = dcgan.Config(channels=1, size=16, width=4, latent_dim=4)
        names = {"gan": dcgan.build(config), "batches": BatchStream(images, 4), "steps": steps}
        exec(code.replace(place, repr(str(tmp_path / file))), names)
        return names["gan"]

    run("broken.pt", 2)
    resumed, whole = run("broken.pt", 4), run("whole.pt", 4)
    assert resumed.step == whole.step == 4
    pairs = zip(resumed.generator.parameters(), whole.generator.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


# What the answers say of the stored runs. If a run changes its mind, the answer must change too.

RING = {
    "learning rate 0.0002": "worse",
    "learning rate 0.02": "no difference found",
    "β₁ = 0.9 (the default)": "worse",
    "β₁ = 0": "no difference found",
    "batch 16": "worse",
    "batch 256": "better",
    "clip gradients at 0.9": "no difference found",
    "label smoothing 0.1": "no difference found",
    "discriminator's rate × 4": "no difference found",
    "discriminator's rate ÷ 4": "worse",
    "5 critic steps": "no difference found",
    "rate falls in stairs": "worse",
    "rate falls as a cosine": "no difference found",
    "rate falls linearly": "no difference found",
    "average the generator": "better",
}
DIGITS = {
    "learning rate 0.0002": "worse",
    "β₁ = 0.9 (the default)": "worse",
    "clip gradients at 0.9": "no difference found",
    "label smoothing 0.1": "no difference found",
    "rate falls as a cosine": "no difference found",
    "average the generator": "no difference found",
}


@pytest.mark.parametrize(
    ("first", "expected"),
    [("real samples (the best there is)", RING), ("real digits (floor)  ", DIGITS)],
)
def test_chapter_5_still_gives_these_verdicts(first, expected):
    table = printed(5).split(f"\n{first}")[-1]
    for name, verdict in expected.items():
        assert re.search(rf"^{re.escape(name)} +\S+ ± \S+ +{verdict}$", table, flags=re.M), name


def test_chapter_5_no_loss_beats_the_non_saturating_one():
    table = printed(5).split("at equal time      ")[1].split("rank correlation")[0]
    assert "▲" not in table and "▼" in table and "non-saturating" in table


def test_chapter_2_who_leads_at_what():
    for line in ("Fréchet    GAN", "precision  VAE", "sharpness  GAN"):
        assert f"\n{line}\n" in f"\n{printed(2)}"


def test_chapter_3_less_momentum_covers_every_mode_with_every_seed():
    assert re.search(r"^lr 0\.001, beta1 0\.5 +8\.0 ± 0\.0", printed(3), flags=re.M)


def test_chapter_6_the_auxiliary_classifier_is_behind():
    assert re.search(r"^auxiliary : projection +lower +higher +higher", printed(6), flags=re.M)
    assert re.search(r"^auxiliary : concat +lower +higher +higher", printed(6), flags=re.M)


def test_chapter_7_l1_with_tanh_loses_the_rare_tissue():
    assert len(re.findall(r"^L1 alone, seed \d.* 0\.000$", printed(7), flags=re.M)) >= 2


def test_chapter_8_identity_is_no_sure_cure():
    assert re.search(r"^with identity, 0\.5 λ +- ", printed(8), flags=re.M)


def test_chapter_9_the_translator_keeps_the_ground_best():
    rows = re.findall(r"^(style: .+?|CycleGAN \(ch\. 8\)) {2,}(\d\.\d+)", printed(9), flags=re.M)
    assert len(rows) == 4
    assert min(rows, key=lambda row: float(row[1]))[0].startswith("CycleGAN")


def test_chapter_10_fog_is_precise_and_smoothing_makes_no_difference():
    assert re.search(r"^GAN, 25 steps( +\S+){3} +1\.000 ", printed(10), flags=re.M)
    assert "verdict at 5 %: no difference found" in printed(10)


def test_chapter_11_gan_samples_do_not_help_the_classifier():
    assert re.search(r"^GAN on real: .* 0 / \d+ / \d+", printed(11), flags=re.M)
    assert re.search(r"^GAN on augmented: .* 0 / \d+ / [1-9]", printed(11), flags=re.M)
    against_images = printed(11).split("the GAN's images, or the images themselves?")[1]
    assert against_images.split("\n")[2].endswith("no difference found")
    rare = printed(11).split("base: repeated")[1]
    assert re.search(r"^  half GAN .* better$", rare, flags=re.M)
    assert re.search(r"^  augmented, half GAN .* no difference found$", rare, flags=re.M)


def test_chapter_11_the_detector_is_fooled():
    def caught(test, column):
        row = re.search(rf"^{re.escape(test)} +(.+)$", printed(11), flags=re.M)[1]
        number, of = row.split()[column].split("/")
        return int(number) / int(of)

    assert caught("as they are", 0) > 0.95
    for test in ("blur, σ = 1", "moved by one pixel", "pushed by 2, own gradient"):
        assert caught(test, 0) < 0.5
    assert caught("chapter 6's generator", 0) < 0.5 and caught("chapter 7's U-Net", 0) < 0.5
    assert caught("blur, σ = 1", 3) > 0.9 and caught("as they are", 4) > caught("as they are", 1)
