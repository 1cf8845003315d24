"""ganbook.gans.cyclegan: who moves when, the step written out, exact resumption, refusals."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import TensorDataset

from ganbook.data.unpaired import UnpairedStream
from ganbook.gans import cyclegan
from ganbook.runtime import seed_everything
from ganbook.training.checkpoint import load_checkpoint, save_checkpoint
from ganbook.training.fit import fit
from ganbook.training.image_buffer import ImageBuffer
from tests.steps import before_each_step, check_equal_to_the_bit, moved, saved_parts, weights

SMALL = cyclegan.Config(
    channels=2,
    size=16,
    width=2,
    blocks=1,
    downs=1,
    discriminator_width=2,
    discriminator_layers=1,
    learning_rate=1e-3,
    buffer_size=4,
    steps=10,
    constant_steps=3,
)
GENERATORS = ("a_to_b", "b_to_a")
DISCRIMINATORS = ("discriminator_a", "discriminator_b")
NETWORKS = GENERATORS + DISCRIMINATORS
SAVED = NETWORKS + ("generator_optimizer", "discriminator_optimizer", "buffer_a", "buffer_b")


class Reader(nn.Module):
    """A classifier of two-channel images, of three classes."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(2 * 16 * 16, 3))

    def forward(self, images):
        return self.layers(images)


def made(config, seed=0):
    seed_everything(seed)
    return cyclegan.build(config, classifier=Reader() if config.semantic_weight else None)


