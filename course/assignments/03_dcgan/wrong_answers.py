"""Typical wrong answers to assignment 3, with the points each is meant to get.

Data for mutation tests: a submission with the solutions of all other tasks and this code in the
place of ``task``'s solution gets full marks everywhere else and ``points`` here.
"""

from tools.course.changes import wrong

SIZES = """
def output_sizes(side, layers):
    sizes = []
    for kind, kernel, stride, padding in layers:
        if kind == "transposed":
            side = (side - 1) * stride + kernel - 2 * padding
        else:
            side = (side + 2 * padding - kernel) // stride + 1
        if side < 1:
            raise ValueError(f"{kind} with kernel {kernel} leaves a side of {side}.")
        sizes.append(side)
    return sizes
"""

GENERATOR = """
class Generator(nn.Module):
    def __init__(self, latent_dim, channels, size, width):
        super().__init__()
        maps = width * size // 8
        layers = [nn.ConvTranspose2d(latent_dim, maps, 4, bias=False)]
        layers += [nn.BatchNorm2d(maps), nn.ReLU()]
        while maps > width:
            layers.append(nn.ConvTranspose2d(maps, maps // 2, 4, 2, 1, bias=False))
            layers += [nn.BatchNorm2d(maps // 2), nn.ReLU()]
            maps //= 2
        layers.append(nn.ConvTranspose2d(maps, channels, 4, 2, 1))
        layers.append(nn.Tanh())
        self.layers = nn.Sequential(*layers)

    def forward(self, z):
        return self.layers(z[:, :, None, None])
"""

DISCRIMINATOR = """
class Discriminator(nn.Module):
    def __init__(self, channels, size, width):
        super().__init__()
        self.shape = (channels, size, size)
        layers = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        maps = width
        while maps < width * size // 8:
            layers.append(nn.Conv2d(maps, 2 * maps, 4, 2, 1, bias=False))
            layers += [nn.BatchNorm2d(2 * maps), nn.LeakyReLU(0.2)]
            maps *= 2
        layers.append(nn.Conv2d(maps, 1, 4))
        self.layers = nn.Sequential(*layers)

    def forward(self, images):
        if images.shape[1:] != self.shape:
            raise ValueError(f"expected (N, *{self.shape}), got {tuple(images.shape)}")
        return self.layers(images).flatten()
"""

INITIALISE = """
def initialise(network):
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
        else:
            continue
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    return network
"""

SAMPLE = """
def sample(generator, z):
    mode = generator.training
    generator.eval()
    with torch.no_grad():
        images = generator(z)
    generator.train(mode)
    return images
"""

AVERAGE = """
def update_average(average, source, batch_size, half_life):
    beta = 2 ** (-batch_size / half_life)
    with torch.no_grad():
        new = source.state_dict()
        for name, value in average.state_dict().items():
            if value.is_floating_point():
                value.mul_(beta).add_(new[name], alpha=1 - beta)
            else:
                value.copy_(new[name])
"""

STEP = """
def train_step(generator, discriminator, g_optimizer, d_optimizer, real, z):
    softplus = nn.functional.softplus
    fake = generator(z)
    on_real, on_fake = discriminator(real), discriminator(fake.detach())
    d_loss = softplus(-on_real).mean() + softplus(on_fake).mean()
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()

    discriminator.requires_grad_(False)
    g_loss = softplus(-discriminator(fake)).mean()
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
    discriminator.requires_grad_(True)
    return d_loss.detach(), g_loss.detach()
"""


