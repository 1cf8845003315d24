"""ganbook.style.command: what a reader sees; never a traceback."""

from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image

from ganbook.models.vgg import load_vgg16
from ganbook.style import command
from ganbook.style.coarse_to_fine import transfer_coarse_to_fine
from ganbook.style.colour import match_colours
from ganbook.style.command import main
from ganbook.style.pictures import read_picture
from ganbook.style.recolour import recolour

QUICK = ["--size", "64", "--steps", "3", "--weights", "random"]


@cache
def network(weights, pooling):
    return load_vgg16(weights, pooling, torch.Generator().manual_seed(0))


@pytest.fixture(autouse=True)
def one_network(monkeypatch):
    """Random weights are drawn once, not for each test."""
    monkeypatch.setattr(
        command, "load_vgg16", lambda weights, pooling, _: network(weights, pooling)
    )


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A content of 40 x 30 pixels, two styles and two masks; the working folder."""
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 120, (30, 40, 3), np.uint8)).save(tmp_path / "content.png")
    for name in ("style", "other"):
        Image.fromarray(rng.integers(0, 2, (24, 24, 3), np.uint8) * 255).save(
            tmp_path / f"{name}.jpg"
        )
    for name, x in (("left", 0), ("right", 20)):
        mask = Image.new("L", (40, 30))
        mask.paste(255, (x, 0, x + 20, 30))
        mask.save(tmp_path / f"{name}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *options, pictures=("content.png", "style.jpg"), output="out.png"):
    code = main([*pictures, "-o", output, *QUICK, *options])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def refused(capsys, *options, **given):
    """Run what must fail; return its message, which is one line."""
    try:
        code, out, err = run(capsys, *options, **given)
    except SystemExit as stop:  # argparse
        printed = capsys.readouterr()
        code, out, err = stop.code, printed.out, printed.err
    assert code == 2 and out == "" and "Traceback" not in err
    return err.strip().splitlines()[-1]


def pixels(name="out.png"):
    return np.asarray(Image.open(name).convert("RGB")).astype(int)


def test_help_lists_the_options(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    for option in ("--output", "--size", "--steps", "--style-weight", "--colours", "--mask"):
        assert option in shown


def test_a_picture_of_the_contents_shape(folder, capsys):
    code, out, _ = run(capsys)
    assert (code, out) == (0, "out.png\n")
    assert pixels().shape == (48, 64, 3)
    plain = np.asarray(Image.open("content.png").resize((64, 48), Image.Resampling.LANCZOS))
    assert 1 < np.abs(pixels() - plain).mean() < 100
    assert sorted(f.name for f in folder.iterdir())[-2:] == ["right.png", "style.jpg"]


def test_it_paints_small_first(folder, capsys, monkeypatch):
    given = []

    def remember(network, content, styles, config, scales, *rest):
        given.append(scales)
        return transfer_coarse_to_fine(network, content, styles, config, scales, *rest)

    monkeypatch.setattr(command, "transfer_coarse_to_fine", remember)
    assert run(capsys)[0] == run(capsys, "--scales", "0.4", "0.6", "1")[0] == 0
    assert given == [[0.5, 1], [0.4, 0.6, 1]]


def test_the_content_gets_the_styles_colours_first(folder, capsys, monkeypatch):
    given = {}

    def remember(network, content, styles, *rest):
        given[len(given)] = content, styles[0].image
        return transfer_coarse_to_fine(network, content, styles, *rest)

    monkeypatch.setattr(command, "transfer_coarse_to_fine", remember)
    for colours in ("style", "matched"):
        assert run(capsys, "--colours", colours)[0] == 0
    plain = read_picture("content.png", 64)
    content, style = given[0]
    assert torch.equal(content, recolour(plain, style))
    content, style = given[1]
    assert torch.equal(content, plain)
    assert torch.equal(style, match_colours(read_picture("style.jpg", 64), plain))


def test_the_same_command_paints_the_same_picture(folder, capsys):
    for output in ("a.png", "b.png"):
        assert run(capsys, "--start", "noise", output=output)[0] == 0
    assert (pixels("a.png") == pixels("b.png")).all()
    assert run(capsys, "--start", "noise", "--seed", "1", output="b.png")[0] == 0
    assert (pixels("a.png") != pixels("b.png")).any()


def test_the_trained_network_and_all_options(folder, capsys):
    options = ["--weights", "edges", "--optimizer", "adam", "--pooling", "max", "--every", "2"]
    options += ["--precision", "bf16", "--style-size", "40", "--style-weight", "3"]
    code, out, _ = run(capsys, *options, "--variation-weight", "0", "--colours", "matched")
    assert (code, out) == (0, "out.png\n")


def test_the_contents_colours_are_kept(folder, capsys):
    Image.new("RGB", (40, 30), (60, 120, 180)).save("content.png")
    assert run(capsys, "--colours", "content", "--start", "noise")[0] == 0
    from_red_to_blue = pixels()[..., 2] - pixels()[..., 0]
    unclipped = (pixels().min(axis=2) > 0) & (pixels().max(axis=2) < 255)
    assert unclipped.mean() > 0.3
    assert np.abs(from_red_to_blue[unclipped] - 120).max() <= 2
    assert pixels().std(axis=(0, 1)).min() > 1  # the luminance did change


def test_a_blend_is_between_and_defaults_to_equal_shares(folder, capsys):
    both = ("content.png", "style.jpg", "other.jpg")
    run(capsys, output="one.png")
    run(capsys, "--blend", "1", "0", pictures=both, output="first.png")
    assert (pixels("one.png") == pixels("first.png")).all()
    run(capsys, pictures=both, output="a.png")
    run(capsys, "--blend", "0.5", "0.5", pictures=both, output="b.png")
    assert (pixels("a.png") == pixels("b.png")).all()


def test_masks_are_read_white_for_yes(folder, capsys, monkeypatch):
    given = []

    def remember(network, content, styles, *rest):
        given.extend(styles)
        return transfer_coarse_to_fine(network, content, styles, *rest)

    monkeypatch.setattr(command, "transfer_coarse_to_fine", remember)
    both = ("content.png", "style.jpg", "other.jpg")
    assert run(capsys, "--mask", "left.png", "right.png", pictures=both)[0] == 0
    assert [s.weight for s in given] == [1, 1]
    left, right = (s.mask for s in given)
    assert left.shape == (1, 1, 48, 64)
    assert left[..., :28].min() > 0.98 and left[..., 36:].max() < 0.02
    torch.testing.assert_close(left + right, torch.ones_like(left), atol=0.02, rtol=0)


def interrupted_after(steps):
    def painting(network, content, styles, config, scales, callback, generator):
        def after(step, image, losses):
            callback(step, image, losses)
            if step == steps:
                raise KeyboardInterrupt

        if steps == 0:
            raise KeyboardInterrupt
        return transfer_coarse_to_fine(network, content, styles, config, scales, after, generator)

    return painting


def test_ctrl_c_writes_what_is_painted(folder, capsys, monkeypatch):
    run(capsys, "--steps", "2", "--scales", "1", output="two.png")
    monkeypatch.setattr(command, "transfer_coarse_to_fine", interrupted_after(2))
    code, out, err = run(capsys, "--scales", "1")
    assert (code, out) == (130, "") and err.endswith("stopped; out.png has step 2\n")
    assert (pixels() == pixels("two.png")).all()


def test_ctrl_c_before_the_first_step_writes_nothing(folder, capsys, monkeypatch):
    monkeypatch.setattr(command, "transfer_coarse_to_fine", interrupted_after(0))
    code, out, err = run(capsys)
    assert (code, out) == (130, "") and not (folder / "out.png").exists()
    assert err.endswith("stopped before the first step; nothing is written\n")


def test_every_n_steps_the_picture_is_written(folder, capsys, monkeypatch):
    written = []
    monkeypatch.setattr(command, "write_picture", lambda image, path: written.append(path.name))
    run(capsys, "--steps", "5", "--every", "2")
    assert written == ["out.png"] * 3  # steps 2, 4 and the end


def test_pictures_that_are_not_there_or_broken(folder, capsys):
    assert refused(capsys, pictures=("no.png", "style.jpg")) == "error: There is no file no.png."
    (folder / "text.jpg").write_text("no picture")
    message = refused(capsys, pictures=("content.png", "text.jpg"))
    assert message.startswith("error: text.jpg cannot be read as an image")
    assert "arguments are required: style" in refused(capsys, pictures=("content.png",))
    Image.new("RGB", (200, 20)).save("narrow.png")
    message = refused(capsys, pictures=("narrow.png", "style.jpg"))
    assert message == "error: relu3_2 needs images of at least 4 x 4 pixels, got 3 x 32."


@pytest.mark.parametrize(
    ("options", "output", "message"),
    [
        ([], "out.gif", "error: out.gif must end in one of .png"),
        ([], "missing/out.png", "error: There is no folder missing to write out.png to."),
        ([], ".", "error: . is a folder; name a file, such as out.png."),
        ([], "style.jpg", "error: style.jpg is one of the pictures read; name another output."),
        (["--blend", "1", "2"], "o.png", "--blend wants one value for each style, 1, got 2."),
        (["--blend", "0"], "o.png", "error: No style has a weight above 0."),
        (["--mask", "no.png"], "o.png", "error: There is no file no.png."),
        (["--mask", "left.png", "right.png"], "o.png", "--mask wants one value for each style, 1"),
        (["--size", "8"], "o.png", "8 is not a whole number of at least 16"),
        (["--steps", "0"], "o.png", "0 is not a whole number of at least 1"),
        (["--scales", "0.5"], "o.png", "error: scales must rise from above 0 to 1, got (0.5,)."),
        (["--scales", "big"], "o.png", "big is not a number of at least 0"),
        (["--steps", "1"], "o.png", "steps must be at least 2, one for each scale, got 1."),
        (["--style-weight", "-1"], "o.png", "-1 is not a number of at least 0"),
        (["--style-weight", "nan"], "o.png", "nan is not a number of at least 0"),
        (["--style-weight", "much"], "o.png", "much is not a number of at least 0"),
        (["--start", "black"], "o.png", "invalid choice: 'black'"),
    ],
)
def test_options_that_make_no_sense(folder, capsys, options, output, message):
    assert message in refused(capsys, *options, output=output)


def test_a_black_mask_is_refused(folder, capsys):
    Image.new("L", (40, 30)).save("left.png")
    assert "mask must lie in [0, 1], and not be 0 every" in refused(capsys, "--mask", "left.png")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            RuntimeError("can't allocate memory: you tried to\nallocate 9 bytes"),
            "Not enough memory for --size 64",
        ),
        (RuntimeError("weights could not be\ndownloaded"), "weights could not be downloaded"),
        (FloatingPointError("The loss was NaN"), "The loss was NaN"),
    ],
)
def test_what_fails_later_is_one_line_too(folder, capsys, monkeypatch, error, message):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(command, "transfer_coarse_to_fine", fail)
    assert refused(capsys).startswith(f"error: {message}")
