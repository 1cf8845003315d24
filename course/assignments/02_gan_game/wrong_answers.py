"""Typical wrong answers to assignment 2, with the points each is meant to get.

Data for mutation tests: a submission with the solutions of all other tasks and this code in the
place of ``task``'s solution gets full marks everywhere else and ``points`` here.
"""

from tools.course.changes import changed

D_STEP = """
def discriminator_step(generator, discriminator, optimizer, real, z):
    bce = nn.functional.binary_cross_entropy_with_logits
    on_real, on_fake = discriminator(real), discriminator(generator(z).detach())
    loss = bce(on_real, torch.ones_like(on_real)) + bce(on_fake, torch.zeros_like(on_fake))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
"""

G_STEP = """
def generator_step(generator, discriminator, optimizer, z):
    discriminator.requires_grad_(False)
    loss = nn.functional.softplus(-discriminator(generator(z))).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    discriminator.requires_grad_(True)
    return loss.detach()
"""


WRONG = [
    # q1: equal densities 1, values 1, zeros 1
    dict(task="q1", name="real and fake swapped", points=1, code="""
def optimal_discriminator(p_data, p_g):
    total = p_data + p_g
    return torch.where(total > 0, p_g / total, torch.full_like(total, 0.5))
"""),
    dict(task="q1", name="nan where both are 0", points=2, code="""
def optimal_discriminator(p_data, p_g):
    return p_data / (p_data + p_g)
"""),
    dict(task="q1", name="a small number added below: 0 where both are 0", points=2, code="""
def optimal_discriminator(p_data, p_g):
    return p_data / (p_data + p_g + 1e-8)
"""),
    dict(task="q1", name="the density ratio in the place of the probability", points=0, code="""
def optimal_discriminator(p_data, p_g):
    return p_data / p_g
"""),
    dict(task="q1", name="a sigmoid of the difference", points=1, code="""
def optimal_discriminator(p_data, p_g):
    return torch.sigmoid(p_data - p_g)
"""),
    # q2: equilibrium 1, by hand 1, perfect discriminator 1
    dict(task="q2", name="mean over the places in the place of the sum", points=0, code="""
def value(p_data, p_g, d):
    return (torch.xlogy(p_data, d) + torch.xlogy(p_g, 1 - d)).mean()
"""),
    dict(task="q2", name="0 log 0 is nan", points=2, code="""
def value(p_data, p_g, d):
    return (p_data * torch.log(d) + p_g * torch.log(1 - d)).sum()
"""),
    dict(task="q2", name="log D on fakes too", points=1, code="""
def value(p_data, p_g, d):
    return (torch.xlogy(p_data, d) + torch.xlogy(p_g, d)).sum()
"""),
    dict(task="q2", name="real and fake swapped", points=1, code="""
def value(p_data, p_g, d):
    return (torch.xlogy(p_g, d) + torch.xlogy(p_data, 1 - d)).sum()
"""),
    dict(task="q2", name="the half of the fakes is missing", points=0, code="""
def value(p_data, p_g, d):
    return torch.xlogy(p_data, d).sum()
"""),
    dict(task="q2", name="the loss in the place of the value: wrong sign", points=0, code="""
def value(p_data, p_g, d):
    return -(torch.xlogy(p_data, d) + torch.xlogy(p_g, 1 - d)).sum()
"""),
    # q3: undecided 1, by hand 1, gradient 1, extreme 1
    dict(task="q3", name="labels swapped", points=1, code="""
def discriminator_loss(real_logits, fake_logits):
    softplus = nn.functional.softplus
    return softplus(real_logits).mean() + softplus(-fake_logits).mean()
"""),
    dict(task="q3", name="sigmoid twice", points=0, code="""
def discriminator_loss(real_logits, fake_logits):
    bce = nn.functional.binary_cross_entropy_with_logits
    real, fake = real_logits.sigmoid(), fake_logits.sigmoid()
    return bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))
"""),
    dict(task="q3", name="the logarithm of a rounded sigmoid", points=3, code="""
def discriminator_loss(real_logits, fake_logits):
    real, fake = real_logits.sigmoid(), fake_logits.sigmoid()
    return -real.log().mean() - (1 - fake).log().mean()
"""),
    dict(task="q3", name="Sigmoid and BCELoss, clamped at 100", points=3, code="""
def discriminator_loss(real_logits, fake_logits):
    bce = nn.functional.binary_cross_entropy
    real, fake = real_logits.sigmoid(), fake_logits.sigmoid()
    return bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))
"""),
    dict(task="q3", name="never taught on fakes", points=0, code="""
def discriminator_loss(real_logits, fake_logits):
    return nn.functional.softplus(-real_logits).mean()
"""),
    dict(task="q3", name="sum in the place of mean", points=1, code="""
def discriminator_loss(real_logits, fake_logits):
    softplus = nn.functional.softplus
    return softplus(-real_logits).sum() + softplus(fake_logits).sum()
"""),
    # q4: undecided 1, gradients 1, extreme 1
    dict(task="q4", name="the pair in the wrong order", points=0, code="""
def generator_losses(fake_logits):
    softplus = nn.functional.softplus
    return softplus(-fake_logits).mean(), -softplus(fake_logits).mean()
"""),
    dict(task="q4", name="non-saturating taken for minus the minimax loss", points=1, code="""
def generator_losses(fake_logits):
    minimax = -nn.functional.softplus(fake_logits).mean()
    return minimax, -minimax
"""),
    dict(task="q4", name="the logarithm of a rounded sigmoid", points=2, code="""
def generator_losses(fake_logits):
    d = fake_logits.sigmoid()
    return (1 - d).log().mean(), -d.log().mean()
"""),
    dict(task="q4", name="sigmoid twice", points=0, code="""
def generator_losses(fake_logits):
    softplus, d = nn.functional.softplus, fake_logits.sigmoid()
    return -softplus(d).mean(), softplus(-d).mean()
"""),
    # q5: moves and detached 1, generator gets nothing 1, exact step 2, fresh gradients 1
    dict(task="q5", name="detach forgotten", points=4,
         code=changed(D_STEP, (".detach())\n", ")\n"))),
    dict(task="q5", name="gradients are never cleared", points=4,
         code=changed(D_STEP, ("    optimizer.zero_grad()\n", ""))),
    dict(task="q5", name="the other network is cleared", points=4,
         code=changed(D_STEP, ("optimizer.zero_grad()", "generator.zero_grad()"))),
    dict(task="q5", name="labels swapped", points=3,
         code=changed(D_STEP, ("ones_like", "LATER"), ("zeros_like", "ones_like"),
                      ("LATER", "zeros_like"))),
    dict(task="q5", name="sigmoid twice", points=3,
         code=changed(D_STEP, ("discriminator(real), discriminator(generator(z).detach())",
                               "discriminator(real).sigmoid(), "
                               "discriminator(generator(z).detach()).sigmoid()"))),
    dict(task="q5", name="never taught on fakes", points=3,
         code=changed(D_STEP, (" + bce(on_fake, torch.zeros_like(on_fake))", ""))),
    dict(task="q5", name="the returned loss keeps its graph", points=4,
         code=changed(D_STEP, ("return loss.detach()", "return loss"))),
    dict(task="q5", name="the step is forgotten", points=0,
         code=changed(D_STEP, ("    optimizer.step()\n", ""))),
    # q6: moves and detached 1, discriminator untouched 1, exact step 2, fresh gradients 1
    dict(task="q6", name="updated from detached fakes", points=0,
         code=changed(G_STEP, ("generator(z)", "generator(z).detach()"),
                      ("    discriminator.requires_grad_(False)\n", ""))),
    dict(task="q6", name="labels swapped: wants to be recognised", points=3,
         code=changed(G_STEP, ("softplus(-discriminator", "softplus(discriminator"))),
    dict(task="q6", name="minimax in the place of non-saturating", points=3,
         code=changed(G_STEP, ("nn.functional.softplus(-disc", "-nn.functional.softplus(disc"))),
    dict(task="q6", name="gradients are stored in the discriminator", points=4,
         code=changed(G_STEP, ("    discriminator.requires_grad_(False)\n", ""))),
    dict(task="q6", name="the discriminator is left frozen", points=4,
         code=changed(G_STEP, ("    discriminator.requires_grad_(True)\n", ""))),
    dict(task="q6", name="gradients are never cleared", points=4,
         code=changed(G_STEP, ("    optimizer.zero_grad()\n", ""))),
    dict(task="q6", name="sigmoid twice", points=3,
         code=changed(G_STEP, ("-discriminator(generator(z))",
                               "-discriminator(generator(z)).sigmoid()"))),
    # q7: collapsed 1, far samples 1, least 1, nearest only 1
    dict(task="q7", name="the radius is ignored", points=3, code="""
def count_modes(samples, centers, radius, least=1):
    nearest = torch.cdist(samples, centers).argmin(dim=1)
    return int((torch.bincount(nearest, minlength=len(centers)) >= least).sum())
"""),
    dict(task="q7", name="a sample counts for every centre in reach", points=3, code="""
def count_modes(samples, centers, radius, least=1):
    return int(((torch.cdist(samples, centers) <= radius).sum(dim=0) >= least).sum())
"""),
    dict(task="q7", name="least is ignored", points=3, code="""
def count_modes(samples, centers, radius, least=1):
    distance, nearest = torch.cdist(samples, centers).min(dim=1)
    return len(nearest[distance <= radius].unique())
"""),
    dict(task="q7", name="squared distance compared with the radius", points=3, code="""
def count_modes(samples, centers, radius, least=1):
    distance, nearest = torch.cdist(samples, centers).square().min(dim=1)
    counts = torch.bincount(nearest[distance <= radius], minlength=len(centers))
    return int((counts >= least).sum())
"""),
    dict(task="q7", name="samples counted, not modes", points=1, code="""
def count_modes(samples, centers, radius, least=1):
    return int((torch.cdist(samples, centers).min(dim=1).values <= radius).sum())
"""),
    dict(task="q7", name="a guess that fits the public test", points=1, code="""
def count_modes(samples, centers, radius, least=1):
    return 1
"""),
    dict(task="q7", name="minimum over the wrong axis", points=2, code="""
def count_modes(samples, centers, radius, least=1):
    return int((torch.cdist(samples, centers).min(dim=0).values <= radius).sum())
"""),
]

