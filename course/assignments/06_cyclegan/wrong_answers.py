"""Typical wrong answers to assignment 6, with the points each is meant to get.

Data for mutation tests: a submission with the solutions of all other tasks and this code in the
place of ``task``'s solution gets full marks everywhere else and ``points`` here.
"""

from tools.course.changes import wrong

COUNT = """
def count_maps(p_a, p_b):
    right, back = 0, 0
    for g in itertools.product(range(len(p_b)), repeat=len(p_a)):
        arrived = [0] * len(p_b)
        for a, b in enumerate(g):
            arrived[b] += p_a[a]
        if arrived == list(p_b):
            right += 1
            back += len(set(g)) == len(g)
    return right, back
"""

LOSSES = """
def adversarial_losses(real_scores, fake_scores):
    d_loss = 0.5 * (real_scores - 1).square().mean() + 0.5 * fake_scores.square().mean()
    g_loss = (fake_scores - 1).square().mean()
    return d_loss, g_loss
"""

CYCLE = """
def cycle_and_identity(G, F, a, b):
    cycle = (F(G(a)) - a).abs().mean() + (G(F(b)) - b).abs().mean()
    identity = (G(b) - b).abs().mean() + (F(a) - a).abs().mean()
    return cycle, identity
"""

BUFFER = """
class ImageBuffer:
    def __init__(self, size=50):
        self.size = size
        self.images = []

    def query(self, images):
        shown = []
        for image in images.detach().clone():
            if len(self.images) < self.size:
                self.images.append(image)
            elif self.size > 0 and torch.rand(()) < 0.5:
                slot = torch.randint(self.size, ()).item()
                image, self.images[slot] = self.images[slot], image
            shown.append(image)
        return torch.stack(shown)
"""

RATE = """
def learning_rate(step, steps, constant, rate):
    if step < constant:
        return rate
    if step >= steps:
        return 0.0
    return rate * (steps - step) / (steps - constant)
"""

STEP = """
def generators_step(G, F, D_A, D_B, optimizer, a, b, cycle_weight=10.0):
    D_A.requires_grad_(False), D_B.requires_grad_(False)
    fake_b, fake_a = G(a), F(b)
    loss = (D_B(fake_b) - 1).square().mean() + (D_A(fake_a) - 1).square().mean()
    loss = loss + cycle_weight * (F(fake_b) - a).abs().mean()
    loss = loss + cycle_weight * (G(fake_a) - b).abs().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    D_A.requires_grad_(True), D_B.requires_grad_(True)
    return fake_a.detach(), fake_b.detach(), loss.detach()
"""

BLOCK = """
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        options = dict(padding=1, padding_mode="reflect", bias=False)
        self.correction = nn.Sequential(
            nn.Conv2d(channels, channels, 3, **options),
            nn.InstanceNorm2d(channels, affine=True),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, **options),
            nn.InstanceNorm2d(channels, affine=True),
        )

    def forward(self, h):
        return h + self.correction(h)
"""


