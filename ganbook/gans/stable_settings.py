"""The control panel of stable training: every setting of ``ganbook.gans.stable``, and presets."""

from dataclasses import dataclass

from ganbook.losses.adversarial import AdversarialLoss
from ganbook.nn.norm import check_norm

PENALTIES = ("none", "gradient", "r1")
SCHEDULES = ("constant", "step", "cosine", "linear")


@dataclass(frozen=True)
class Config:
    """What defines a run; a checkpoint fits only the config it was saved with.

    Raises:
        ValueError: a value out of range, or two settings that cannot go together.
    """

    sample_shape: tuple[int, ...] = (2,)  # (2,): MLPs for points; (C, S, S): DCGAN for images
    latent_dim: int = 16
    width: int = 128  # hidden units of the MLPs, or the DCGANs' width
    loss: AdversarialLoss = AdversarialLoss.NON_SATURATING
    learning_rate: float = 2e-4
    discriminator_learning_rate: float | None = None  # None: the generator's
    beta1: float = 0.5
    beta2: float = 0.999
    n_critic: int = 1  # updates of the discriminator a step
    penalty: str = "none"  # none | gradient | r1
    penalty_weight: float = 10.0  # the papers' lambda (gradient) or gamma (r1)
    weight_clip: float = 0.0  # 0 for none
    spectral_norm: bool = False  # in the discriminator
    norm: str = "batch"  # batch | instance | none, in the discriminator of images
    label_smoothing: float = 0.0  # one-sided
    instance_noise: float = 0.0  # standard deviation added to what the discriminator sees
    instance_noise_steps: int = 0  # over which it falls evenly to 0; 0 keeps it
    gradient_clip: float = 0.0  # largest norm of each network's gradient; 0 for none
    schedule: str = "constant"  # constant | step (halved at each quarter) | cosine | linear
    schedule_steps: int = 0  # length of the run; linear keeps the rate for the first half of it
    ema_half_life: float = 0  # images; 0 for no average
    shift: int = 0  # pixels by which the discriminator sees images moved; for small data sets
    precision: str = "float32"

    def __post_init__(self):
        _check(self)


def wgan_clip(**changes) -> Config:
    """Return the settings of Arjovsky et al. (2017), algorithm 1.

    Deviation: Adam with beta1 = 0 and beta2 = 0.99 in place of RMSProp, which it then nearly is.
    """
    paper = {"learning_rate": 5e-5, "beta1": 0.0, "beta2": 0.99, "n_critic": 5, "weight_clip": 0.01}
    return Config(**{"loss": AdversarialLoss.WASSERSTEIN, **paper, **changes})


def wgan_gp(**changes) -> Config:
    """Return the settings of Gulrajani et al. (2017), algorithm 1.

    Deviation: instance norm where they recommend layer norm; each image stands alone with both.
    """
    paper = {"learning_rate": 1e-4, "beta1": 0.0, "beta2": 0.9, "n_critic": 5, "norm": "instance"}
    penalty = {"penalty": "gradient", "penalty_weight": 10.0}
    return Config(**{"loss": AdversarialLoss.WASSERSTEIN, **paper, **penalty, **changes})


def sngan(**changes) -> Config:
    """Return spectral norm with the hinge loss: Miyato et al. (2018), sections 2 and 4.

    The rates are those of DCGAN, one of the six settings they compare.
    """
    return Config(
        **{"loss": AdversarialLoss.HINGE, "spectral_norm": True, "norm": "none", **changes}
    )


def lsgan(**changes) -> Config:
    """Return least squares: Mao et al. (2017), equation 9, at the rates of DCGAN."""
    return Config(**{"loss": AdversarialLoss.LEAST_SQUARES, **changes})


def _check(config: Config) -> None:
    """Refuse a value out of range, and settings that contradict each other."""
    shape, images = config.sample_shape, len(config.sample_shape) == 3
    if len(shape) != 1 and not (images and shape[1] == shape[2]):
        raise ValueError(f"sample_shape must be (D,) or (C, S, S), got {shape}.")
    if not isinstance(config.loss, AdversarialLoss):
        raise TypeError(f"loss must be an AdversarialLoss, got {type(config.loss).__name__}.")
    for name, accepted in (("penalty", PENALTIES), ("schedule", SCHEDULES)):
        if (value := getattr(config, name)) not in accepted:
            raise ValueError(f"{name} is {value!r}; accepted are {', '.join(accepted)}.")
    check_norm(config.norm)
    for name in (
        "penalty_weight",
        "weight_clip",
        "instance_noise",
        "instance_noise_steps",
        "gradient_clip",
    ):
        if not (value := getattr(config, name)) >= 0:
            raise ValueError(f"{name} must not be negative, got {value}.")
    if config.n_critic < 1:
        raise ValueError(f"n_critic must be at least 1, got {config.n_critic}.")
    if config.schedule != "constant" and config.schedule_steps < 1:
        raise ValueError(
            f"schedule {config.schedule!r} needs schedule_steps, the length of the run, of at "
            f"least 1, got {config.schedule_steps}."
        )
    if not 0 <= config.label_smoothing < 0.5:
        raise ValueError(f"label_smoothing must lie in [0, 0.5), got {config.label_smoothing}.")
    if config.label_smoothing and not config.loss.has_probabilities:
        raise ValueError(
            f"label_smoothing needs a loss with probabilities; {config.loss!r} has no label to "
            "smooth."
        )
    if config.penalty != "none" and images and config.norm == "batch":
        raise ValueError(
            f"penalty {config.penalty!r} needs the gradient of each sample alone, which "
            "norm 'batch' mixes; accepted are instance, none."
        )
    if config.spectral_norm and images and config.norm != "none":
        raise ValueError(
            f"spectral_norm bounds how steep the discriminator is, and norm {config.norm!r} "
            "stretches its maps again; accepted is none."
        )
    if config.spectral_norm and config.weight_clip:
        raise ValueError(
            f"spectral_norm divides each weight by its size, so weight_clip = {config.weight_clip} "
            "would change nothing but the scale; choose one."
        )
    if config.shift and not images:
        raise ValueError(f"shift moves images; with sample_shape {shape} it must be 0.")
