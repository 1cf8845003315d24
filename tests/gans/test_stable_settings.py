"""ganbook.gans.stable_settings: what the panel accepts, what it refuses, and the presets."""

import copy
from dataclasses import FrozenInstanceError, asdict, replace

import pytest

from ganbook.gans import stable, vanilla
from ganbook.gans.stable_settings import Config, lsgan, sngan, wgan_clip, wgan_gp
from ganbook.losses.adversarial import AdversarialLoss
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint

IMAGES = {"sample_shape": (1, 16, 16)}


def test_the_defaults_are_the_original_gans():
    config, original = Config(), vanilla.Config()
    assert config.loss is AdversarialLoss.NON_SATURATING
    for name in ("learning_rate", "beta1", "beta2", "label_smoothing", "ema_half_life"):
        assert getattr(config, name) == getattr(original, name)
    assert (config.n_critic, config.penalty, config.schedule) == (1, "none", "constant")
    assert not any((config.weight_clip, config.spectral_norm, config.instance_noise))
    assert not config.gradient_clip and config.discriminator_learning_rate is None
    with pytest.raises(FrozenInstanceError):
        config.width = 3


def test_the_presets_are_the_papers():
    config = wgan_clip()  # Arjovsky et al., algorithm 1: alpha, c, n_critic
    assert (config.learning_rate, config.weight_clip, config.n_critic) == (5e-5, 0.01, 5)
    assert config.loss is AdversarialLoss.WASSERSTEIN and config.penalty == "none"
    config = wgan_gp()  # Gulrajani et al., algorithm 1: lambda, n_critic, alpha, beta1, beta2
    assert (config.penalty, config.penalty_weight, config.n_critic) == ("gradient", 10, 5)
    assert (config.learning_rate, config.beta1, config.beta2) == (1e-4, 0, 0.9)
    assert config.loss is AdversarialLoss.WASSERSTEIN and config.weight_clip == 0
    config = sngan()
    assert config.loss is AdversarialLoss.HINGE and config.spectral_norm and config.norm == "none"
    assert (config.learning_rate, config.beta1, config.beta2, config.n_critic) == (
        2e-4,
        0.5,
        0.999,
        1,
    )
    assert lsgan() == replace(Config(), loss=AdversarialLoss.LEAST_SQUARES)


@pytest.mark.parametrize("preset", [wgan_clip, wgan_gp, sngan, lsgan])
def test_a_preset_can_be_changed(preset):
    config = preset(n_critic=2, learning_rate=0.5, **IMAGES)
    assert (config.n_critic, config.learning_rate) == (2, 0.5)
    assert config.loss is preset().loss and config.sample_shape == (1, 16, 16)
    with pytest.raises(TypeError, match="lambda_"):
        preset(lambda_=3)


def test_a_config_survives_copies_and_says_what_it_is():
    config = wgan_gp()
    assert copy.deepcopy(config) == config == Config(**asdict(config))
    assert asdict(config)["loss"] is AdversarialLoss.WASSERSTEIN
    assert "loss=AdversarialLoss.WASSERSTEIN" in repr(config)
    assert hash(config) == hash(wgan_gp())


def test_a_checkpoint_of_another_loss_is_refused(tmp_path):
    small = {"width": 4, "latent_dim": 2}
    state = stable.build(Config(**small))
    save_checkpoint(tmp_path / "x.pt", state)
    assert load_checkpoint(tmp_path / "x.pt", stable.build(Config(**small))).step == 0
    message = "loss: AdversarialLoss.NON_SATURATING in the file, AdversarialLoss.LEAST_SQUARES here"
    with pytest.raises(ValueError, match=message):
        load_checkpoint(tmp_path / "x.pt", stable.build(lsgan(**small)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sample_shape": (3, 16, 32)}, r"\(D,\) or \(C, S, S\), got \(3, 16, 32\)"),
        ({"sample_shape": (16, 16)}, r"\(D,\) or \(C, S, S\), got \(16, 16\)"),
        ({"penalty": "gp"}, "penalty is 'gp'; accepted are none, gradient, r1"),
        ({"schedule": "warm"}, "schedule is 'warm'; accepted are constant, step, cosine, linear"),
        ({"norm": "layer"}, "norm is 'layer'; accepted are batch, instance, none"),
        ({"penalty_weight": -1.0}, "penalty_weight must not be negative, got -1.0"),
        ({"weight_clip": -0.1}, "weight_clip must not be negative, got -0.1"),
        ({"instance_noise": float("nan")}, "instance_noise must not be negative, got nan"),
        ({"instance_noise_steps": -5}, "instance_noise_steps must not be negative, got -5"),
        ({"gradient_clip": -2.0}, "gradient_clip must not be negative, got -2.0"),
        ({"n_critic": 0}, "n_critic must be at least 1, got 0"),
        ({"schedule": "cosine"}, "'cosine' needs schedule_steps, .* got 0"),
        ({"label_smoothing": 0.9}, r"label_smoothing must lie in \[0, 0.5\), got 0.9"),
    ],
)
def test_values_out_of_range_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Config(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"penalty": "gradient", **IMAGES}, "penalty 'gradient' needs .* norm 'batch' mixes"),
        ({"penalty": "r1", **IMAGES}, "penalty 'r1' needs .* accepted are instance, none"),
        ({"spectral_norm": True, **IMAGES}, "norm 'batch' stretches .* accepted is none"),
        ({"spectral_norm": True, "norm": "instance", **IMAGES}, "norm 'instance' stretches"),
        ({"spectral_norm": True, "weight_clip": 0.1}, "weight_clip = 0.1 .* choose one"),
        ({"shift": 2}, r"shift moves images; with sample_shape \(2,\) it must be 0"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Config(**changes)


@pytest.mark.parametrize("loss", AdversarialLoss)
def test_smoothing_needs_labels(loss):
    if loss.has_probabilities:
        assert Config(loss=loss, label_smoothing=0.1).label_smoothing == 0.1
    else:
        with pytest.raises(ValueError, match=f"{loss!r} has no label to smooth"):
            Config(loss=loss, label_smoothing=0.1)


def test_a_loss_by_name_is_refused():
    with pytest.raises(TypeError, match="loss must be an AdversarialLoss, got str"):
        Config(loss="hinge")


def test_what_may_look_odd_but_is_allowed():
    Config(penalty="gradient")  # the points' networks have no norm, whatever the field says
    Config(loss=AdversarialLoss.WASSERSTEIN)  # no limit: chapter 5 shows what happens
    Config(loss=AdversarialLoss.HINGE, penalty="r1", spectral_norm=True, gradient_clip=1.0)
