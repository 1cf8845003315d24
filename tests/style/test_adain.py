"""ganbook.style.adain: statistics by hand and against PyTorch's instance norm; refusals."""

import pytest
import torch
from torch.nn.functional import instance_norm

from ganbook.style.adain import adaptive_instance_norm, channel_statistics, statistics_loss


def test_statistics_by_hand():
    features = torch.tensor([[[[1.0, 3.0]], [[5.0, 5.0]]]])
    mean, deviation = channel_statistics(features)
    assert mean.flatten().tolist() == [2, 5]
    assert deviation.flatten().tolist() == pytest.approx([1.000005, 1e-5**0.5])


def test_the_result_has_the_styles_statistics():
    content, style = torch.randn(2, 4, 6, 6) * 3 + 1, torch.randn(2, 4, 5, 7) / 2 - 2
    found = adaptive_instance_norm(content, style)
    assert found.shape == content.shape
    for mine, wanted in zip(channel_statistics(found), channel_statistics(style)):
        torch.testing.assert_close(mine, wanted, atol=1e-4, rtol=1e-4)


def test_a_style_of_mean_0_and_deviation_1_is_instance_norm():
    content = torch.randn(2, 3, 4, 4)
    style = torch.tensor([-1.0, 1.0]).view(1, 1, 1, 2).expand(1, 3, 1, 2)
    torch.testing.assert_close(
        adaptive_instance_norm(content, style), instance_norm(content), atol=1e-4, rtol=0
    )


def test_a_content_as_its_own_style_stays():
    content = torch.randn(1, 3, 4, 4)
    torch.testing.assert_close(adaptive_instance_norm(content, content), content)


def test_strength_mixes():
    content, style = torch.randn(1, 3, 4, 4), torch.randn(1, 3, 4, 4) * 2
    full = adaptive_instance_norm(content, style)
    torch.testing.assert_close(adaptive_instance_norm(content, style, 0), content)
    torch.testing.assert_close(
        adaptive_instance_norm(content, style, 0.25), 0.25 * full + 0.75 * content
    )


def test_one_style_for_several_contents_each_alone():
    content, style = torch.randn(3, 2, 4, 4), torch.randn(1, 2, 4, 4)
    together = adaptive_instance_norm(content, style)
    torch.testing.assert_close(together[1:2], adaptive_instance_norm(content[1:2], style))


def test_the_loss_by_hand_and_no_gradient_to_the_style():
    features = torch.tensor([[[[0.0, 2.0]]]], requires_grad=True)  # mean 1, deviation 1
    style = torch.tensor([[[[1.0, 7.0]]]], requires_grad=True)  # mean 4, deviation 3
    loss = statistics_loss(features, style)
    assert loss.item() == pytest.approx(9 + 4, rel=1e-4)
    loss.backward()
    # d/dx of (mean - 4)^2 is -6 / 2 each; of (deviation - 3)^2, -4 (x - 1) / 2.
    torch.testing.assert_close(
        features.grad.flatten(), torch.tensor([-3 + 2.0, -3 - 2.0]), atol=1e-3, rtol=0
    )
    assert style.grad is None
    assert statistics_loss(features, features).item() == 0


def test_a_flat_channel_has_a_finite_gradient():
    content = torch.zeros(1, 2, 3, 3, requires_grad=True)
    adaptive_instance_norm(content, torch.randn(1, 2, 3, 3)).square().sum().backward()
    statistics_loss(content, torch.randn(1, 2, 3, 3)).backward()
    assert content.grad.isfinite().all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: channel_statistics(x[0]), r"features must have shape \(N, C, H, W\), got"),
        (lambda x: adaptive_instance_norm(x, x[:, :1]), r"same channels, .*\(2, 1, 4, 4\)"),
        (lambda x: adaptive_instance_norm(x[:1], x), "one style or one for each content"),
        (lambda x: adaptive_instance_norm(x, x, 1.5), r"strength must lie in \[0, 1\], got 1.5"),
        (lambda x: statistics_loss(x, x[:1]), "must agree in images and channels"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call(torch.zeros(2, 3, 4, 4))
