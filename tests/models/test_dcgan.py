"""ganbook.models.dcgan: shapes, counts and initial statistics at every size."""

import pytest
import torch
from torch import nn

from ganbook.models.dcgan import DCGANDiscriminator, DCGANGenerator

SIZES = [16, 32, 64, 128]


def count(module):
    return sum(p.numel() for p in module.parameters())


def generator_count(latent_dim, channels, size, width):
    """4 x 4 kernels without bias and two numbers a batch norm channel; the last has a bias."""
    maps = width * size // 8
    total = 16 * latent_dim * maps + 2 * maps
    while maps > width:
        total += 16 * maps * (maps // 2) + 2 * (maps // 2)
        maps //= 2
    return total + 16 * width * channels + channels


def discriminator_count(channels, size, width):
    total = 16 * channels * width + width
    maps = width
    while maps < width * size // 8:
        total += 16 * maps * 2 * maps + 2 * 2 * maps
        maps *= 2
    return total + 16 * maps + 1


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES)
def test_shapes_and_parameter_counts(size, channels):
    generator = DCGANGenerator(latent_dim=10, channels=channels, size=size, width=4)
    discriminator = DCGANDiscriminator(channels=channels, size=size, width=4)
    images = generator(torch.randn(3, 10))
    assert images.shape == (3, channels, size, size)
    assert images.abs().max().item() < 1
    logits = discriminator(images)
    assert logits.shape == (3,)
    assert count(generator) == generator_count(10, channels, size, 4)
    assert count(discriminator) == discriminator_count(channels, size, 4)


def test_the_papers_size():
    """At 64 x 64 and width 128 figure 1 has 1024, 512, 256, 128 maps."""
    with torch.device("meta"):
        generator = DCGANGenerator(width=128)
    maps = [m.num_features for m in generator.modules() if isinstance(m, nn.BatchNorm2d)]
    assert maps == [1024, 512, 256, 128]
    assert count(generator) == 12_658_435  # by hand: 1,640,448 + 8,389,632 + ... + 6,147


def test_batch_norm_is_where_the_paper_puts_it():
    generator, discriminator = DCGANGenerator(width=4), DCGANDiscriminator(width=4)
    assert isinstance(generator.layers[-2], nn.ConvTranspose2d)  # not at the generator's output
    assert isinstance(generator.layers[-1], nn.Tanh)
    assert isinstance(discriminator.layers[0], nn.Conv2d)  # not at the discriminator's input
    assert isinstance(discriminator.layers[1], nn.LeakyReLU)
    for network, expected in ((generator, 4), (discriminator, 3)):
        assert sum(isinstance(m, nn.BatchNorm2d) for m in network.modules()) == expected


def test_initial_statistics():
    torch.manual_seed(0)
    for network in (DCGANGenerator(width=16), DCGANDiscriminator(width=16)):
        convolutions, scales = [], []
        for module in network.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
                convolutions.append(module.weight.flatten())
                assert module.bias is None or not module.bias.any()
            elif isinstance(module, nn.BatchNorm2d):
                scales.append(module.weight)
                assert not module.bias.any()
        weights, scales = torch.cat(convolutions), torch.cat(scales)
        assert weights.mean().item() == pytest.approx(0, abs=3e-4)
        assert weights.std().item() == pytest.approx(0.02, rel=0.02)
        assert scales.mean().item() == pytest.approx(1.0, abs=0.01)
        assert scales.std().item() == pytest.approx(0.02, rel=0.25)


def test_in_eval_mode_a_result_does_not_depend_on_the_batch():
    torch.manual_seed(0)
    generator = DCGANGenerator(8, 1, 16, 8).eval()
    discriminator = DCGANDiscriminator(1, 16, 8).eval()
    z = torch.randn(6, 8)
    images = generator(z)
    torch.testing.assert_close(generator(z[2:3]), images[2:3])
    torch.testing.assert_close(discriminator(images[2:3]), discriminator(images)[2:3])


@pytest.mark.parametrize("size", [48, 8, 0, 1, -16, 65])
@pytest.mark.parametrize("network", [DCGANGenerator, DCGANDiscriminator])
def test_other_sizes_are_refused(network, size):
    with pytest.raises(ValueError, match=f"power of two of at least 16, got {size}"):
        network(size=size)


def test_an_image_of_another_shape_is_refused():
    discriminator = DCGANDiscriminator(channels=3, size=32, width=4)
    with pytest.raises(ValueError, match=r"\(N, 3, 32, 32\), got \(2, 3, 64, 64\)"):
        discriminator(torch.zeros(2, 3, 64, 64))
    with pytest.raises(ValueError, match=r"\(N, 3, 32, 32\), got \(2, 1, 32, 32\)"):
        discriminator(torch.zeros(2, 1, 32, 32))


@pytest.mark.parametrize(("norm", "kind"), [("instance", nn.InstanceNorm2d), ("none", None)])
def test_another_norm_in_the_discriminator(norm, kind):
    torch.manual_seed(0)
    discriminator = DCGANDiscriminator(1, 32, 8, norm=norm)
    images = torch.rand(6, 1, 32, 32) * 2 - 1
    logits = discriminator(images)  # in training mode
    assert logits.shape == (6,)
    torch.testing.assert_close(discriminator(images[2:3]), logits[2:3])  # each image stands alone
    kinds = [type(m) for m in discriminator.modules() if "Norm" in type(m).__name__]
    assert kinds == ([kind] * 2 if kind else [])
    biases = [m.bias is not None for m in discriminator.modules() if isinstance(m, nn.Conv2d)]
    assert biases == [True, kind is None, kind is None, True]


def test_the_default_norm_is_the_papers_and_its_names_are_those_of_old_checkpoints():
    discriminator = DCGANDiscriminator(1, 16, 4)
    names = [name for name, _ in discriminator.named_parameters()]
    assert names == [
        *("layers.0.weight", "layers.0.bias", "layers.2.0.weight"),
        *("layers.2.1.weight", "layers.2.1.bias", "layers.3.weight", "layers.3.bias"),
    ]
    images = torch.rand(4, 1, 16, 16)
    alone, together = discriminator(images[:2]), discriminator(images)[:2]
    assert not torch.allclose(alone, together, atol=1e-5)


def test_another_name_of_a_norm_is_refused():
    with pytest.raises(ValueError, match="norm is 'layer'; accepted are batch, instance, none"):
        DCGANDiscriminator(norm="layer")