WRONG = [
    # q1: generator 1, other layers 1, too small 1
    wrong(
        "q1",
        1,
        "the formula of the transposed convolution for both kinds",
        SIZES,
        ('kind == "transposed"', "True"),
    ),
    wrong(
        "q1",
        0,
        "the formula of the convolution for both kinds: nothing ever grows",
        SIZES,
        ('kind == "transposed"', "False"),
    ),
    wrong(
        "q1",
        0,
        "padding added, as in a convolution",
        SIZES,
        ("kernel - 2 * padding", "kernel + 2 * padding"),
    ),
    wrong(
        "q1",
        2,
        "a convolution's size rounded up",
        SIZES,
        (
            "(side + 2 * padding - kernel) // stride + 1",
            "-(-(side + 2 * padding - kernel) // stride) + 1",
        ),
    ),
    wrong("q1", 2, "no error", SIZES, ("if side < 1", "if False")),
    wrong("q1", 2, "a side of 1 is refused", SIZES, ("side < 1", "side <= 1")),
    wrong("q1", 1, "the last side only", SIZES, ("return sizes", "return sizes[-1:]")),
    wrong("q1", 0, "padding counted once", SIZES, ("2 * padding", "padding")),
    dict(
        task="q1",
        name="a guess that fits the public test",
        points=1,
        code="""
def output_sizes(side, layers):
    return [4, 8, 16]
""",
    ),
    # q2: shape 1, other sizes 1, parameters 1, output 1, between layers 1
    wrong("q2", 4, "biases in front of batch norm", GENERATOR, (", bias=False", "")),
    wrong(
        "q2",
        3,
        "batch norm after the last layer",
        GENERATOR,
        ("layers.append(nn.Tanh())", "layers += [nn.BatchNorm2d(channels), nn.Tanh()]"),
    ),
    wrong("q2", 4, "sigmoid at the end, images in [0, 1]", GENERATOR, ("nn.Tanh", "nn.Sigmoid")),
    wrong("q2", 3, "tanh forgotten", GENERATOR, ("nn.Tanh", "nn.Identity")),
    wrong("q2", 4, "LeakyReLU in the generator", GENERATOR, ("nn.ReLU()", "nn.LeakyReLU(0.2)")),
    wrong(
        "q2",
        3,
        "no batch norm",
        GENERATOR,
        ("nn.BatchNorm2d(maps), ", ""),
        ("nn.BatchNorm2d(maps // 2), ", ""),
    ),
    wrong(
        "q2",
        4,
        "ReLU before batch norm",
        GENERATOR,
        ("nn.BatchNorm2d(maps), nn.ReLU()", "nn.ReLU(), nn.BatchNorm2d(maps)"),
        ("nn.BatchNorm2d(maps // 2), nn.ReLU()", "nn.ReLU(), nn.BatchNorm2d(maps // 2)"),
    ),
    wrong(
        "q2",
        3,
        "made for 32 x 32 only",
        GENERATOR,
        ("maps = width * size // 8", "maps = 4 * width"),
    ),
    wrong(
        "q2",
        4,
        "the last layer has no bias",
        GENERATOR,
        ("(maps, channels, 4, 2, 1)", "(maps, channels, 4, 2, 1, bias=False)"),
    ),
    # q3: shape 1, sizes and parameters 1, between layers 1, refuses 1
    wrong(
        "q3",
        3,
        "probabilities in the place of logits",
        DISCRIMINATOR,
        ("(images).flatten()", "(images).flatten().sigmoid()"),
    ),
    wrong(
        "q3",
        2,
        "batch norm in the first layer",
        DISCRIMINATOR,
        ("4, 2, 1), nn.Leaky", "4, 2, 1), nn.BatchNorm2d(width), nn.Leaky"),
    ),
    wrong(
        "q3", 3, "ReLU in the place of LeakyReLU", DISCRIMINATOR, ("nn.LeakyReLU(0.2)", "nn.ReLU()")
    ),
    wrong(
        "q3",
        3,
        "PyTorch's default slope of 0.01",
        DISCRIMINATOR,
        ("nn.LeakyReLU(0.2)", "nn.LeakyReLU()"),
    ),
    wrong(
        "q3",
        3,
        "squeeze: no axis is left of one image",
        DISCRIMINATOR,
        (".flatten()", ".squeeze()"),
    ),
    wrong("q3", 2, "logits of shape (N, 1)", DISCRIMINATOR, (".flatten()", ".flatten(1)")),
    wrong(
        "q3",
        3,
        "images of every size are accepted",
        DISCRIMINATOR,
        ("if images.shape[1:] != self.shape", "if False"),
    ),
    wrong(
        "q3",
        3,
        "the size is checked, the channels are not",
        DISCRIMINATOR,
        ("images.shape[1:] != self.shape", "images.shape[2:] != self.shape[1:]"),
    ),
    wrong("q3", 3, "biases in front of batch norm", DISCRIMINATOR, (", bias=False", "")),
    wrong(
        "q3",
        3,
        "assert in the place of ValueError",
        DISCRIMINATOR,
        (
            "if images.shape[1:] != self.shape:\n            raise ValueError(",
            "assert images.shape[1:] == self.shape, (",
        ),
    ),
    # q4: convolution 1, batch norm and biases 1, every layer 1
    wrong("q4", 2, "batch norm's scale around 0", INITIALISE, ("1.0, 0.02", "0.0, 0.02")),
    wrong("q4", 0, "0.02 taken for the variance", INITIALISE, ("0.02)", "0.02 ** 0.5)")),
    wrong("q4", 2, "transposed convolutions forgotten", INITIALISE, (" | nn.ConvTranspose2d", "")),
    wrong(
        "q4", 2, "children only, not what they contain", INITIALISE, (".modules()", ".children()")
    ),
    wrong(
        "q4",
        2,
        "a missing bias is not expected",
        INITIALISE,
        ("if module.bias is not None", "if True"),
    ),
    wrong("q4", 2, "biases forgotten", INITIALISE, ("nn.init.zeros_(module.bias)", "pass")),
    wrong("q4", 2, "nothing returned", INITIALISE, ("return network", "return None")),
    dict(
        task="q4",
        name="every parameter is drawn with mean 0",
        points=1,
        code="""
def initialise(network):
    for parameter in network.parameters():
        nn.init.normal_(parameter, 0.0, 0.02)
    return network
""",
    ),
    # q5: shape 1, company 1, running averages 1, mode 1
    wrong("q5", 1, "evaluation mode forgotten", SAMPLE, ("    generator.eval()\n", "")),
    wrong("q5", 3, "left in evaluation mode", SAMPLE, ("    generator.train(mode)\n", "")),
    wrong("q5", 3, "always left in training mode", SAMPLE, ("train(mode)", "train()")),
    wrong("q5", 3, "no_grad forgotten", SAMPLE, ("with torch.no_grad()", "if True")),
    wrong(
        "q5",
        1,
        "no_grad taken for evaluation mode, eval() called too late",
        SAMPLE,
        ("    generator.eval()\n", ""),
        ("    return", "    generator.eval()\n    return"),
        ("    generator.train(mode)\n", ""),
    ),
    # q6: one half-life 1, beta 1, buffers 1, in place without graph 1
    wrong(
        "q6",
        3,
        "beta and 1 - beta swapped",
        AVERAGE,
        ("mul_(beta)", "mul_(1 - beta)"),
        ("alpha=1 - beta", "alpha=beta"),
    ),
    wrong(
        "q6",
        3,
        "the half-life upside down",
        AVERAGE,
        ("-batch_size / half_life", "-half_life / batch_size"),
    ),
    wrong("q6", 1, "e in the place of 2", AVERAGE, ("2 **", "2.718281828 **")),
    wrong("q6", 1, "a fixed beta of 0.999", AVERAGE, ("2 ** (-batch_size / half_life)", "0.999")),
    wrong(
        "q6",
        3,
        "whole numbers averaged as well",
        AVERAGE,
        ("if value.is_floating_point()", "if True"),
    ),
    wrong(
        "q6",
        0,
        "new tensors, the average never moves",
        AVERAGE,
        (
            "value.mul_(beta).add_(new[name], alpha=1 - beta)",
            "value = beta * value + (1 - beta) * new[name]",
        ),
    ),
    wrong("q6", 1, "a copy, no average", AVERAGE, ("value.is_floating_point()", "False")),
    dict(
        task="q6",
        name="parameters only: the buffers stay behind",
        points=3,
        code="""
def update_average(average, source, batch_size, half_life):
    beta = 2 ** (-batch_size / half_life)
    with torch.no_grad():
        for old, new in zip(average.parameters(), source.parameters(), strict=True):
            old.mul_(beta).add_(new, alpha=1 - beta)
""",
    ),
    dict(
        task="q6",
        name="buffers copied, not averaged",
        points=3,
        code="""
def update_average(average, source, batch_size, half_life):
    beta = 2 ** (-batch_size / half_life)
    with torch.no_grad():
        for old, new in zip(average.parameters(), source.parameters(), strict=True):
            old.mul_(beta).add_(new, alpha=1 - beta)
        for old, new in zip(average.buffers(), source.buffers(), strict=True):
            old.copy_(new)
""",
    ),
    dict(
        task="q6",
        name="no_grad forgotten: the average becomes a part of the graph",
        points=3,
        code="""
def update_average(average, source, batch_size, half_life):
    beta = 2 ** (-batch_size / half_life)
    for old, new in zip(average.parameters(), source.parameters(), strict=True):
        old.mul_(beta).add_(new, alpha=1 - beta)
    for old, new in zip(average.buffers(), source.buffers(), strict=True):
        old.mul_(beta).add_(new, alpha=1 - beta) if old.is_floating_point() else old.copy_(new)
""",
    ),
    # q7: moves and detached 1, exact step 2, separate batches 1, gradients 1
    wrong(
        "q7",
        3,
        "the discriminator's labels swapped",
        STEP,
        (
            "softplus(-on_real).mean() + softplus(on_fake)",
            "softplus(on_real).mean() + softplus(-on_fake)",
        ),
    ),
    wrong(
        "q7",
        3,
        "the generator wants to be recognised",
        STEP,
        ("softplus(-discriminator(fake))", "softplus(discriminator(fake))"),
    ),
    wrong(
        "q7",
        3,
        "minimax in the place of non-saturating",
        STEP,
        ("softplus(-discriminator(fake))", "-softplus(discriminator(fake))"),
    ),
    wrong(
        "q7",
        1,
        "the generator is updated from detached fakes",
        STEP,
        ("    discriminator.requires_grad_(False)\n", ""),
        ("discriminator(fake))", "discriminator(fake.detach()))"),
    ),
    wrong(
        "q7",
        4,
        "fakes not detached, drawn again for the second turn",
        STEP,
        ("fake.detach()", "fake"),
        ("discriminator(fake)).mean", "discriminator(generator(z))).mean"),
    ),
    wrong("q7", 0, "fakes not detached, the graph used twice", STEP, ("fake.detach()", "fake")),
    wrong(
        "q7",
        4,
        "the discriminator is left frozen",
        STEP,
        ("    discriminator.requires_grad_(True)\n", ""),
    ),
    wrong(
        "q7",
        4,
        "gradients are never cleared",
        STEP,
        ("    d_optimizer.zero_grad()\n", ""),
        ("    g_optimizer.zero_grad()\n", ""),
    ),
    wrong(
        "q7",
        4,
        "real and fake in one batch",
        STEP,
        (
            "discriminator(real), discriminator(fake.detach())",
            "discriminator(torch.cat([real, fake.detach()])).chunk(2)",
        ),
    ),
    wrong(
        "q7",
        3,
        "sigmoid in front of a loss that takes logits",
        STEP,
        (
            "discriminator(real), discriminator(fake.detach())",
            "discriminator(real).sigmoid(), discriminator(fake.detach()).sigmoid()",
        ),
    ),
    wrong(
        "q7",
        4,
        "the losses keep their graphs",
        STEP,
        ("d_loss.detach(), g_loss.detach()", "d_loss, g_loss"),
    ),
    wrong(
        "q7",
        3,
        "fresh latents in the generator's turn",
        STEP,
        ("discriminator(fake)).mean", "discriminator(generator(torch.randn_like(z)))).mean"),
    ),
    dict(
        task="q7",
        name="the generator's turn first",
        points=3,
        code="""
def train_step(generator, discriminator, g_optimizer, d_optimizer, real, z):
    softplus = nn.functional.softplus
    discriminator.requires_grad_(False)
    fake = generator(z)
    g_loss = softplus(-discriminator(fake)).mean()
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
    discriminator.requires_grad_(True)
    g_optimizer.zero_grad()

    d_loss = softplus(-discriminator(real)).mean() + softplus(discriminator(fake.detach())).mean()
    d_optimizer.zero_grad()
    d_loss.backward()
    d_optimizer.step()
    return d_loss.detach(), g_loss.detach()
""",
    ),
]

