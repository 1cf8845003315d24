"""ganbook.train.data_parallel: two processes at half the batch are one process."""

import pytest
import torch
from torch import nn

from ganbook.gans import cyclegan, dcgan, vanilla
from ganbook.train.data_parallel import data_parallel, has_batch_norm, trained_networks
from ganbook.train.processes import Processes
from tests.train import workers


@pytest.mark.parametrize("name", workers.CASES)
def test_half_the_batch_each_gives_the_update_of_one_process(two, name):
    one = workers.train(name, Processes())
    # Gradients of the first step agree to rounding. Adam then makes much of tiny ones: in float32
    # some weights of the third step differ by as much as 1 % of what they moved.
    single = name in workers.SINGLE
    bounds = {
        "gradients": {"rtol": 1e-5, "atol": 1e-6} if single else {"rtol": 1e-6, "atol": 1e-9},
        "weights": {"rtol": 0, "atol": 1e-5} if single else {"rtol": 1e-6, "atol": 1e-9},
    }
    for found in two:
        for what, near in bounds.items():
            assert found[name][what].keys() == one[what].keys()
            for key, value in one[what].items():
                there = found[name][what][key]
                torch.testing.assert_close(there, value, **near, msg=lambda m, k=key: f"{k}: {m}")
        for here, there in zip(found[name]["losses"], one["losses"]):
            assert here.keys() == there.keys()
            for key, value in there.items():
                if name == "r1" and key in ("d_grad", "g_grad"):
                    continue  # norms of the averaged gradients, alike in all processes
                assert here[key] == pytest.approx(value, rel=1e-5, abs=1e-6), key


def test_the_weights_moved(two):
    for name, (gan, config, _) in workers.CASES.items():
        torch.manual_seed(0)
        fresh = trained_networks(gan.build(config))
        for network, module in fresh.items():
            for key, value in module.state_dict().items():
                if value.ndim > 1:
                    assert not torch.equal(two[0][name]["weights"][f"{network}.{key}"], value)


def test_all_processes_hold_the_same_to_the_bit(two):
    for name in workers.CASES:
        for key, value in two[0][name]["weights"].items():
            assert torch.equal(value, two[1][name]["weights"][key]), key


def test_running_averages_are_the_mean_of_all_processes(two):
    first, second = (found["batch norm"] for found in two)
    for key, value in first["alone"].items():
        assert not torch.equal(value, second["alone"][key])  # each saw other images
        mean = (value + second["alone"][key]) / 2
        torch.testing.assert_close(first["together"][key], mean, rtol=1e-5, atol=1e-7)
    for key, value in first["together"].items():
        assert torch.equal(value, second["together"][key]), key


def test_alone_the_step_is_the_step():
    state = vanilla.build(vanilla.Config())
    assert data_parallel(vanilla.step, state, Processes()) is vanilla.step


def test_which_networks_are_trained():
    config = dcgan.Config(size=16, width=4, ema_half_life=9)
    state = dcgan.build(config)
    assert list(trained_networks(state)) == ["generator", "discriminator"]
    assert has_batch_norm(state) and not has_batch_norm(vanilla.build(vanilla.Config()))
    small = {"size": 16, "width": 4, "blocks": 1, "discriminator_layers": 1}
    judge = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 2))
    state = cyclegan.build(cyclegan.Config(**small, semantic_weight=1.0), classifier=judge)
    names = ["a_to_b", "b_to_a", "discriminator_a", "discriminator_b"]
    assert list(trained_networks(state)) == names and not has_batch_norm(state)