WRONG = [
    # q1: equal 1, frequencies 1, lengths 1
    wrong(
        "q1",
        2,
        "every map with the right distribution is taken to have a way back",
        COUNT,
        ("len(set(g)) == len(g)", "1"),
    ),
    wrong(
        "q1",
        2,
        "a way back if each symbol of B is reached",
        COUNT,
        ("len(set(g)) == len(g)", "len(set(g)) == len(p_b)"),
    ),
    wrong(
        "q1",
        1,
        "ways back counted among all maps",
        COUNT,
        ("            right += 1\n            back +=", "            right += 1\n        back +="),
    ),
    wrong("q1", 0, "a way back counted only", COUNT, ("if arrived == list(p_b)", "if True")),
    dict(
        task="q1",
        name="frequencies ignored: all permutations",
        points=1,
        code="""
def count_maps(p_a, p_b):
    n = len(list(itertools.permutations(p_a)))
    return n, n
""",
    ),
    dict(
        task="q1",
        name="one to one only: merging is overlooked",
        points=2,
        code="""
def count_maps(p_a, p_b):
    right = sum(list(p) == list(p_b) for p in itertools.permutations(p_a))
    return right, right
""",
    ),
    dict(
        task="q1",
        name="all maps that reach every symbol of B",
        points=1,
        code="""
def count_maps(p_a, p_b):
    maps = itertools.product(range(len(p_b)), repeat=len(p_a))
    right = [g for g in maps if set(g) == set(range(len(p_b)))]
    return len(right), len(right)
""",
    ),
    dict(
        task="q1",
        name="a guess that fits the public test",
        points=1,
        code="""
def count_maps(p_a, p_b):
    return 6, 6
""",
    ),
    # q2: perfect 1, by hand 1, gradients 1
    wrong("q2", 1, "the half forgotten", LOSSES, ("0.5 * ", "")),
    wrong(
        "q2",
        0,
        "the discriminator's targets swapped",
        LOSSES,
        ("(real_scores - 1)", "real_scores"),
        ("0.5 * fake_scores", "0.5 * (fake_scores - 1)"),
    ),
    wrong(
        "q2",
        0,
        "the generator wants to be recognised",
        LOSSES,
        ("g_loss = (fake_scores - 1)", "g_loss = fake_scores"),
    ),
    wrong(
        "q2",
        0,
        "a sigmoid in front of least squares",
        LOSSES,
        (
            "    d_loss",
            "    real_scores, fake_scores = real_scores.sigmoid(), fake_scores.sigmoid()\n    d_loss",
        ),
    ),
    wrong("q2", 0, "sum in the place of mean", LOSSES, (".mean()", ".sum()")),
    wrong("q2", 0, "a half in the generator's loss, too", LOSSES, ("g_loss = ", "g_loss = 0.5 * ")),
    wrong(
        "q2",
        0,
        "the generator's loss is minus the discriminator's",
        LOSSES,
        ("(fake_scores - 1).square().mean()", "-d_loss"),
    ),
    dict(
        task="q2",
        name="one mean over real and fake scores together",
        points=1,
        code="""
def adversarial_losses(real_scores, fake_scores):
    errors = torch.cat([(real_scores - 1).flatten(), fake_scores.flatten()])
    return errors.square().mean(), (fake_scores - 1).square().mean()
""",
    ),
    dict(
        task="q2",
        name="cross-entropy in the place of least squares",
        points=0,
        code="""
def adversarial_losses(real_scores, fake_scores):
    softplus = nn.functional.softplus
    d_loss = 0.5 * softplus(-real_scores).mean() + 0.5 * softplus(fake_scores).mean()
    return d_loss, softplus(-fake_scores).mean()
""",
    ),
    # q3: inverses 1, cycle by hand 1, identity by hand 1, gradients 1
    wrong("q3", 2, "the forward cycle only", CYCLE, (" + (G(F(b)) - b).abs().mean()", "")),
    wrong(
        "q3",
        3,
        "the translators of the cycle in the wrong order",
        CYCLE,
        ("(F(G(a)) - a)", "(G(F(a)) - a)"),
        ("(G(F(b)) - b)", "(F(G(b)) - b)"),
    ),
    wrong("q3", 1, "squares in the place of absolute values", CYCLE, (".abs()", ".square()")),
    wrong("q3", 0, "signed differences: no absolute value", CYCLE, (".abs()", "")),
    wrong(
        "q3",
        2,
        "the identity on images of the wrong domain",
        CYCLE,
        ("(G(b) - b)", "(G(a) - a)"),
        ("(F(a) - a)", "(F(b) - b)"),
    ),
    wrong(
        "q3",
        3,
        "the fake is detached before it returns",
        CYCLE,
        ("F(G(a))", "F(G(a).detach())"),
        ("G(F(b))", "G(F(b).detach())"),
    ),
    wrong("q3", 1, "sum in the place of mean", CYCLE, (".mean()", ".sum()")),
    wrong(
        "q3",
        2,
        "the mean of the two cycles",
        CYCLE,
        (
            "(F(G(a)) - a).abs().mean() + (G(F(b)) - b).abs().mean()",
            "0.5 * ((F(G(a)) - a).abs().mean() + (G(F(b)) - b).abs().mean())",
        ),
    ),
    wrong(
        "q3",
        1,
        "the recovered image compared with the fake, not with the input",
        CYCLE,
        ("- a).abs().mean() + (G(F(b)) - b)", "- G(a)).abs().mean() + (G(F(b)) - F(b))"),
    ),
    # q4: fills 1, copies 1, coin 1, takes its place 1, small buffers 1
    wrong(
        "q4",
        4,
        "detach forgotten: the buffer keeps the graphs",
        BUFFER,
        ("images.detach().clone()", "images.clone()"),
    ),
    wrong("q4", 4, "detached, not copied", BUFFER, (".clone()", "")),
    wrong("q4", 4, "size 0 is not expected", BUFFER, ("self.size > 0 and ", "")),
    wrong(
        "q4",
        4,
        "the new image is not stored",
        BUFFER,
        ("image, self.images[slot] = self.images[slot], image", "image = self.images[slot]"),
    ),
    wrong(
        "q4",
        3,
        "no coin: a full buffer always shows an old image",
        BUFFER,
        (" and torch.rand(()) < 0.5", ""),
    ),
    wrong(
        "q4",
        4,
        "the oldest leaves first",
        BUFFER,
        ("slot = torch.randint(self.size, ()).item()\n", "self.images.append(image)\n"),
        ("image, self.images[slot] = self.images[slot], image", "image = self.images.pop(0)"),
    ),
    wrong(
        "q4",
        4,
        "one coin for the whole batch",
        BUFFER,
        ("        shown = []", "        shown, old = [], torch.rand(()) < 0.5"),
        ("torch.rand(()) < 0.5:", "old:"),
    ),
    dict(
        task="q4",
        name="every new image is stored, even if it was shown",
        points=4,
        code="""
class ImageBuffer:
    def __init__(self, size=50):
        self.size, self.images = size, []

    def query(self, images):
        shown = []
        for image in images.detach().clone():
            if len(self.images) < self.size:
                self.images.append(image)
                shown.append(image)
            elif self.size == 0:
                shown.append(image)
            else:
                slot = torch.randint(self.size, ()).item()
                shown.append(self.images[slot] if torch.rand(()) < 0.5 else image)
                self.images[slot] = image
        return torch.stack(shown)
""",
    ),
    dict(
        task="q4",
        name="no buffer at all",
        points=1,
        code="""
class ImageBuffer:
    def __init__(self, size=50):
        pass

    def query(self, images):
        return images.detach().clone()
""",
    ),
    dict(
        task="q4",
        name="the caller's batch is overwritten",
        points=3,
        code="""
class ImageBuffer:
    def __init__(self, size=50):
        self.size, self.images = size, []

    def query(self, images):
        images = images.detach()
        for i in range(len(images)):
            if len(self.images) < self.size:
                self.images.append(images[i].clone())
            elif self.size > 0 and torch.rand(()) < 0.5:
                slot = torch.randint(self.size, ()).item()
                new = images[i].clone()
                images[i] = self.images[slot]
                self.images[slot] = new
        return images
""",
    ),
    # q5: constant 1, falls 1, ends 1
    wrong(
        "q5", 2, "falls over the whole run, from a jump on", RATE, ("(steps - constant)", "steps")
    ),
    wrong(
        "q5",
        2,
        "below 0 after the end",
        RATE,
        (
            "    if step >= steps:\n        return 0.0\n",
            "    if steps == constant:\n        return 0.0\n",
        ),
    ),
    wrong(
        "q5",
        2,
        "a division by zero when the rate never falls",
        RATE,
        ("    if step >= steps:\n        return 0.0\n", ""),
        ("return rate * (", "return rate * max(0, "),
    ),
    wrong("q5", 1, "constant for ever", RATE, ("step < constant", "True")),
    dict(
        task="q5",
        name="stairs in the place of a line",
        points=1,
        code="""
def learning_rate(step, steps, constant, rate):
    return rate if step < constant else rate * 0.1
""",
    ),
    dict(
        task="q5",
        name="falls from the first step on",
        points=0,
        code="""
def learning_rate(step, steps, constant, rate):
    return rate * max(0.0, 1 - step / steps)
""",
    ),
    dict(
        task="q5",
        name="half a cosine in the place of a line",
        points=2,
        code="""
def learning_rate(step, steps, constant, rate):
    import math

    if step < constant:
        return rate
    if step >= steps:
        return 0.0
    return rate * 0.5 * (1 + math.cos(math.pi * (step - constant) / (steps - constant)))
""",
    ),
    # q6: moves 1, exact step 2, discriminators untouched 1, fresh gradients 1
    wrong(
        "q6",
        3,
        "the fakes are detached before they are judged",
        STEP,
        ("(D_B(fake_b)", "(D_B(fake_b.detach())"),
        ("(D_A(fake_a)", "(D_A(fake_a.detach())"),
    ),
    wrong(
        "q6",
        3,
        "each fake goes to the other discriminator",
        STEP,
        ("D_B(fake_b)", "D_B(fake_a)"),
        ("D_A(fake_a)", "D_A(fake_b)"),
    ),
    wrong("q6", 3, "the weight of the cycle forgotten", STEP, ("cycle_weight * ", "")),
    wrong(
        "q6",
        3,
        "the fakes are detached before they return",
        STEP,
        ("F(fake_b)", "F(fake_b.detach())"),
        ("G(fake_a)", "G(fake_a.detach())"),
    ),
    wrong(
        "q6",
        3,
        "the forward cycle only",
        STEP,
        ("    loss = loss + cycle_weight * (G(fake_a) - b).abs().mean()\n", ""),
    ),
    wrong(
        "q6",
        3,
        "the target of a fake is 0",
        STEP,
        ("(D_B(fake_b) - 1)", "D_B(fake_b)"),
        ("(D_A(fake_a) - 1)", "D_A(fake_a)"),
    ),
    wrong(
        "q6",
        4,
        "the discriminators are left frozen",
        STEP,
        ("    D_A.requires_grad_(True), D_B.requires_grad_(True)\n", ""),
    ),
    wrong(
        "q6",
        4,
        "gradients are stored in the discriminators",
        STEP,
        ("    D_A.requires_grad_(False), D_B.requires_grad_(False)\n", ""),
    ),
    wrong("q6", 4, "gradients are never cleared", STEP, ("    optimizer.zero_grad()\n", "")),
    wrong(
        "q6",
        4,
        "the fakes in the wrong order",
        STEP,
        ("return fake_a.detach(), fake_b.detach()", "return fake_b.detach(), fake_a.detach()"),
    ),
    wrong(
        "q6",
        4,
        "what is returned keeps its graph",
        STEP,
        ("fake_a.detach(), fake_b.detach(), loss.detach()", "fake_a, fake_b, loss"),
    ),
    wrong("q6", 4, "the loss as a Python number", STEP, ("loss.detach()", "loss.item()")),
    wrong("q6", 0, "the step is forgotten", STEP, ("    optimizer.step()\n", "")),
    # q7: shape 1, parameters 1, correction of zero 1, forward 1
    wrong("q7", 3, "zeros at the border", BLOCK, (', padding_mode="reflect"', "")),
    wrong("q7", 3, "the border repeated, not reflected", BLOCK, ("reflect", "replicate")),
    wrong(
        "q7",
        3,
        "batch normalisation",
        BLOCK,
        ("nn.InstanceNorm2d(channels, affine=True)", "nn.BatchNorm2d(channels)"),
    ),
    wrong(
        "q7",
        2,
        "instance normalisation without scale and shift, PyTorch's default",
        BLOCK,
        (", affine=True", ""),
    ),
    wrong("q7", 3, "biases in front of the normalisation", BLOCK, (", bias=False", "")),
    wrong(
        "q7",
        2,
        "ReLU after the sum",
        BLOCK,
        ("return h + self.correction(h)", "return (h + self.correction(h)).relu()"),
    ),
    wrong(
        "q7",
        2,
        "ReLU after the correction, which can only add",
        BLOCK,
        ("self.correction(h)", "self.correction(h).relu()"),
    ),
    wrong("q7", 2, "no sum", BLOCK, ("h + self.correction(h)", "self.correction(h)")),
    dict(
        task="q7",
        name="nothing learned: the input is returned",
        points=0,
        code="""
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()

    def forward(self, h):
        return h
""",
    ),
    dict(
        task="q7",
        name="the same convolution twice",
        points=2,
        code="""
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.convolve = nn.Conv2d(
            channels, channels, 3, padding=1, padding_mode="reflect", bias=False
        )
        self.first = nn.InstanceNorm2d(channels, affine=True)
        self.second = nn.InstanceNorm2d(channels, affine=True)

    def forward(self, h):
        c = self.first(self.convolve(h)).relu()
        return h + self.second(self.convolve(c))
""",
    ),
]

