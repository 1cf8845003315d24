"""What chapter 12 builds by hand equals ganbook's and PyTorch's."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from ganbook.data.stream import BatchStream
from ganbook.gans import dcgan, vanilla
from ganbook.metrics.moments import Statistics
from ganbook.models.dcgan import DCGANDiscriminator
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "12_scaling_up.ipynb"
NAMES = [
    "Stopwatch",
    "gan_step",
    "convolution_flops",
    "amdahl",
    "prefetch",
    "LossScaler",
    "kept_bytes",
    "accumulate_gradients",
    "accumulated_step",
    "exchange_mean",
    "ring_all_reduce",
    "synchronised_batch_norm",
    "merge",
    "moments",
]


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, NAMES)


def weights(network):
    return torch.cat([value.flatten().double() for value in network.state_dict().values()])


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_the_step_in_parts_is_the_packages(chapter, precision):
    config = dcgan.Config(size=16, width=4, precision=precision)
    watch, states, losses = chapter.Stopwatch(), [], []
    for step in (
        lambda state, batch: chapter.gan_step(state, batch[0], watch, precision),
        dcgan.step,
    ):
        torch.manual_seed(0)
        state = dcgan.build(config)
        for _ in range(2):
            images = torch.rand(8, 3, 16, 16) * 2 - 1
            # the package brings the layout that goes with bf16
            layout = torch.channels_last if precision == "bf16" else torch.contiguous_format
            loss = step(state, (images.contiguous(memory_format=layout),))
        states.append(state)
        losses.append(loss)
    for name in ("generator", "discriminator"):
        assert torch.equal(*(weights(getattr(state, name)) for state in states))
    assert all(torch.equal(value, losses[1][name]) for name, value in losses[0].items())
    assert len(watch.spans) == 2 * 7
    ends = [end for _, _, end in watch.spans]
    assert ends == sorted(ends) and all(begin <= end for _, begin, end in watch.spans)


@pytest.mark.parametrize(("maps", "kernel", "stride", "padding"), [(3, 4, 2, 1), (5, 3, 1, 1)])
def test_operations_of_a_convolution(chapter, maps, kernel, stride, padding):
    from torch.utils.flop_counter import FlopCounterMode

    layer = nn.Conv2d(maps, 7, kernel, stride, padding)
    with FlopCounterMode(display=False) as counter:
        out = layer(torch.zeros(2, maps, 12, 12))
    expected = chapter.convolution_flops(2, maps, 7, out.shape[-1], kernel)
    assert (
        counter.get_total_flops() == expected == 2 * 2 * 7 * out.shape[-1] ** 2 * maps * kernel**2
    )


def test_amdahl(chapter):
    assert chapter.amdahl(0.5, 2) == pytest.approx(4 / 3)
    assert chapter.amdahl(1, 7) == pytest.approx(7) and chapter.amdahl(0, 7) == 1


@pytest.mark.parametrize("depth", [1, 2, 9])
def test_prefetching_changes_nothing_but_the_time(chapter, depth):
    assert list(chapter.prefetch(iter(range(5)), depth)) == [0, 1, 2, 3, 4]
    assert list(chapter.prefetch([], depth)) == []


def test_the_scaler_is_pytorchs(chapter):
    """Finite and infinite gradients in turn: the same weights and the same scale."""
    if not hasattr(torch.amp, "GradScaler"):
        pytest.skip("this PyTorch has no GradScaler for the CPU")
    theirs = torch.amp.GradScaler("cpu", init_scale=2.0**8, growth_interval=3)
    ours = chapter.LossScaler(2.0**8, growth_interval=3)
    networks = [nn.Linear(3, 1) for _ in range(2)]
    networks[1].load_state_dict(networks[0].state_dict())
    adams = [torch.optim.Adam(network.parameters(), lr=0.1) for network in networks]
    scales = []
    for factor in (1, 1, 1, 1, float("inf"), 1, float("nan"), float("inf"), 1, 1, 1, 1):
        inputs = torch.randn(4, 3)
        for network, adam, scaler in zip(networks, adams, (ours, theirs)):
            adam.zero_grad()
            scaler.scale(network(inputs).square().mean()).backward()
            network.weight.grad *= factor
            scaler.step(adam)
        theirs.update()
        assert ours.value == theirs.get_scale()
        scales.append(ours.value)
        torch.testing.assert_close(networks[0].weight, networks[1].weight, rtol=0, atol=0)
    assert min(scales) == 2.0**6 and max(scales) == 2.0**9


def test_kept_bytes_of_a_layer(chapter):
    layer = nn.Linear(10, 20)
    kept = [chapter.kept_bytes(layer, torch.zeros(n, 10)) for n in (1, 8)]
    assert kept == [1 * 10 * 4, 8 * 10 * 4]  # the input, for the gradient of the weights


@pytest.mark.parametrize("parts", [2, 3, 8])
@pytest.mark.parametrize("norm", ["none", "instance", "batch"])
def test_accumulated_gradients(chapter, parts, norm):
    """Those of the whole batch, also with unequal parts; but not with batch norm."""
    torch.manual_seed(0)
    judge = DCGANDiscriminator(channels=1, size=16, width=4, norm=norm).double()
    images = torch.randn(8, 1, 16, 16).double()
    judge.zero_grad()
    F.softplus(judge(images)).mean().backward()
    whole = [p.grad.clone() for p in judge.parameters()]
    found = chapter.accumulate_gradients(judge, lambda x: F.softplus(x).mean(), images, parts)
    equal = [torch.allclose(a, b, rtol=1e-9, atol=1e-12) for a, b in zip(found, whole)]
    assert all(equal) if norm != "batch" else not all(equal)


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_an_accumulated_step_is_the_packages(chapter, parts, monkeypatch):
    torch.set_default_dtype(torch.float64)
    try:
        states = []
        for step in (
            lambda state, batch: chapter.accumulated_step(state, batch[0], parts),
            vanilla.step,
        ):
            torch.manual_seed(0)
            state = vanilla.build(vanilla.Config((1, 4, 4), latent_dim=4, hidden=16))
            for _ in range(3):
                step(state, (torch.rand(10, 1, 4, 4),))
            states.append(state)
    finally:
        torch.set_default_dtype(torch.float32)
    for name in ("generator", "discriminator"):
        first, second = (weights(getattr(state, name)) for state in states)
        torch.testing.assert_close(first, second, rtol=1e-8, atol=1e-10)


def test_exchanging_is_the_packages_mean(chapter, monkeypatch):
    """Two processes played one after the other: each receives what the other sends."""
    vectors = torch.tensor([1.0, 5.0]), torch.tensor([3.0, -1.0])

    class Sent:
        def wait(self):
            pass

    for rank in (0, 1):
        monkeypatch.setattr(chapter.dist, "isend", lambda tensor, to: Sent())
        monkeypatch.setattr(
            chapter.dist, "recv", lambda tensor, source: tensor.copy_(vectors[source])
        )
        assert chapter.exchange_mean(vectors[rank], rank).tolist() == [2.0, 2.0]


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_ring_adds_up(chapter, n):
    vectors = [torch.randn(12).double() for _ in range(n)]
    before = [vector.clone() for vector in vectors]
    sums, sent = chapter.ring_all_reduce(vectors)
    for total in sums:
        torch.testing.assert_close(total, torch.stack(before).sum(dim=0))
    assert sent == 2 * (n - 1) * 12 // n
    assert all(torch.equal(a, b) for a, b in zip(vectors, before))


@pytest.mark.parametrize("sizes", [(4, 4), (2, 6), (3, 3, 2)])
def test_synchronised_statistics_are_those_of_the_whole(chapter, sizes):
    maps = torch.randn(8, 3, 5, 5).double() + torch.arange(8).view(8, 1, 1, 1)
    parts = chapter.synchronised_batch_norm(maps.split(sizes))
    torch.testing.assert_close(torch.cat(parts), nn.BatchNorm2d(3).double()(maps))


def test_merged_statistics_are_the_packages(chapter):
    features = torch.randn(30, 4).double()
    n, mean, scatter = chapter.merge(chapter.moments(features[:11]), chapter.moments(features[11:]))
    statistics = Statistics()
    statistics.update(features)
    assert n == statistics.n == 30
    torch.testing.assert_close(mean, statistics.mean)
    torch.testing.assert_close(scatter / (n - 1), statistics.covariance)


def test_each_process_takes_its_part_of_one_order():
    """What the chapter says of the order of the data, of the package's stream."""
    data = torch.utils.data.TensorDataset(torch.arange(24))
    alone = BatchStream(data, 8, seed=3)
    shares = [BatchStream(data, 8, seed=3, share=(k, 2)) for k in (0, 1)]
    for _ in range(5):
        together = torch.cat([next(share)[0] for share in shares])
        assert torch.equal(together, next(alone)[0])
