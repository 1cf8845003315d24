"""Gradients that are cut or leak, and networks that move or do not."""

import pytest
import torch
from torch import nn

from ganbook.check.learning import (
    expect_moved,
    expect_no_gradients,
    gradients,
    no_gradient,
    watch,
    weights,
)
from ganbook.check.verdict import Hint


@pytest.fixture
def x():
    return torch.tensor([1.0, 2.0], requires_grad=True)


def test_gradients_of_a_number_and_of_a_sum(x):
    (found,) = gradients(x.square().sum(), [x])
    assert found.tolist() == [2, 4]
    (found,) = gradients(x.square(), [x])
    assert found.tolist() == [2, 4]
    loss = x.square().sum()
    gradients(loss, [x])
    loss.backward()  # the graph is still there


def test_a_cut_graph(x):
    with pytest.raises(Hint, match=r"the loss carries no gradient. Something cut the graph"):
        gradients(x.detach().sum(), [x])
    with pytest.raises(Hint, match="the loss must be a tensor, and yours is of type float"):
        gradients(3.0, [x])
    with pytest.raises(Hint, match="the score sends no gradient to the fakes"):
        gradients(x.sum(), [torch.ones(2, requires_grad=True)], "the score", "the fakes")


def test_a_graph_that_is_gone(x):
    loss = x.square().sum()
    loss.backward()
    with pytest.raises(Hint, match="The backward pass of the loss stopped"):
        gradients(loss, [x])


def test_no_gradient(x):
    other = torch.ones(2, requires_grad=True)
    no_gradient((x * other.detach()).sum(), [other], "leaks")
    no_gradient((x * 0 * other).sum() + x.sum(), [torch.ones(1, requires_grad=True)], "leaks")
    no_gradient(torch.ones(1), [x], "leaks")
    with pytest.raises(Hint, match="leaks"):
        no_gradient(x * other, [other], "leaks")


def test_who_moved():
    one, two = nn.Linear(2, 2), nn.Linear(2, 2)
    before = weights(one)
    with watch(generator=one, discriminator=two) as moved:
        with torch.no_grad():
            two.bias[0] += 1
        assert moved == set()
    assert moved == {"discriminator"} and torch.equal(before, weights(one))
    expect_moved(moved, {"discriminator"})
    with pytest.raises(Hint, match="The step moves the discriminator, which must rest"):
        expect_moved(moved, {"generator"})
    with pytest.raises(Hint, match="The step does not move the generator"):
        expect_moved(moved, {"discriminator", "generator"})


def test_left_gradients():
    network = nn.Linear(2, 1)
    expect_no_gradients("generator", network)
    network(torch.ones(1, 2)).backward()
    with pytest.raises(Hint, match="The generator is left with gradients"):
        expect_no_gradients("generator", network)
    with pytest.raises(Hint, match="cut it"):
        expect_no_gradients("generator", network, "cut it")
    network.zero_grad(set_to_none=False)
    expect_no_gradients("generator", network)
