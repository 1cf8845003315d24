"""ganbook.gans.conditional: who moves when, the step written out, exact resumption, labels."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.nn.functional import cross_entropy
from torch.utils.data import TensorDataset

from ganbook.data.stream import BatchStream
from ganbook.gans import conditional
from ganbook.runtime import seed_everything
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint
from ganbook.training.fit import fit
from tests.steps import check_equal_to_the_bit, check_turns, moved, weights

KINDS = list(conditional.DISCRIMINATORS)
SMALL = conditional.Config(
    classes=(3, 4), channels=1, size=16, latent_dim=4, embedding_dim=2, width=4, ema_half_life=50
)


def made(config, seed=0):
    seed_everything(seed)
    return conditional.build(config)


def real_batch(n=6):
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(n, 1, 16, 16, generator=generator) * 2 - 1
    return images, torch.stack([torch.arange(n) % 3, torch.arange(n) % 4], dim=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_metrics_are_detached_finite_scalars(kind, precision):
    metrics = conditional.step(
        made(replace(SMALL, discriminator=kind, precision=precision)), real_batch()
    )
    assert list(metrics) == ["d_loss", "g_loss", "d_real", "d_fake"]
    for value in metrics.values():
        assert value.shape == () and value.dtype == torch.float32 and not value.requires_grad
        assert math.isfinite(value)
    # Untrained: 2 log 2, and the classifier guesses: twice log 3 + log 4, on real and on fake.
    guess = (math.log(3) + math.log(4)) if kind == "auxiliary" else 0
    assert metrics["d_loss"].item() == pytest.approx(2 * math.log(2) + 2 * guess, abs=0.4)
    assert metrics["g_loss"].item() == pytest.approx(math.log(2) + guess, abs=0.5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_each_part_of_the_step_moves_its_own_network(kind, precision, monkeypatch):
    state = made(replace(SMALL, discriminator=kind, precision=precision))
    check_turns(state, conditional.step, real_batch(), monkeypatch)


@pytest.mark.parametrize(
    ("kind", "fakes"), [*((kind, True) for kind in KINDS), ("auxiliary", False)]
)
def test_one_step_equals_the_same_step_written_out(kind, fakes):
    config = replace(
        SMALL,
        discriminator=kind,
        label_smoothing=0.1,
        learning_rate=0.01,
        auxiliary_weight=0.7,
        classify_fakes=fakes,
    )
    state, peer = made(config), made(config)
    real, labels = real_batch()
    torch.manual_seed(5)
    metrics = conditional.step(state, (real, labels))

    torch.manual_seed(5)
    z = torch.randn(6, 4)
    g, d = peer.generator, peer.discriminator
    ones, zeros = torch.ones(6), torch.zeros(6)
    classify = lambda parts: sum(cross_entropy(p, y) for p, y in zip(parts, labels.T))  # noqa: E731
    fake = g(z, labels)
    (on_real, real_classes), (on_fake, fake_classes) = d(real, labels), d(fake.detach(), labels)
    d_loss = bce(on_real, ones - 0.1) + bce(on_fake, zeros)
    d_loss = d_loss + 0.7 * (classify(real_classes) + fakes * classify(fake_classes))
    d_loss.backward()
    peer.discriminator_optimizer.step()
    logits, classes = d(fake, labels)
    g_loss = bce(logits, ones) + 0.7 * classify(classes)
    g_loss.backward()
    peer.generator_optimizer.step()

    torch.testing.assert_close(metrics["d_loss"], d_loss.detach())
    torch.testing.assert_close(metrics["g_loss"], g_loss.detach())
    torch.testing.assert_close(metrics["d_fake"], on_fake.detach().sigmoid().mean())
    near = {"rtol": 0, "atol": 1e-4}  # a step is 0.01; Adam magnifies rounding of tiny gradients
    torch.testing.assert_close(state.generator.state_dict(), g.state_dict(), **near)
    torch.testing.assert_close(state.discriminator.state_dict(), d.state_dict(), **near)


def run(config, steps, seed=0):
    state = made(config, seed)
    batches = BatchStream(TensorDataset(*real_batch(20)), batch_size=6, seed=seed)
    fit(state, conditional.step, batches, steps)
    return state, batches


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_ten_steps_are_five_and_a_resume_and_five(kind, precision, tmp_path):
    config = replace(SMALL, discriminator=kind, precision=precision, shift=1)
    whole, _ = run(config, 10)
    half, half_batches = run(config, 5)
    save_checkpoint(tmp_path / "half.pt", half, half_batches)
    resumed, batches = run(config, 2, seed=1234)
    load_checkpoint(tmp_path / "half.pt", resumed, batches)
    fit(resumed, conditional.step, batches, 10)
    assert whole.ema is not None
    check_equal_to_the_bit(resumed, whole)
    assert torch.equal(resumed.sample(real_batch()[1]), whole.sample(real_batch()[1]))


def test_a_checkpoint_of_another_discriminator_is_refused(tmp_path):
    save_checkpoint(tmp_path / "x.pt", made(SMALL))
    other = made(replace(SMALL, discriminator="concat"))
    with pytest.raises(ValueError, match="discriminator: 'projection' in the file, 'concat' here"):
        load_checkpoint(tmp_path / "x.pt", other)


def test_samples_belong_to_their_labels_and_seed():
    state = made(SMALL)
    labels = real_batch()[1]
    samples = state.sample(labels, seed=3)
    assert samples.shape == (6, 1, 16, 16)
    assert torch.equal(samples, state.sample(labels, seed=3))
    assert not torch.equal(samples, state.sample(labels, seed=4))
    assert not torch.equal(samples, state.sample(labels.flip(0), seed=3))
    z = torch.randn(6, 4)
    together = state.generate(z, labels, batch_size=4)
    apart = torch.cat([state.generate(z[i : i + 1], labels[i : i + 1]) for i in range(6)])
    torch.testing.assert_close(together, apart)
    torch.testing.assert_close(state.draw(z, state.embed(labels)), together)
    assert state.generator.training


def test_labels_of_one_attribute_may_be_flat():
    state = made(replace(SMALL, classes=(3,)))
    images, labels = real_batch()
    conditional.step(state, (images, labels[:, 0]))
    flat, column = state.sample(labels[:, 0]), state.sample(labels[:, :1])
    assert torch.equal(flat, column)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_label_stops_before_anything_moves(kind):
    state = made(replace(SMALL, discriminator=kind))
    before = weights(state.generator), weights(state.discriminator)
    images, labels = real_batch()
    labels[3, 1] = 4
    with pytest.raises(ValueError, match="Unknown label 4 of attribute 1; accepted are 0 to 3"):
        conditional.step(state, (images, labels))
    with pytest.raises(ValueError, match="Unknown label 4 of attribute 1; accepted are 0 to 3"):
        state.sample(labels)
    with pytest.raises(TypeError, match=r"int64 tensor, got torch.float32"):
        state.sample(labels.float())
    assert not moved(state.generator, before[0]) and not moved(state.discriminator, before[1])


def test_each_latent_needs_labels():
    with pytest.raises(ValueError, match="Each latent needs labels; got 5 and 6"):
        made(SMALL).generate(torch.randn(5, 4), real_batch()[1])


def test_another_discriminator_is_refused():
    with pytest.raises(ValueError, match="'film'; accepted are concat, projection, auxiliary"):
        conditional.build(replace(SMALL, discriminator="film"))


def test_the_generators_embeddings_start_at_the_configs_scale():
    state = made(replace(SMALL, classes=(500,), embedding_scale=0.3))
    assert state.generator.embed.tables[0].weight.std().item() == pytest.approx(0.3, rel=0.1)