def images(n, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(n, 2, 16, 16, generator=generator) * 2 - 1


def real_batch(n=3):
    return images(n, 1), images(n, 2)


VARIANTS = {
    "full": {},
    "no cycle": {"cycle": "none"},
    "cycle only": {"adversarial": False},
    "one cycle only": {"adversarial": False, "cycle": "forward"},
    "forward": {"cycle": "forward"},
    "backward": {"cycle": "backward"},
    "identity": {"identity_weight": 5.0},
    "semantic": {"semantic_weight": 1.0},
    "no buffer": {"buffer_size": 0},
    "whole images": {"discriminator_layers": 0},
}
TERMS = {
    "full": ["g_adversarial", "cycle_a", "cycle_b", "g_loss", "d_loss"],
    "no cycle": ["g_adversarial", "g_loss", "d_loss"],
    "cycle only": ["cycle_a", "cycle_b", "g_loss"],
    "one cycle only": ["cycle_a", "g_loss"],
    "forward": ["g_adversarial", "cycle_a", "g_loss", "d_loss"],
    "backward": ["g_adversarial", "cycle_b", "g_loss", "d_loss"],
    "identity": ["g_adversarial", "cycle_a", "cycle_b", "identity", "g_loss", "d_loss"],
    "semantic": ["g_adversarial", "cycle_a", "cycle_b", "semantic", "g_loss", "d_loss"],
    "no buffer": ["g_adversarial", "cycle_a", "cycle_b", "g_loss", "d_loss"],
    "whole images": ["g_adversarial", "cycle_a", "cycle_b", "g_loss", "d_loss"],
}


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_metrics_are_detached_finite_scalars_of_the_terms_in_use(variant, precision):
    state = made(replace(SMALL, precision=precision, **VARIANTS[variant]))
    metrics = cyclegan.step(state, real_batch())
    assert list(metrics) == TERMS[variant]
    for value in metrics.values():
        assert value.shape == () and value.dtype == torch.float32 and not value.requires_grad
        assert math.isfinite(value)


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_each_update_moves_its_own_networks_and_no_other(variant, precision, monkeypatch):
    config = replace(SMALL, precision=precision, **VARIANTS[variant])
    state = made(config)
    before = {name: weights(getattr(state, name)) for name in NETWORKS}
    turns = []

    def now_moved():
        return [name for name in NETWORKS if moved(getattr(state, name), before[name])]

    def at_generators_turn():
        assert now_moved() == []
        for name in GENERATORS:
            assert all(
                p.grad is not None and p.grad.any() for p in getattr(state, name).parameters()
            )
        for name in DISCRIMINATORS:  # frozen: not even a gradient is stored
            assert all(p.grad is None for p in getattr(state, name).parameters())
        turns.append([p.grad.clone() for g in GENERATORS for p in getattr(state, g).parameters()])

    def at_discriminators_turn():
        assert now_moved() == list(GENERATORS)
        now = [p.grad for g in GENERATORS for p in getattr(state, g).parameters()]
        assert all(torch.equal(a, b) for a, b in zip(now, turns[0]))  # the fakes were detached
        turns.append("discriminators")

    before_each_step(monkeypatch, state.generator_optimizer, at_generators_turn)
    before_each_step(monkeypatch, state.discriminator_optimizer, at_discriminators_turn)
    cyclegan.step(state, real_batch())
    expected = NETWORKS if config.adversarial else GENERATORS
    assert now_moved() == list(expected)
    assert len(turns) == (2 if config.adversarial else 1)
    assert all(p.requires_grad for name in NETWORKS for p in getattr(state, name).parameters())
    assert state.step == 0


def test_the_classifier_never_moves():
    state = made(replace(SMALL, semantic_weight=1.0))
    before = weights(state.classifier)
    cyclegan.step(state, real_batch())
    assert not moved(state.classifier, before)
    assert not state.classifier.training
    assert all(p.grad is None and not p.requires_grad for p in state.classifier.parameters())


def test_one_step_equals_the_same_step_written_out():
    config = replace(SMALL, cycle_weight=7.0, identity_weight=2.0, semantic_weight=0.5)
    state, peer = made(config), made(config)
    a, b = real_batch()
    metrics = cyclegan.step(state, (a, b))

    g, f, d_a, d_b, reads = (getattr(peer, n) for n in NETWORKS + ("classifier",))
    fake_b, fake_a = g(a), f(b)
    adversarial = ((d_b(fake_b) - 1) ** 2).mean() + ((d_a(fake_a) - 1) ** 2).mean()
    cycle_a, cycle_b = (f(fake_b) - a).abs().mean(), (g(fake_a) - b).abs().mean()
    identity = (g(b) - b).abs().mean() + (f(a) - a).abs().mean()
    semantic = cross_entropy(reads(fake_b), reads(a).argmax(1))
    semantic = semantic + cross_entropy(reads(fake_a), reads(b).argmax(1))
    g_loss = adversarial + 7 * (cycle_a + cycle_b) + 2 * identity + 0.5 * semantic
    g_loss.backward()
    peer.generator_optimizer.step()
    peer.discriminator_optimizer.zero_grad()
    # The buffer of four is not full after three images: it gives the new ones.
    on_a = ((d_a(a) - 1) ** 2).mean() / 2 + (d_a(fake_a.detach()) ** 2).mean() / 2
    on_b = ((d_b(b) - 1) ** 2).mean() / 2 + (d_b(fake_b.detach()) ** 2).mean() / 2
    (on_a + on_b).backward()
    peer.discriminator_optimizer.step()

    expected = {
        "g_adversarial": adversarial,
        "cycle_a": cycle_a,
        "cycle_b": cycle_b,
        "identity": identity,
        "semantic": semantic,
        "g_loss": g_loss,
        "d_loss": on_a + on_b,
    }
    for name, value in expected.items():
        torch.testing.assert_close(metrics[name], value.detach(), msg=name)
    near = {"rtol": 0, "atol": 1e-5}  # a step is 0.001; Adam magnifies rounding of tiny gradients
    for name in NETWORKS:
        mine, other = (getattr(s, name).state_dict() for s in (state, peer))
        torch.testing.assert_close(mine, other, **near, msg=name)


def test_discriminators_see_what_the_buffers_give(monkeypatch):
    state = made(SMALL)
    shown = []
    for name in ("buffer_a", "buffer_b"):
        monkeypatch.setattr(
            getattr(state, name), "query", lambda fakes: shown.append(fakes) or 0 * fakes + 0.5
        )
    seen = {name: [] for name in DISCRIMINATORS}
    for name in DISCRIMINATORS:
        getattr(state, name).register_forward_pre_hook(
            lambda module, args, name=name: seen[name].append(args[0].detach().clone())
        )
    a, b = real_batch()
    cyclegan.step(state, (a, b))
    for name, real, fakes in (("discriminator_a", a, shown[0]), ("discriminator_b", b, shown[1])):
        assert not fakes.requires_grad
        of_generator, of_real, of_buffer = seen[name]
        assert torch.equal(of_generator, fakes) and torch.equal(of_real, real)
        assert torch.equal(of_buffer, torch.full_like(real, 0.5))


def test_the_buffers_hold_fakes_of_their_own_domain():
    state = made(SMALL)
    a, b = real_batch()
    fake_b, fake_a = state.translate(a, "b"), state.translate(b, "a")
    cyclegan.step(state, (a, b))
    torch.testing.assert_close(state.buffer_a.images[:3], fake_a)
    torch.testing.assert_close(state.buffer_b.images[:3], fake_b)


def test_the_learning_rate_follows_the_step():
    state = made(SMALL)  # 10 steps, 3 of them constant
    rates = []
    for state.step in (0, 2, 3, 5, 9):
        cyclegan.step(state, real_batch())
        both = {
            o.param_groups[0]["lr"]
            for o in (state.generator_optimizer, state.discriminator_optimizer)
        }
        assert len(both) == 1
        rates += both
    assert rates == pytest.approx([1e-3, 1e-3, 1e-3, 5e-3 / 7, 1e-3 / 7])


def stream(seed=0):
    return UnpairedStream(
        TensorDataset(images(7, 3)), TensorDataset(images(5, 4)), batch_size=2, seed=seed
    )


def run(config, steps, seed=0):
    state, batches = made(config, seed), stream(seed)
    fit(state, cyclegan.step, batches, steps)
    return state, batches


@pytest.mark.parametrize("precision", ["float32", "bf16"])
@pytest.mark.parametrize(
    ("options", "stored"),
    [
        ({"buffer_size": 4}, 4),  # full: the random swaps continue too
        ({"buffer_size": 13}, 10),  # half full: it goes on filling
        ({"buffer_size": 0}, 0),
        ({"adversarial": False}, 0),
        ({"cycle": "none", "identity_weight": 1.0}, 4),
        ({"semantic_weight": 1.0}, 4),
        ({"discriminator_layers": 0}, 4),
    ],
)
def test_ten_steps_are_five_and_a_resume_and_five(options, stored, precision, tmp_path):
    config = replace(SMALL, precision=precision, **options)
    whole, _ = run(config, 10)
    half, half_batches = run(config, 5)
    assert len(half.buffer_a) == len(half.buffer_b) == stored
    save_checkpoint(tmp_path / "half.pt", half, half_batches)
    resumed, batches = run(config, 2, seed=1234)
    load_checkpoint(tmp_path / "half.pt", resumed, batches)
    fit(resumed, cyclegan.step, batches, 10)
    assert set(SAVED) <= set(saved_parts(whole))
    check_equal_to_the_bit(resumed, whole)
    a = real_batch()[0]
    assert torch.equal(resumed.translate(a), whole.translate(a))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"cycle": "none"}, "cycle: 'both' in the file, 'none' here"),
        ({"buffer_size": 5}, "buffer_size: 4 in the file, 5 here"),
    ],
)
def test_a_checkpoint_of_another_config_is_refused(other, message, tmp_path):
    save_checkpoint(tmp_path / "x.pt", made(SMALL))
    with pytest.raises(ValueError, match=message):
        load_checkpoint(tmp_path / "x.pt", made(replace(SMALL, **other)))


