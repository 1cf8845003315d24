"""ganbook.gans.inpainting: pix2pix on holes; known pixels kept; exact resumption."""

import math
from dataclasses import replace

import pytest
import torch
from torch.utils.data import TensorDataset

from ganbook.data.masks import random_masks, square_mask
from ganbook.data.stream import BatchStream
from ganbook.gans import inpainting, pix2pix
from ganbook.models.inpainter import hide
from ganbook.runtime import seed_everything
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint
from ganbook.training.fit import fit
from tests.steps import check_equal_to_the_bit, moved, weights

SMALL = inpainting.Config(
    in_channels=3,
    out_channels=2,
    size=16,
    width=4,
    downs=3,
    discriminator_width=4,
    discriminator_layers=1,
    ema_half_life=50,
)


def made(config=SMALL, seed=0):
    seed_everything(seed)
    return inpainting.build(config)


def images(n=6, channels=2):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(n, channels, 16, 16, generator=generator) * 2 - 1


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_metrics_are_detached_finite_scalars_and_both_networks_move(precision):
    state = made(replace(SMALL, precision=precision))
    before = weights(state.generator), weights(state.discriminator), weights(state.ema.module)
    metrics = inpainting.step(state, (images(), torch.arange(6)))  # labels are left alone
    assert list(metrics) == ["d_loss", "d_real", "d_fake", "reconstruction", "g_loss"]
    for value in metrics.values():
        assert value.shape == () and value.dtype == torch.float32 and not value.requires_grad
        assert math.isfinite(value)
    networks = (state.generator, state.discriminator, state.ema.module)
    assert all(moved(network, old) for network, old in zip(networks, before, strict=True))


def test_a_step_is_pix2pixs_on_hidden_images():
    state, twin = made(), made()
    torch.manual_seed(3)
    metrics = inpainting.step(state, (images(),))
    torch.manual_seed(3)
    masks = random_masks(6, 16, 0.5)
    expected = pix2pix.step(twin, (hide(images(), masks), images()))
    torch.testing.assert_close(metrics, expected, rtol=0, atol=0)
    torch.testing.assert_close(state.generator.state_dict(), twin.generator.state_dict())


def test_the_discriminator_sees_the_composed_picture_beside_what_was_left():
    state, seen = made(), []
    state.discriminator.register_forward_pre_hook(lambda module, args: seen.append(args))
    inpainting.step(state, (images(),))
    (inputs, real), (inputs_again, fake), (_, fake_again) = seen
    masks = inputs[:, 2:]
    assert torch.equal(inputs, inputs_again) and torch.equal(real, images())
    known = (masks == 0).expand_as(real)
    assert torch.equal(fake[known], real[known]) and not torch.equal(fake, real)
    assert torch.equal(fake, fake_again)
    assert torch.equal(inputs, hide(images(), masks))


def test_the_reconstruction_is_the_error_in_the_hole_over_all_pixels():
    state = made(replace(SMALL, adversarial_weight=0.0, stroke_share=0.0))
    torch.manual_seed(3)
    masks = random_masks(6, 16, 0.0)
    twin = made(replace(SMALL, adversarial_weight=0.0, stroke_share=0.0))
    painted = twin.generator(hide(images(), masks))
    error = (masks * (painted - images())).abs().sum() / images().numel()
    torch.manual_seed(3)
    metrics = inpainting.step(state, (images(),))
    torch.testing.assert_close(metrics["reconstruction"], error.detach())


def test_inpainting_keeps_known_pixels_and_does_not_look_into_the_hole():
    state, x, masks = made(), images(), random_masks(6, 16)
    inpainting.step(state, (x,))
    out = state.inpaint(x, masks)
    known = (masks == 0).expand_as(x)
    assert torch.equal(out[known], x[known])
    assert torch.equal(state.inpaint(torch.where(known, x, -x), masks), out)
    assert out.abs().max() <= 1 and not out.requires_grad
    one = square_mask(16, 4)
    torch.testing.assert_close(state.inpaint(x, one)[:1], state.inpaint(x[:1], one))


def run(config, steps, seed=0):
    state = made(config, seed)
    batches = BatchStream(TensorDataset(images(20)), batch_size=6, seed=seed)
    fit(state, inpainting.step, batches, steps)
    return state, batches


@pytest.mark.parametrize(
    "changes", [{}, {"precision": "bf16", "shift": 3, "jitter": 2, "steps": 10}]
)
def test_ten_steps_are_five_and_a_resume_and_five(changes, tmp_path):
    config = replace(SMALL, **changes)
    whole, _ = run(config, 10)
    half, half_batches = run(config, 5)
    save_checkpoint(tmp_path / "half.pt", half, half_batches)
    torch.rand(100), next(half_batches)  # what happens after the save must not matter
    resumed, batches = run(config, 2, seed=1234)
    load_checkpoint(tmp_path / "half.pt", resumed, batches)
    fit(resumed, inpainting.step, batches, 10)
    check_equal_to_the_bit(resumed, whole)


def test_it_learns_to_continue_a_constant():
    config = replace(SMALL, adversarial_weight=0.0, learning_rate=5e-3, ema_half_life=0)
    values = torch.linspace(-0.9, 0.9, 20).view(-1, 1, 1, 1).expand(-1, 2, 16, 16)
    state = made(config)
    fit(state, inpainting.step, BatchStream(TensorDataset(values), 10), 150)
    error = (state.inpaint(values, square_mask(16, 6)) - values)[..., 5:11, 5:11].abs().mean()
    assert error < 0.2  # 0.47 for the grey of the hole


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"in_channels": 2}, r"in_channels is 2; it must be 3"),
        ({"stroke_share": -0.1}, r"stroke_share must lie in \[0, 1\], got -0.1"),
        ({"size": 20}, "size is 20; it must be a multiple of 8"),
        ({"adversarial_weight": -1}, "must not be negative"),
    ],
)
def test_a_config_that_cannot_work_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        inpainting.build(replace(SMALL, **changes))


def test_images_of_another_shape_are_refused():
    state = made()
    with pytest.raises(ValueError, match=r"inputs must have shape \(6, 3, 16, 16\), got \(6, 2,"):
        inpainting.step(state, (images(channels=1),))
    with pytest.raises(ValueError, match=r"got \(6, 3, 8, 8\)"):
        inpainting.step(state, (images()[..., :8, :8],))
