"""The network of two weights that stands in for a generator or a judge."""

import torch

from ganbook.check.line import Line


def test_value_and_gradients_by_hand():
    line, images = Line(2.0, -1.0), torch.tensor([[[[0.5, 3.0]]]])
    scores = line(images)
    torch.testing.assert_close(scores, torch.tensor([[[[0.0, 5.0]]]]))
    scores.sum().backward()
    torch.testing.assert_close(line.weight.grad, torch.tensor([3.5, 2.0]))
