"""ganbook.models.vae: shapes, counts, the drawn code and its gradients."""

import pytest
import torch

from ganbook.models.dcgan import DCGANDiscriminator, DCGANGenerator
from ganbook.models.vae import (
    VAE,
    Autoencoder,
    ConvDecoder,
    ConvEncoder,
    logits_to_images,
    reparameterize,
)


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(("channels", "size"), [(1, 16), (1, 32), (3, 64)])
def test_shapes_and_parameter_counts(channels, size):
    images = torch.rand(3, channels, size, size) * 2 - 1
    vae = VAE(5, channels, size, width=4)
    logits, mean, log_variance = vae(images)
    assert logits.shape == images.shape
    assert mean.shape == log_variance.shape == (3, 5)
    plain = Autoencoder(5, channels, size, width=4)
    assert plain(images).shape == images.shape
    assert plain.encode(images).shape == (3, 5)
    assert plain.decode(torch.zeros(2, 5)).shape == (2, channels, size, size)
    # DCGAN's networks, with another number of outputs at the end of the discriminator.
    maps = 4 * size // 8
    encoder = count(DCGANDiscriminator(channels, size, 4))
    assert count(plain.encoder) == encoder + 4 * (16 * maps + 1)
    assert count(vae.encoder) == encoder + 9 * (16 * maps + 1)
    assert count(vae.decoder) == count(DCGANGenerator(5, channels, size, 4))


def test_the_decoder_is_the_generator_without_its_tanh():
    torch.manual_seed(0)
    decoder = ConvDecoder(4, 1, 16, 4)
    torch.manual_seed(0)
    generator = DCGANGenerator(4, 1, 16, 4)
    z = torch.randn(6, 4)
    torch.testing.assert_close(decoder(z).tanh(), generator(z))


def test_the_encoders_last_layer_starts_as_all_others():
    torch.manual_seed(0)
    head = ConvEncoder(64, 1, 32, 32).layers[-1]
    assert head.weight.std().item() == pytest.approx(0.02, rel=0.02)
    assert not head.bias.any()


def test_the_first_half_of_the_encoders_outputs_is_the_mean():
    torch.manual_seed(0)
    vae = VAE(3, 1, 16, 4).eval()
    images = torch.rand(2, 1, 16, 16)
    mean, log_variance = vae.encode(images)
    torch.testing.assert_close(torch.cat([mean, log_variance], dim=1), vae.encoder(images))


def test_forward_decodes_one_drawn_code():
    torch.manual_seed(0)
    vae = VAE(3, 1, 16, 4).eval()
    images = torch.rand(2, 1, 16, 16)
    torch.manual_seed(1)
    logits, mean, log_variance = vae(images)
    torch.manual_seed(1)
    torch.testing.assert_close(logits, vae.decode(reparameterize(mean, log_variance)))
    assert not torch.equal(vae(images)[0], logits)  # drawn anew


def test_in_eval_mode_a_result_does_not_depend_on_the_batch():
    torch.manual_seed(0)
    vae = VAE(3, 1, 16, 4).eval()
    images, z = torch.rand(6, 1, 16, 16), torch.randn(6, 3)
    torch.testing.assert_close(vae.encoder(images[2:3]), vae.encoder(images)[2:3])
    torch.testing.assert_close(vae.decode(z[2:3]), vae.decode(z)[2:3])


def test_draws_have_the_mean_and_the_variance_asked_for():
    mean = torch.tensor([0.0, -2.0, 1.5]).expand(40_000, 3)
    variance = torch.tensor([1.0, 0.25, 4.0])
    z = reparameterize(mean, variance.log().expand_as(mean), torch.Generator().manual_seed(0))
    error = (variance / len(z)).sqrt()  # standard error of a mean of so many draws
    assert ((z.mean(0) - mean[0]).abs() < 4 * error).all()
    assert (z.var(0) / variance - 1).abs().max() < 4 * (2 / len(z)) ** 0.5


def test_gradients_flow_through_a_draw():
    """By hand: dz/dmean = 1 and dz/dlog_variance = sigma * epsilon / 2."""
    mean = torch.tensor([1.0, 2.0], requires_grad=True)
    log_variance = torch.tensor([0.0, 4.0]).log1p().requires_grad_()  # sigma 1 and sqrt(5)
    epsilon = torch.randn(2, generator=torch.Generator().manual_seed(3))
    z = reparameterize(mean, log_variance, torch.Generator().manual_seed(3))
    z.sum().backward()
    sigma = torch.tensor([1.0, 5.0]).sqrt()
    torch.testing.assert_close(z.detach(), torch.tensor([1.0, 2.0]) + sigma * epsilon)
    torch.testing.assert_close(mean.grad, torch.ones(2))
    torch.testing.assert_close(log_variance.grad, sigma * epsilon / 2)


def test_logits_become_images():
    logits = torch.tensor([-1e4, -2.0, 0.0, 3.0, 1e4])
    torch.testing.assert_close(logits_to_images(logits), 2 * logits.sigmoid() - 1)
    assert logits_to_images(logits)[[0, 2, 4]].tolist() == [-1, 0, 1]


def test_bad_input():
    for network in (VAE, Autoencoder):
        with pytest.raises(ValueError, match="power of two of at least 16, got 28"):
            network(4, size=28)
        with pytest.raises(ValueError, match=r"\(N, 1, 32, 32\), got \(2, 3, 32, 32\)"):
            network(4).encode(torch.zeros(2, 3, 32, 32))
        with pytest.raises(ValueError, match=r"codes of shape \(N, 4\), got \(2, 5\)"):
            network(4).decode(torch.zeros(2, 5))
    with pytest.raises(ValueError, match=r"one shape, got \(2, 3\) and \(2, 4\)"):
        reparameterize(torch.zeros(2, 3), torch.zeros(2, 4))