# Other right answers: full marks.
RIGHT = [
    dict(
        task="q1",
        name="a way back looked for by trying",
        code="""
def count_maps(p_a, p_b):
    n, m = len(p_a), len(p_b)
    right = [
        g
        for g in itertools.product(range(m), repeat=n)
        if all(sum(p_a[a] for a in range(n) if g[a] == b) == p_b[b] for b in range(m))
    ]
    back = [
        g
        for g in right
        if any(
            all(f[g[a]] == a for a in range(n)) for f in itertools.product(range(n), repeat=m)
        )
    ]
    return len(right), len(back)
""",
    ),
    dict(
        task="q2",
        name="mse_loss with targets",
        code="""
def adversarial_losses(real_scores, fake_scores):
    mse = nn.functional.mse_loss
    on_real = mse(real_scores, torch.ones_like(real_scores))
    on_fake = mse(fake_scores, torch.zeros_like(fake_scores))
    return (on_real + on_fake) / 2, mse(fake_scores, torch.ones_like(fake_scores))
""",
    ),
    dict(
        task="q3",
        name="l1_loss",
        code="""
def cycle_and_identity(G, F, a, b):
    l1 = nn.functional.l1_loss
    return l1(F(G(a)), a) + l1(G(F(b)), b), l1(F(a), a) + l1(G(b), b)
""",
    ),
    dict(
        task="q4",
        name="chapter 8's",
        code="""
class ImageBuffer:
    def __init__(self, size=50):
        self.size, self.images = size, []

    def query(self, images):
        if self.size == 0:
            return images.detach()
        swaps = (torch.rand(len(images)) < 0.5).tolist()
        slots = torch.randint(self.size, (len(images),)).tolist()
        shown = []
        for image, swap, slot in zip(images.detach().clone(), swaps, slots, strict=True):
            if len(self.images) < self.size:
                self.images.append(image)
                shown.append(image)
            elif swap:
                shown.append(self.images[slot])
                self.images[slot] = image
            else:
                shown.append(image)
        return torch.stack(shown)
""",
    ),
    dict(
        task="q4",
        name="Python's random, a popped slot",
        code="""
class ImageBuffer:
    def __init__(self, size=50):
        self.size, self.images = size, []

    def query(self, images):
        import random

        shown = []
        for image in images.detach():
            image = image.clone()
            if len(self.images) < self.size:
                self.images.append(image.clone())
            elif self.images and random.random() > 0.5:
                old = self.images.pop(random.randrange(self.size))
                self.images.append(image)
                image = old
            shown.append(image)
        return torch.stack(shown, dim=0)
""",
    ),
    dict(
        task="q4",
        name="one tensor as the store, a copy of the batch overwritten",
        code="""
class ImageBuffer:
    def __init__(self, size=50):
        self.size, self.count, self.store = size, 0, None

    @torch.no_grad()
    def query(self, images):
        shown = images.clone()
        if self.store is None:
            self.store = torch.empty(self.size, *images.shape[1:])
        for i in range(len(images)):
            if self.count < self.size:
                self.store[self.count] = images[i]
                self.count += 1
            elif self.size > 0 and torch.rand(()) >= 0.5:
                slot = torch.randint(0, self.size, ())
                shown[i] = self.store[slot]
                self.store[slot] = images[i]
        return shown
""",
    ),
    dict(
        task="q5",
        name="ganbook's factor",
        code="""
def learning_rate(step, steps, constant, rate):
    from ganbook.training.schedules import linear_decay

    return rate * linear_decay(step, steps, constant)
""",
    ),
    dict(
        task="q5",
        name="clamped on both sides",
        code="""
def learning_rate(step, steps, constant, rate):
    return rate * min(1.0, max(0.0, (steps - step) / max(1, steps - constant)))
""",
    ),
    dict(
        task="q6",
        name="ganbook's frozen, the losses of tasks 2 and 3",
        code="""
def generators_step(G, F, D_A, D_B, optimizer, a, b, cycle_weight=10.0):
    from ganbook.nn.freeze import frozen

    optimizer.zero_grad()
    with frozen(D_A), frozen(D_B):
        fake_b, fake_a = G(a), F(b)
        loss = sum(
            nn.functional.mse_loss(score, torch.ones_like(score))
            for score in (D_B(fake_b), D_A(fake_a))
        )
        l1 = nn.functional.l1_loss
        loss += cycle_weight * (l1(F(fake_b), a) + l1(G(fake_a), b))
        loss.backward()
    optimizer.step()
    return fake_a.detach(), fake_b.detach(), loss.detach()
""",
    ),
    dict(
        task="q6",
        name="gradients asked for the generators only, translated twice",
        code="""
def generators_step(G, F, D_A, D_B, optimizer, a, b, cycle_weight=10.0):
    cycle, _ = cycle_and_identity(G, F, a, b)
    fake_b, fake_a = G(a), F(b)
    loss = (D_B(fake_b) - 1).pow(2).mean() + (D_A(fake_a) - 1).pow(2).mean()
    loss = loss + cycle_weight * cycle
    parameters = [*G.parameters(), *F.parameters()]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return fake_a.detach(), fake_b.detach(), loss.detach()
""",
    ),
    dict(
        task="q7",
        name="layers of padding",
        code="""
class ResidualBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()

        def half():
            return [
                nn.ReflectionPad2d(1),
                nn.Conv2d(channels, channels, 3, bias=False),
                nn.InstanceNorm2d(channels, affine=True),
            ]

        self.layers = nn.Sequential(*half(), nn.ReLU(inplace=True), *half())

    def forward(self, h):
        return self.layers(h) + h
""",
    ),
]