# Other right answers: full marks.
RIGHT = [
    dict(
        task="q1",
        name="asked of PyTorch",
        code="""
def output_sizes(side, layers):
    sizes = []
    for kind, *rest in layers:
        layer = (nn.ConvTranspose2d if kind == "transposed" else nn.Conv2d)(1, 1, *rest)
        try:
            side = layer(torch.zeros(1, 1, side, side)).shape[-1]
        except RuntimeError as error:
            raise ValueError("too small") from error
        sizes.append(side)
    return sizes
""",
    ),
    dict(
        task="q2",
        name="a fully connected first layer, which is the same",
        code="""
class Generator(nn.Module):
    def __init__(self, latent_dim, channels, size, width):
        super().__init__()
        doublings = size.bit_length() - 3
        widths = [width * 2**i for i in reversed(range(doublings))]
        self.maps = widths[0]
        self.first = nn.Linear(latent_dim, widths[0] * 16, bias=False)
        self.norm = nn.BatchNorm2d(widths[0])
        self.ups = nn.ModuleList(
            nn.Sequential(
                nn.ConvTranspose2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(True)
            )
            for a, b in zip(widths, widths[1:], strict=False)
        )
        self.last = nn.ConvTranspose2d(width, channels, 4, 2, 1)

    def forward(self, z):
        h = self.norm(self.first(z).view(len(z), self.maps, 4, 4)).relu()
        for up in self.ups:
            h = up(h)
        return self.last(h).tanh()
""",
    ),
    dict(
        task="q3",
        name="activations in place, a view at the end",
        code="""
class Discriminator(nn.Module):
    def __init__(self, channels, size, width):
        super().__init__()
        self.channels, self.size = channels, size
        self.first = nn.Conv2d(channels, width, 4, 2, 1)
        self.blocks, maps = nn.ModuleList(), width
        for _ in range(size.bit_length() - 4):
            self.blocks.append(
                nn.Sequential(
                    nn.Conv2d(maps, 2 * maps, 4, 2, 1, bias=False),
                    nn.BatchNorm2d(2 * maps),
                    nn.LeakyReLU(0.2, inplace=True),
                )
            )
            maps *= 2
        self.last = nn.Conv2d(maps, 1, 4)

    def forward(self, images):
        if images.ndim != 4 or list(images.shape[1:]) != [self.channels, self.size, self.size]:
            raise ValueError(
                f"I take {self.channels} channels of {self.size} x {self.size}, got {images.shape}"
            )
        h = nn.functional.leaky_relu_(self.first(images), 0.2)
        for block in self.blocks:
            h = block(h)
        return self.last(h).view(-1)
""",
    ),
    dict(
        task="q4",
        name="with apply",
        code="""
def initialise(network):
    def start(module):
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d)):
            mean = 1.0 if isinstance(module, nn.BatchNorm2d) else 0.0
            module.weight.data = mean + 0.02 * torch.randn_like(module.weight)
            if module.bias is not None:
                module.bias.data.zero_()

    return network.apply(start)
""",
    ),
    dict(
        task="q5",
        name="ganbook's eval_mode",
        code="""
@torch.no_grad()
def sample(generator, z):
    from ganbook.nn.eval_mode import eval_mode

    with eval_mode(generator):
        return generator(z)
""",
    ),
    dict(
        task="q5",
        name="from a copy, detached",
        code="""
def sample(generator, z):
    return copy.deepcopy(generator).eval()(z).detach()
""",
    ),
    dict(
        task="q6",
        name="lerp over parameters and buffers",
        code="""
@torch.no_grad()
def update_average(average, source, batch_size, half_life):
    weight = 1 - 0.5 ** (batch_size / half_life)
    for old, new in zip(average.parameters(), source.parameters(), strict=True):
        old.lerp_(new, weight)
    for old, new in zip(average.buffers(), source.buffers(), strict=True):
        if old.is_floating_point():
            old.lerp_(new, weight)
        else:
            old.copy_(new)
""",
    ),
    dict(
        task="q6",
        name="a new state loaded",
        code="""
def update_average(average, source, batch_size, half_life):
    beta, new = 0.5 ** (batch_size / half_life), source.state_dict()
    average.load_state_dict({
        name: beta * old + (1 - beta) * new[name] if old.is_floating_point() else new[name]
        for name, old in average.state_dict().items()
    })
""",
    ),
    dict(
        task="q7",
        name="cross-entropy, ganbook's frozen, fakes drawn twice",
        code="""
def train_step(generator, discriminator, g_optimizer, d_optimizer, real, z):
    from ganbook.nn.freeze import frozen

    bce = nn.functional.binary_cross_entropy_with_logits
    with torch.no_grad():
        fake = generator(z)
    d_optimizer.zero_grad()
    on_real, on_fake = discriminator(real), discriminator(fake)
    d_loss = bce(on_real, torch.ones_like(on_real)) + bce(on_fake, torch.zeros_like(on_fake))
    d_loss.backward()
    d_optimizer.step()
    with frozen(discriminator):
        g_optimizer.zero_grad()
        on_fake = discriminator(generator(z))
        g_loss = bce(on_fake, torch.ones_like(on_fake))
        g_loss.backward()
    g_optimizer.step()
    return d_loss.detach(), g_loss.detach()
""",
    ),
    dict(
        task="q7",
        name="not frozen: the discriminator's gradients are cleared next time",
        code="""
def train_step(generator, discriminator, g_optimizer, d_optimizer, real, z):
    softplus = nn.functional.softplus
    fake = generator(z)
    d_optimizer.zero_grad()
    on_real = softplus(-discriminator(real)).mean()
    on_real.backward()
    on_fake = softplus(discriminator(fake.detach())).mean()
    on_fake.backward()
    d_optimizer.step()
    g_loss = softplus(-discriminator(fake)).mean()
    g_optimizer.zero_grad()
    g_loss.backward()
    g_optimizer.step()
    return (on_real + on_fake).detach(), g_loss.detach()
""",
    ),
]