def test_translate_and_reconstruct_use_the_right_generators():
    state = made(SMALL)
    a, b = real_batch(5)
    with torch.no_grad():
        fake_b, fake_a = state.a_to_b(a), state.b_to_a(b)
        back_a, back_b = state.b_to_a(fake_b), state.a_to_b(fake_a)
    torch.testing.assert_close(state.translate(a, "b", batch_size=2), fake_b)
    torch.testing.assert_close(state.translate(b, "a"), fake_a)
    torch.testing.assert_close(state.reconstruct(a, "a", batch_size=2), back_a)
    torch.testing.assert_close(state.reconstruct(b, "b"), back_b)
    assert state.a_to_b.training and state.b_to_a.training
    with pytest.raises(ValueError, match="to is 'B'; accepted are 'a', 'b'"):
        state.translate(a, "B")
    with pytest.raises(ValueError, match="domain is 'c'; accepted are 'a', 'b'"):
        state.reconstruct(a, "c")


def test_discriminators_judge_patches_or_whole_images():
    a = real_batch(5)[0]
    assert made(SMALL).discriminator_a(a).shape == (5, 1, 6, 6)
    whole = made(replace(SMALL, discriminator_layers=0))
    assert whole.discriminator_a(a).shape == whole.discriminator_b(a).shape == (5,)


