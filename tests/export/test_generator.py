"""ganbook.export.generator: the right network, from the checkpoint alone."""

import random

import pytest
import torch

from ganbook.export.generator import load_generator
from ganbook.gans import conditional, cyclegan, dcgan, inpainting, pix2pix, srgan, stable, vanilla
from ganbook.losses.adversarial import AdversarialLoss
from ganbook.models.vgg import VGG
from ganbook.training.checkpoint import save_checkpoint

SMALL = {"size": 16, "width": 4}
JUDGE = {"discriminator_width": 4, "discriminator_layers": 1}
IMAGES = (2, 3, 16, 16)
CASES = {
    "vanilla": (vanilla, vanilla.Config((1, 16, 16), 4, 8), {"z": (2, 4)}),
    "dcgan": (dcgan, dcgan.Config(**SMALL, latent_dim=4), {"z": (2, 4)}),
    "stable": (stable, stable.wgan_gp(sample_shape=(3, 16, 16), width=4), {"z": (2, 16)}),
    "conditional": (
        conditional,
        conditional.Config(**SMALL, classes=(3, 2), embedding_dim=2),
        {"z": (2, 100), "labels": (2, 2)},
    ),
    "pix2pix": (pix2pix, pix2pix.Config(**SMALL, **JUDGE, downs=3), {"images": IMAGES}),
    "cyclegan": (cyclegan, cyclegan.Config(**SMALL, **JUDGE, blocks=1), {"images": IMAGES}),
    "inpainting": (
        inpainting,
        inpainting.Config(**SMALL, **JUDGE, downs=3),
        {"images": (2, 4, 16, 16)},
    ),
    **{
        f"srgan {factor}": (
            srgan,
            srgan.Config(**SMALL, **JUDGE, blocks=1, factor=factor),
            {"images": (2, 3, 16 // factor, 16 // factor)},
        )
        for factor in (2, 4)
    },
}


def saved(gan, config, path):
    torch.manual_seed(3)
    state = gan.build(config)
    if gan is srgan:
        torch.nn.init.normal_(state.generator.last.weight)  # which starts at 0, as pure bicubic
    save_checkpoint(path, state)
    return state


@pytest.mark.parametrize("name", CASES)
def test_the_generator_of_each_gan(name, tmp_path):
    gan, config, shapes = CASES[name]
    state = saved(gan, config, tmp_path / "x.pt")
    direction = "a-to-b" if gan is cyclegan else None
    before = torch.get_rng_state(), random.getstate()
    generator = load_generator(tmp_path / "x.pt", direction)
    assert torch.equal(torch.get_rng_state(), before[0])
    wanted = state.a_to_b if gan is cyclegan else state.generator
    torch.testing.assert_close(generator.network.state_dict(), wanted.state_dict(), rtol=0, atol=0)
    assert {key: tuple(value.shape) for key, value in generator.inputs.items()} == shapes
    assert not generator.network.training
    assert not any(p.requires_grad for p in generator.network.parameters())
    images = generator.network(*generator.inputs.values())
    assert len(images) == 2 and images.abs().max() <= 1


def test_weights_come_in_the_plain_order(tmp_path):
    """A bf16 run stores them channels_last, of which torch.export would warn."""
    state = saved(dcgan, dcgan.Config(**SMALL, latent_dim=4, precision="bf16"), tmp_path / "x.pt")
    network = load_generator(tmp_path / "x.pt").network
    assert not all(value.is_contiguous() for value in state.generator.parameters())
    assert all(value.is_contiguous() for value in network.parameters())
    torch.testing.assert_close(network.state_dict(), state.generator.state_dict(), rtol=0, atol=0)


def test_the_example_of_inpainting_has_a_hole_in_each_image(tmp_path):
    saved(*CASES["inpainting"][:2], tmp_path / "x.pt")
    generator = load_generator(tmp_path / "x.pt")
    inputs = generator.inputs["images"]
    damaged, masks = inputs[:, :-1], inputs[:, -1:]
    assert masks.unique().tolist() == [0, 1] and (masks.mean((1, 2, 3)) > 0).all()
    assert (damaged * masks == 0).all()
    known = (1 - masks).expand_as(damaged).bool()
    assert torch.equal(generator.network(inputs)[known], damaged[known])


def test_a_describer_is_not_needed(tmp_path):
    config = srgan.Config(**SMALL, **JUDGE, blocks=1, perceptual_weight=0.5)
    state = srgan.build(config, describer=VGG())
    save_checkpoint(tmp_path / "x.pt", state)
    before = torch.get_rng_state()
    network = load_generator(tmp_path / "x.pt").network
    assert torch.equal(torch.get_rng_state(), before)
    torch.testing.assert_close(network.state_dict(), state.generator.state_dict(), rtol=0, atol=0)


def test_labels_are_the_first_and_the_last_class(tmp_path):
    gan, config, _ = CASES["conditional"]
    saved(gan, config, tmp_path / "x.pt")
    assert load_generator(tmp_path / "x.pt").inputs["labels"].tolist() == [[0, 0], [2, 1]]


def test_the_average_is_preferred(tmp_path):
    state = dcgan.build(dcgan.Config(**SMALL, ema_half_life=100))
    with torch.no_grad():
        state.generator.layers[-2].bias.add_(1)
    save_checkpoint(tmp_path / "x.pt", state)
    network = load_generator(tmp_path / "x.pt").network
    assert torch.equal(network.layers[-2].bias, state.ema.module.layers[-2].bias)


def test_the_direction_of_a_cyclegan(tmp_path):
    gan, config, _ = CASES["cyclegan"]
    state = saved(gan, config, tmp_path / "x.pt")
    network = load_generator(tmp_path / "x.pt", "b-to-a").network
    torch.testing.assert_close(network.state_dict(), state.b_to_a.state_dict(), rtol=0, atol=0)
    with pytest.raises(ValueError, match="has two generators: give --direction a-to-b or b-to-a"):
        load_generator(tmp_path / "x.pt")
    saved(*CASES["dcgan"][:2], tmp_path / "y.pt")
    with pytest.raises(ValueError, match="--direction a-to-b is for a CycleGAN; this checkpoint"):
        load_generator(tmp_path / "y.pt", "a-to-b")


def test_the_loss_is_read_by_name(tmp_path):
    config = stable.sngan(sample_shape=(3, 16, 16), width=4)
    saved(stable, config, tmp_path / "x.pt")
    generator = load_generator(tmp_path / "x.pt")
    assert generator.config["loss"] == repr(AdversarialLoss.HINGE)


def test_files_that_are_no_checkpoint(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no checkpoint"):
        load_generator(tmp_path / "nowhere.pt")
    (tmp_path / "x.pt").write_text("no checkpoint")
    with pytest.raises(ValueError, match=r"x\.pt is not a readable checkpoint"):
        load_generator(tmp_path / "x.pt")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"class": "elsewhere.Config"}, r"is of elsewhere\.Config, which has no export"),
        ({"depth": "3"}, r"is of another version of ganbook: .*depth"),
        ({"width": "print(1)"}, "malformed node"),
    ],
)
def test_configs_that_are_not_the_books(tmp_path, changes, message, capsys):
    saved(*CASES["dcgan"][:2], tmp_path / "x.pt")
    content = torch.load(tmp_path / "x.pt", weights_only=True)
    content["config"] |= changes
    torch.save(content, tmp_path / "x.pt")
    with pytest.raises(ValueError, match=message):
        load_generator(tmp_path / "x.pt")
    assert capsys.readouterr().out == ""  # nothing from a file is run
