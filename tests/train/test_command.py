"""ganbook.train.command: what a reader sees; never a traceback."""

import os
import signal
from functools import partial

import pytest
from PIL import Image

from ganbook.gans import vanilla
from ganbook.train import from_noise
from ganbook.train.command import _parser, main
from ganbook.training import checkpoint
from tests import commands
from tests.train.pictures import TINY, command, folder_for, noise_folder

refused = partial(commands.refused, main, quiet=False)


@pytest.fixture
def data(tmp_path):
    return folder_for("dcgan", tmp_path / "data")


def test_a_run_ends_with_its_folder(data, tmp_path, capsys):
    output = tmp_path / "run"
    assert main(command("dcgan", data, output, "--steps", "2")) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(output)


def test_the_folder_is_named_after_the_gan(data, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments = ["--data", "data", "--size", "16", "--batch-size", "4", "--steps", "1"]
    assert main(["vanilla", *arguments, *TINY["vanilla"]]) == 0
    assert (tmp_path / "runs" / "vanilla" / "checkpoint.pt").is_file()


def test_ctrl_c_saves_and_the_same_command_continues(data, tmp_path, capsys, monkeypatch):
    def step(state, batch):
        if state.step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return vanilla.step(state, batch)

    output = tmp_path / "run"
    monkeypatch.setattr(from_noise.dcgan_gan, "step", step)
    assert main(command("dcgan", data, output, "--steps", "5")) == 130
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == "stopped; the same command continues"
    assert f"step 3 is saved in {output / 'checkpoint.pt'}." in printed.out
    assert main(command("dcgan", data, output, "--steps", "5")) == 0
    assert "continues after step 3" in capsys.readouterr().out


def test_another_config_is_refused(data, tmp_path, capsys):
    output = tmp_path / "run"
    assert main(command("dcgan", data, output, "--steps", "1")) == 0
    before = (output / "checkpoint.pt").read_bytes()
    other = command("dcgan", data, output, "--steps", "2", "--beta1", "0.25")
    message = refused(capsys, *other)
    assert "holds a run with other settings (config.beta1: 0.5 there, 0.25 here)" in message
    message = refused(capsys, *command("lsgan", data, output, "--steps", "2"))
    assert "gan: dcgan there, lsgan here" in message
    assert (output / "checkpoint.pt").read_bytes() == before


def test_folders_that_are_wrong(data, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    run = tmp_path / "run"
    for folder, message in (
        (tmp_path / "nowhere", "error: There is no folder "),
        (tmp_path / "empty", "error: No image in "),
        (noise_folder(tmp_path / "few", 3), "few has 3 images, fewer than one batch of 4"),
    ):
        assert message in refused(capsys, *command("dcgan", folder, run))
    assert "error: " in refused(capsys, *command("dcgan", data, tmp_path))  # not empty, no run
    message = refused(capsys, *command("dcgan", data, data))
    assert "data holds files that are no run of ganbook.train" in message
    message = refused(capsys, *command("dcgan", data, data / "00.png"))
    assert "00.png is a file; --output must name a folder" in message
    message = refused(capsys, *command("conditional", data, run))
    assert "must have one folder a class, at least 2; it has 0." in message
    message = refused(capsys, *command("pix2pix", data, run))
    assert "00.png is 16 x 16 pixels (width x height); two images side by side" in message
    assert not run.exists() or not (run / "checkpoint.pt").exists()


def test_files_that_are_broken(data, tmp_path, capsys):
    (data / "03.png").write_bytes(b"no image")
    message = refused(capsys, *command("dcgan", data, tmp_path / "run"))
    assert message.startswith("error: 1 of 12 files cannot be read as an image: ")
    assert "03.png" in message
    big = Image.effect_noise((64, 64), 50)
    big.save(data / "03.png")
    (data / "03.png").write_bytes((data / "03.png").read_bytes()[:2000])  # breaks off
    message = refused(capsys, *command("dcgan", data, tmp_path / "run", "--steps", "9"))
    assert "03.png cannot be read as an image" in message


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--size", "48"], "error: size must be a power of two of at least 16, got 48."),
        (["--size", "big"], "big is not a whole number of at least 1"),
        (["--batch-size", "0"], "0 is not a whole number of at least 1"),
        (["--latent-dim", "1.5"], "invalid int value: '1.5'"),
        (["--learning-rate", "-1"], "error: Invalid learning rate: -1.0"),
        (["--precision", "fp8"], "error: precision is 'fp8'; accepted are float32, bf16."),
        (["--measure-images", "5"], "5 is not a whole number of at least 12"),
        (["--features", "fid"], "invalid choice: 'fid'"),
        (["--channels", "3"], "unrecognized arguments: --channels 3"),
    ],
)
def test_options_that_make_no_sense(data, tmp_path, capsys, more, message):
    assert message in refused(capsys, *command("dcgan", data, tmp_path / "run", *more))


def test_networks_that_do_not_fit(tmp_path, capsys):
    data = folder_for("pix2pix", tmp_path / "data")
    message = refused(capsys, *command("pix2pix", data, tmp_path / "run", "--size", "18"))
    assert "error: size is 18; it must be a multiple of 8" in message


def test_a_full_disk_is_one_sentence_and_the_checkpoint_stays(data, tmp_path, capsys, monkeypatch):
    output = tmp_path / "run"
    assert main(command("dcgan", data, output, "--steps", "1")) == 0
    before = (output / "checkpoint.pt").read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    message = refused(capsys, *command("dcgan", data, output, "--steps", "2"))
    assert message.endswith("error: [Errno 28] No space left on device")
    assert (output / "checkpoint.pt").read_bytes() == before


def test_losses_that_explode(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("ganbook.gans.vanilla.nonsaturating_generator_loss", lambda x: x.sum() / 0)
    message = refused(capsys, *command("dcgan", data, tmp_path / "run", "--steps", "2"))
    assert "A metric was NaN or infinite by step 2" in message and "checkpoint" in message


def test_no_memory_names_a_way_out(data, tmp_path, capsys, monkeypatch):
    def build(config, device):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried …")

    monkeypatch.setattr(from_noise.dcgan_gan, "build", build)
    message = refused(capsys, *command("dcgan", data, tmp_path / "run"))
    assert message == "error: Not enough memory; try a smaller --batch-size, --size or --width."


def test_ctrl_c_before_the_first_step(data, tmp_path, capsys, monkeypatch):
    def build(config, device):
        raise KeyboardInterrupt

    monkeypatch.setattr(from_noise.dcgan_gan, "build", build)
    assert main(command("dcgan", data, tmp_path / "run")) == 130
    assert capsys.readouterr().err == "stopped; the last checkpoint is untouched\n"


def test_every_gan_is_there(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert all(f"\n    {gan}" in text for gan in TINY)
    with pytest.raises(SystemExit):
        main(["dcgan", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "--latent-dim INT 100" in text and "--ema-half-life FLOAT 0" in text
    assert _parser().parse_args(["dcgan", "--data", "x", "--size", "64"]).batch_size == 64
