"""A callback for ``fit`` that looks at a GAN in training and warns in plain words."""

from typing import Any, NamedTuple

from torch import Tensor

from ganbook.training import symptoms
from ganbook.training.looks import Features, Look, Probe

SYMPTOMS = {
    "generator stands still": symptoms.generator_stands_still,
    "saturated discriminator": symptoms.saturated_discriminator,
    "vanishing gradient": symptoms.vanishing_gradient,
    "exploding critic": symptoms.exploding_critic,
    "mode collapse": symptoms.mode_collapse,
    "oscillation": symptoms.oscillation,
    "batch norm leak": symptoms.batch_norm_leak,
    "memorisation": symptoms.memorising,
}


class Finding(NamedTuple):
    """A warning: at which step, of what, and in words."""

    step: int
    name: str
    text: str


class Diagnostics:
    """Look at the run every ``every`` steps, and warn of a symptom that stays.

    A look costs a few passes of ``len(real)`` samples and changes nothing in the run. For GANs with
    one generator, one discriminator and no labels, such as a ``GANState``.

    Args:
        real: training samples ``(N, *sample_shape)``, at least 32; a few hundred are enough.
        held_out: real samples never trained on; without them memorisation goes unseen.
        every: steps between looks.
        patience: a symptom must be seen in so many looks running.
        sigmoid: whether the scores are logits of probabilities; with a Wasserstein or hinge loss
            pass False, and the discriminator's certainty is not judged.
        features: from samples to ``(N, D)``, in which variety is measured; the values themselves
            by default, which is crude for images.
        show: print each warning as it comes.

    ``warnings`` lists the findings, each symptom once; ``looks`` all that was measured.

    Raises:
        ValueError: ``every`` or ``patience`` below 1, too few real samples, shapes that differ.
    """

    def __init__(
        self,
        real: Tensor,
        held_out: Tensor | None = None,
        every: int = 100,
        patience: int = 5,
        sigmoid: bool = True,
        features: Features | None = None,
        show: bool = True,
    ):
        for name, value in (("every", every), ("patience", patience)):
            if value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}.")
        self.probe = Probe(real, held_out, features)
        self.every, self.patience, self.show = every, patience, show
        self.symptoms = {
            name: seen for name, seen in SYMPTOMS.items() if sigmoid or "saturated" not in name
        }
        self.looks: list[Look] = []
        self.warnings: list[Finding] = []
        self.running = dict.fromkeys(self.symptoms, 0)  # looks in a row with the symptom

    @property
    def names(self) -> list[str]:
        """The symptoms found, in the order of their first warning."""
        return [finding.name for finding in self.warnings]

    def measured(self, name: str) -> tuple[list[int], list[float]]:
        """Return steps and values of one field of the looks, to draw as a curve."""
        values = [(look.step, getattr(look, name)) for look in self.looks]
        values = [(step, value) for step, value in values if value is not None]
        return [step for step, _ in values], [value for _, value in values]

    def __call__(self, state: Any, metrics: dict[str, Tensor]) -> None:
        """Look, if it is time to, and warn of what has stayed for ``patience`` looks."""
        if state.step % self.every:
            return
        self.looks.append(self.probe.look(state, metrics))
        for name, symptom in self.symptoms.items():
            text = symptom(self.looks)
            self.running[name] = 0 if text is None else self.running[name] + 1
            if self.running[name] == self.patience and name not in self.names:
                self.warnings.append(Finding(state.step, name, text))
                if self.show:
                    print(f"step {state.step}, {name}. {text}")
