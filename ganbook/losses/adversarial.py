r"""Adversarial losses on logits: the discriminator's score before the sigmoid.

With logit :math:`\ell` the discriminator says :math:`D = \sigma(\ell)`. Both logarithms are
softplus: :math:`-\log D = \log(1 + e^{-\ell})` and :math:`-\log(1 - D) = \log(1 + e^{\ell})`.
Written this way nothing overflows and no ``log(0)`` appears, whatever the logit.
"""

from torch import Tensor
from torch.nn.functional import softplus


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor, smoothing: float = 0.0) -> Tensor:
    r"""Return binary cross-entropy, real against fake.

    .. math:: L_D = \mathbb{E}_x[-(1-s)\log D(x) - s\log(1 - D(x))]
                    + \mathbb{E}_z[-\log(1 - D(G(z)))]

    With :math:`s = 0` this is minus the value function; at :math:`D = 1/2` it is :math:`2\log 2`.

    Args:
        real_logits: any shape; averaged.
        fake_logits: any shape; averaged.
        smoothing: :math:`s`, one-sided: real targets become 1 - s, fake targets stay 0.

    Raises:
        ValueError: ``smoothing`` is outside [0, 0.5).

    Source: Goodfellow et al. (2014), equation 1; one-sided smoothing: Salimans et al. (2016), 3.4.
    """
    if not 0 <= smoothing < 0.5:
        raise ValueError(f"smoothing must lie in [0, 0.5), got {smoothing}.")
    on_real = (1 - smoothing) * softplus(-real_logits) + smoothing * softplus(real_logits)
    return on_real.mean() + softplus(fake_logits).mean()


def minimax_generator_loss(fake_logits: Tensor) -> Tensor:
    r"""Return :math:`\mathbb{E}_z[\log(1 - D(G(z)))]`, to be minimised.

    Its gradient with respect to the logit is :math:`-D`: it vanishes just where the generator is
    worst (D near 0). Source: Goodfellow et al. (2014), equation 1.
    """
    return -softplus(fake_logits).mean()


def nonsaturating_generator_loss(fake_logits: Tensor) -> Tensor:
    r"""Return :math:`\mathbb{E}_z[-\log D(G(z))]`.

    Its gradient with respect to the logit is :math:`D - 1`: strongest where the generator is worst.
    Source: Goodfellow et al. (2014), section 3, last paragraph.
    """
    return softplus(-fake_logits).mean()


def least_squares_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    r"""Return :math:`\tfrac12\mathbb{E}_x[(\ell(x) - 1)^2] + \tfrac12\mathbb{E}_z[\ell(G(z))^2]`.

    The score :math:`\ell` is regressed onto 1 for real and 0 for fake; there is no sigmoid. At
    :math:`\ell = 1/2` everywhere, the optimum where :math:`p_g = p_\text{data}`, it is 1/4.

    Args:
        real_logits: any shape; averaged.
        fake_logits: any shape; averaged.

    Source: Mao et al. (2017), equation 9 (a = 0, b = c = 1). CycleGAN's paper has the half too, to
    slow the discriminator down; to Adam a constant factor makes almost no difference.
    """
    return 0.5 * ((real_logits - 1).square().mean() + fake_logits.square().mean())


def least_squares_generator_loss(fake_logits: Tensor) -> Tensor:
    r"""Return :math:`\mathbb{E}_z[(\ell(G(z)) - 1)^2]`.

    Its gradient :math:`2(\ell - 1)` grows with the distance from the target on either side: it
    does not vanish where a fake is recognised. Source: Zhu, Park, Isola & Efros (2017), section 4;
    Mao et al. (2017), equation 9, has half of it.
    """
    return (fake_logits - 1).square().mean()