def test_build_follows_the_seed_and_the_config():
    first, again, other = made(SMALL), made(SMALL), made(SMALL, seed=1)
    for name in NETWORKS:
        one, two, three = (getattr(s, name).state_dict() for s in (first, again, other))
        torch.testing.assert_close(one, two, rtol=0, atol=0)
        assert not torch.equal(one["layers.0.weight"], three["layers.0.weight"])
    starts = [getattr(first, name).layers[0].weight for name in GENERATORS]
    assert not torch.equal(*starts)  # two networks, not one
    assert isinstance(first.buffer_a, ImageBuffer) and first.buffer_a is not first.buffer_b
    assert first.buffer_a.size == SMALL.buffer_size
    assert first.classifier is None


def test_defaults_are_the_papers():
    config = cyclegan.Config()
    assert (config.size, config.width, config.blocks, config.discriminator_layers) == (
        256,
        64,
        9,
        3,
    )
    assert (config.learning_rate, config.beta1, config.buffer_size) == (2e-4, 0.5, 50)
    assert (config.cycle, config.cycle_weight, config.semantic_weight) == ("both", 10, 0)
    assert 2 * config.constant_steps == config.steps


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cycle": "twice"}, "'twice'; accepted are both, forward, backward, none"),
        ({"adversarial": False, "cycle": "none"}, "there is nothing to train on"),
        ({"cycle_weight": -1.0}, "cycle_weight must not be negative, got -1.0"),
        ({"identity_weight": -1.0}, "identity_weight must not be negative, got -1.0"),
        ({"semantic_weight": -1.0}, "semantic_weight must not be negative, got -1.0"),
        ({"constant_steps": 11}, "constant must lie between 0 and steps"),
        ({"size": 15}, "15 x 15; both sides must be multiples of 2"),
        ({"discriminator_layers": -1}, "layers must be at least 1, got -1"),
        ({"size": 24, "discriminator_layers": 0}, "size must be a power of two"),
        ({"discriminator_layers": 3}, "Patches of 70 x 70 do not fit into images of 16 x 16"),
        ({"precision": "half"}, "precision is 'half'"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        cyclegan.build(replace(SMALL, **options))


def test_semantic_weight_and_classifier_come_together():
    with pytest.raises(ValueError, match=r"semantic_weight is 1.0 and classifier is missing"):
        cyclegan.build(replace(SMALL, semantic_weight=1.0))
    with pytest.raises(ValueError, match=r"semantic_weight is 0.0 and classifier is given"):
        cyclegan.build(SMALL, classifier=Reader())


@pytest.mark.parametrize(
    ("shape", "domain"),
    [((3, 1, 16, 16), "A"), ((3, 2, 16, 32), "B"), ((2, 16, 16), "A"), ((3, 3, 16, 16), "B")],
)
def test_images_that_do_not_fit_stop_before_anything_moves(shape, domain):
    state = made(SMALL)
    before = {name: weights(getattr(state, name)) for name in NETWORKS}
    batch = dict(zip("AB", real_batch())) | {domain: torch.zeros(shape)}
    message = rf"Domain {domain}: images must have shape \(N, 2, 16, 16\), got \({shape[0]}, "
    with pytest.raises(ValueError, match=message):
        cyclegan.step(state, tuple(batch.values()))
    assert not any(moved(getattr(state, name), before[name]) for name in NETWORKS)
    assert len(state.buffer_a) == 0
