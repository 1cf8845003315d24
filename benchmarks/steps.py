"""Images a second of each GAN's step, and its cost over its bare passes. Goal: at most 5 % more.

    OMP_NUM_THREADS=1 python benchmarks/steps.py

The bare passes are what the algorithm cannot do without: the forward and backward passes and the
optimizers' steps, written out below with means in place of the losses. Step and bare passes take
turns, so that whatever else the machine does falls on both alike; compared are the medians.
"""

import argparse
import statistics
import time

import torch

from ganbook.gans import conditional, cyclegan, dcgan, pix2pix, stable
from ganbook.nn.freeze import frozen
from ganbook.runtime import autocast, memory_format, seed_everything

GOAL = 1.05


def update(optimizer, loss):
    """Clear, differentiate, step."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def bare_dcgan(state, batch):
    """Two passes of the discriminator and one of the generator; then the discriminator again."""
    real, judge = batch[0], state.discriminator
    with autocast(state.device, state.config.precision):
        fake = state.generator(state.latents(len(real)))
        score = judge(fake.detach()).float().mean() - judge(real).float().mean()
    update(state.discriminator_optimizer, score)
    with frozen(judge):
        with autocast(state.device, state.config.precision):
            score = -judge(fake).float().mean()
        update(state.generator_optimizer, score)


def bare_wgan_gp(state, batch):
    """For each critic update one pass more, through whose gradient the backward pass goes too."""
    judge = state.discriminator
    for real in batch[0].chunk(state.config.n_critic):
        with autocast(state.device, state.config.precision):
            fake = state.generator(state.latents(len(real)))
            score = judge(fake.detach()).float().mean() - judge(real).float().mean()
        between = fake.detach().float().requires_grad_()
        (slope,) = torch.autograd.grad(judge(between).sum(), between, create_graph=True)
        update(state.discriminator_optimizer, score + slope.square().mean())
    with frozen(judge):
        with autocast(state.device, state.config.precision):
            score = -judge(fake).float().mean()
        update(state.generator_optimizer, score)


def bare_conditional(state, batch):
    """The same, with labels."""
    (real, labels), judge = batch, state.discriminator
    with autocast(state.device, state.config.precision):
        fake = state.generator(state.latents(len(real)), labels)
        score = judge(fake.detach(), labels)[0].float().mean()
        score = score - judge(real, labels)[0].float().mean()
    update(state.discriminator_optimizer, score)
    with frozen(judge):
        with autocast(state.device, state.config.precision):
            score = -judge(fake, labels)[0].float().mean()
        update(state.generator_optimizer, score)


def bare_pix2pix(state, batch):
    """The same, with images in place of latents, each pair joined for the discriminator."""
    (given, target), judge = batch, state.discriminator
    with autocast(state.device, state.config.precision):
        fake = state.generator(given)
        score = judge(given, fake.detach()).float().mean() - judge(given, target).float().mean()
    update(state.discriminator_optimizer, score)
    with frozen(judge):
        with autocast(state.device, state.config.precision):
            score = -judge(given, fake).float().mean()
        update(state.generator_optimizer, score + fake.float().mean())


def bare_cyclegan(state, batch):
    """Six passes of the generators (fakes, cycles, identities), six of the discriminators."""
    a, b = batch
    judge_a, judge_b = state.discriminator_a, state.discriminator_b
    with frozen(judge_a), frozen(judge_b):
        with autocast(state.device, state.config.precision):
            fake_b, fake_a = state.a_to_b(a), state.b_to_a(b)
            outputs = [judge_a(fake_a), judge_b(fake_b), state.b_to_a(fake_b), state.a_to_b(fake_a)]
            outputs += [state.a_to_b(b), state.b_to_a(a)]
            score = sum(output.float().mean() for output in outputs)
        update(state.generator_optimizer, score)
    with autocast(state.device, state.config.precision):
        outputs = [judge_a(a), judge_a(fake_a.detach()), judge_b(b), judge_b(fake_b.detach())]
        score = sum(output.float().mean() for output in outputs)
    update(state.discriminator_optimizer, score)


def cases(precision):
    """Yield for each GAN: name, module, config, bare passes, batch."""
    layout = memory_format(precision)

    def images(n, channels, size):
        return (2 * torch.rand(n, channels, size, size) - 1).contiguous(memory_format=layout)

    yield (
        "DCGAN, 32 x 32, batch 64",
        dcgan,
        dcgan.Config(channels=1, size=32, width=32, precision=precision),
        bare_dcgan,
        (images(64, 1, 32),),
    )
    shape = {"sample_shape": (1, 32, 32), "latent_dim": 100, "width": 32}
    yield (
        "SNGAN, 32 x 32, batch 64",
        stable,
        stable.sngan(**shape, precision=precision),
        bare_dcgan,
        (images(64, 1, 32),),
    )
    yield (
        "WGAN-GP, 32 x 32, batch 5 x 32",
        stable,
        stable.wgan_gp(**shape, precision=precision),
        bare_wgan_gp,
        (images(5 * 32, 1, 32),),
    )
    yield (
        "conditional (projection), 32 x 32, batch 64",
        conditional,
        conditional.Config(precision=precision),
        bare_conditional,
        (images(64, 1, 32), torch.randint(10, (64,))),
    )
    sizes = {"size": 64, "width": 32, "downs": 6, "norm": "instance"}
    judge = {"discriminator_width": 32, "discriminator_layers": 2}
    yield (
        "pix2pix, 64 x 64, batch 16",
        pix2pix,
        pix2pix.Config(in_channels=1, **sizes, **judge, precision=precision),
        bare_pix2pix,
        (images(16, 1, 64), images(16, 3, 64)),
    )
    sizes = {"size": 64, "width": 24, "blocks": 3}
    yield (
        "CycleGAN with identity loss, 64 x 64, batch 4",
        cyclegan,
        cyclegan.Config(**sizes, **judge, identity_weight=5.0, precision=precision),
        bare_cyclegan,
        (images(4, 3, 64), images(4, 3, 64)),
    )


def measure(gan, config, bare, batch, repetitions, block):
    """Return seconds a bare update and a step, block by block, the two taking turns."""
    runs = []
    for function in (bare, gan.step):
        seed_everything(0)
        runs.append((function, gan.build(config), []))
    for repetition in range(repetitions + 1):
        for function, state, seconds in runs if repetition % 2 else reversed(runs):
            start = time.perf_counter()
            for _ in range(block):
                function(state, batch)
            if repetition:  # the first is a warm-up
                seconds.append((time.perf_counter() - start) / block)
    return runs[0][2], runs[1][2]


def main():
    """Print a row a GAN."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=15)
    parser.add_argument("--block", type=int, default=8, help="updates in a row")
    parser.add_argument("--precision", choices=("float32", "bf16"), default="float32")
    options = parser.parse_args()
    print(f"{torch.get_num_threads()} threads, {options.precision}; goal: ratio <= {GOAL}")
    print(f"{'GAN':46}{'images/s':>9}{'bare':>9}{'ratio':>8}")
    for name, gan, config, bare, batch in cases(options.precision):
        plain, full = measure(gan, config, bare, batch, options.repetitions, options.block)
        # The two blocks of one repetition ran side by side: compare them, then take the median.
        ratio = statistics.median(f / p for f, p in zip(full, plain))
        rates = (len(batch[0]) / statistics.median(seconds) for seconds in (full, plain))
        verdict = "" if ratio <= GOAL else "  missed"
        print(f"{name:46}" + "".join(f"{r:9.1f}" for r in rates) + f"{ratio:8.3f}{verdict}")


if __name__ == "__main__":
    main()
