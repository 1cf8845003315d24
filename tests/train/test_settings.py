"""ganbook.train.settings: an option a field, and only what was given changes the Config."""

import argparse
from dataclasses import replace

import pytest

from ganbook.gans import pix2pix, stable
from ganbook.losses.adversarial import AdversarialLoss
from ganbook.train.settings import add_settings, as_json, config_from

OMITTED = ("sample_shape", "schedule_steps")
PRESET = stable.wgan_gp()


def parse(defaults, *arguments, omitted=OMITTED):
    parser = argparse.ArgumentParser()
    add_settings(parser, defaults, omitted)
    return parser.parse_args(arguments)


def test_without_options_the_config_stays():
    assert config_from(parse(PRESET), PRESET) == PRESET


def test_each_type_of_field():
    given = ["--latent-dim", "7", "--penalty", "r1", "--learning-rate", "0.5", "--loss", "hinge"]
    given += ["--discriminator-learning-rate", "0.25"]
    wanted = replace(
        PRESET,
        latent_dim=7,
        penalty="r1",
        learning_rate=0.5,
        loss=AdversarialLoss.HINGE,
        discriminator_learning_rate=0.25,
    )
    assert config_from(parse(PRESET, *given), PRESET) == wanted
    defaults = pix2pix.Config()
    assert config_from(parse(defaults, "--no-skips"), defaults).skips is False
    assert config_from(parse(defaults), defaults).skips is True


def test_options_come_before_what_is_decided_and_that_before_the_defaults():
    options = parse(PRESET, "--width", "3")
    config = config_from(options, PRESET, width=5, latent_dim=6)
    assert (config.width, config.latent_dim, config.n_critic) == (3, 6, 5)


def test_a_zero_is_a_zero():
    given = config_from(parse(PRESET, "--ema-half-life", "0.0"), PRESET)
    assert repr(given) == repr(PRESET)


def test_omitted_fields_have_no_option(capsys):
    for option in ("--sample-shape", "--schedule-steps"):
        with pytest.raises(SystemExit):
            parse(PRESET, option, "1")
        assert "unrecognized arguments" in capsys.readouterr().err


def test_the_help_shows_the_defaults():
    parser = argparse.ArgumentParser()
    add_settings(parser, PRESET, OMITTED)
    text = " ".join(parser.format_help().split())
    assert "--latent-dim INT 16" in text and "--beta2 FLOAT 0.9" in text
    assert "{minimax,non-saturating,least-squares,hinge,wasserstein} wasserstein" in text


def test_a_wrong_value_is_refused(capsys):
    with pytest.raises(ValueError, match="penalty is 'r2'; accepted are none, gradient, r1"):
        config_from(parse(PRESET, "--penalty", "r2"), PRESET)
    with pytest.raises(SystemExit):
        parse(PRESET, "--latent-dim", "many")
    assert "invalid int value: 'many'" in capsys.readouterr().err


def test_json_has_names_and_plain_values():
    values = as_json(PRESET)
    assert values["loss"] == "wasserstein" and values["n_critic"] == 5
    assert values["sample_shape"] == (2,)