# Other right answers: full marks.
RIGHT = [
    dict(task="q1", name="nan replaced", code="""
def optimal_discriminator(p_data, p_g):
    return (p_data / (p_data + p_g)).nan_to_num(0.5)
"""),
    dict(task="q2", name="only places that occur", code="""
def value(p_data, p_g, d):
    real, fake = p_data > 0, p_g > 0
    return (p_data[real] * d[real].log()).sum() + (p_g[fake] * (1 - d[fake]).log()).sum()
"""),
    dict(task="q3", name="binary cross-entropy with logits", code="""
def discriminator_loss(real_logits, fake_logits):
    bce = nn.functional.binary_cross_entropy_with_logits
    return bce(real_logits, torch.ones_like(real_logits)) + bce(
        fake_logits, torch.zeros_like(fake_logits)
    )
"""),
    dict(task="q4", name="logsigmoid", code="""
def generator_losses(fake_logits):
    logsigmoid = nn.functional.logsigmoid
    return logsigmoid(-fake_logits).mean(), -logsigmoid(fake_logits).mean()
"""),
    dict(task="q5", name="fakes drawn under no_grad, two backward passes", code="""
def discriminator_step(generator, discriminator, optimizer, real, z):
    softplus = nn.functional.softplus
    with torch.no_grad():
        fake = generator(z)
    optimizer.zero_grad()
    on_real = softplus(-discriminator(real)).mean()
    on_real.backward()
    on_fake = softplus(discriminator(fake)).mean()
    on_fake.backward()
    optimizer.step()
    return (on_real + on_fake).detach()
"""),
    dict(task="q6", name="ganbook's frozen", code="""
def generator_step(generator, discriminator, optimizer, z):
    from ganbook.nn.freeze import frozen

    with frozen(discriminator):
        logits = discriminator(generator(z))
        loss = nn.functional.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))
        optimizer.zero_grad()
        loss.backward()
    optimizer.step()
    return loss.detach()
"""),
    dict(task="q6", name="gradients asked for the generator only", code="""
def generator_step(generator, discriminator, optimizer, z):
    loss = nn.functional.softplus(-discriminator(generator(z))).mean()
    parameters = list(generator.parameters())
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss.detach()
"""),
    dict(task="q7", name="a loop over the centres", code="""
def count_modes(samples, centers, radius, least=1):
    distance, nearest = torch.cdist(samples, centers).min(dim=1)
    return sum(
        int(((nearest == k) & (distance <= radius)).sum()) >= least for k in range(len(centers))
    )
"""),
]
