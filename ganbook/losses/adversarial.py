r"""Adversarial losses on logits: the discriminator's score before any sigmoid.

With logit :math:`\ell` the discriminator says :math:`D = \sigma(\ell)`. Both logarithms are
softplus: :math:`-\log D = \log(1 + e^{-\ell})` and :math:`-\log(1 - D) = \log(1 + e^{\ell})`.
Written this way nothing overflows and no ``log(0)`` appears, whatever the logit. The other losses
take the same number as a plain score, without a sigmoid. :class:`AdversarialLoss` pairs each
discriminator's loss with its generator's.
"""

from enum import Enum

from torch import Tensor
from torch.nn.functional import relu, softplus


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


def hinge_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    r"""Return :math:`\mathbb{E}_x[\max(0, 1 - \ell(x))] + \mathbb{E}_z[\max(0, 1 + \ell(G(z)))]`.

    A real sample scored above 1, or a fake one below -1, is far enough on its side: it no longer
    counts. At :math:`\ell = 0` everywhere the loss is 2.

    Args:
        real_logits: any shape; averaged.
        fake_logits: any shape; averaged.

    Source: Lim & Ye (2017), Geometric GAN; Miyato et al. (2018), equation 16.
    """
    return relu(1 - real_logits).mean() + relu(1 + fake_logits).mean()


def hinge_generator_loss(fake_logits: Tensor) -> Tensor:
    r"""Return :math:`-\mathbb{E}_z[\ell(G(z))]`, without any hinge.

    Source: Lim & Ye (2017); Miyato et al. (2018), equation 17.
    """
    return -fake_logits.mean()


def wasserstein_critic_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    r"""Return :math:`\mathbb{E}_z[f(G(z))] - \mathbb{E}_x[f(x)]` of a critic's scores.

    Minus this is a lower bound of the Wasserstein distance *if the critic is 1-Lipschitz*; nothing
    in this function makes it so (see ``ganbook.losses.gradient_penalty``,
    ``ganbook.nn.spectral_norm`` and ``ganbook.nn.clip``). Unlike the others it has no lower bound.

    Args:
        real_scores: any shape; averaged.
        fake_scores: any shape; averaged.

    Source: Arjovsky, Chintala & Bottou (2017), equation 2 and algorithm 1.
    """
    return fake_scores.mean() - real_scores.mean()


def wasserstein_generator_loss(fake_scores: Tensor) -> Tensor:
    r"""Return :math:`-\mathbb{E}_z[f(G(z))]`; its gradient with respect to a score is always -1.

    Source: Arjovsky, Chintala & Bottou (2017), algorithm 1.
    """
    return -fake_scores.mean()


class AdversarialLoss(Enum):
    """The five pairs: ``.discriminator(real_logits, fake_logits)``, ``.generator(fake_logits)``.

    ``.has_probabilities`` says whether the sigmoid of a logit is a probability.
    """

    MINIMAX = (discriminator_loss, minimax_generator_loss)
    NON_SATURATING = (discriminator_loss, nonsaturating_generator_loss)
    LEAST_SQUARES = (least_squares_discriminator_loss, least_squares_generator_loss)
    HINGE = (hinge_discriminator_loss, hinge_generator_loss)
    WASSERSTEIN = (wasserstein_critic_loss, wasserstein_generator_loss)

    def __init__(self, discriminator, generator):
        self.discriminator = discriminator
        self.generator = generator
        self.has_probabilities = discriminator is discriminator_loss

    def __repr__(self) -> str:  # the default shows the functions' addresses, new in each process
        return f"AdversarialLoss.{self.name}"
