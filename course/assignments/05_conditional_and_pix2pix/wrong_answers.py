"""Typical wrong answers to assignment 5, with the points each is meant to get.

Data for mutation tests: a submission with the solutions of all other tasks and this code in the
place of ``task``'s solution gets full marks everywhere else and ``points`` here.
"""

from tools.course.changes import changed

UNET = """
def unet_forward(downs, ups, images):
    h, skips = images, []
    for down in downs:
        h = down(h)
        skips.append(h)
    skips.pop()
    for k, up in enumerate(ups):
        if k > 0:
            h = torch.cat([h, skips.pop()], dim=1)
        h = up(h)
    return h
"""

PIXELS = """
def pixels_seen(index, layers):
    first = last = index
    for kernel, stride, padding in reversed(layers):
        first = stride * first - padding
        last = stride * last - padding + kernel - 1
    return first, last
"""

D_STEP = """
def discriminator_step(generator, discriminator, optimizer, inputs, targets):
    fake = generator(inputs).detach()
    on_real, on_fake = discriminator(inputs, targets), discriminator(inputs, fake)
    loss = (F.softplus(-on_real).mean() + F.softplus(on_fake).mean()) / 2
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
"""

G_LOSS = """
def generator_loss(logits, fake, target, weight):
    return F.softplus(-logits).mean() + weight * (fake - target).abs().mean()
"""


WRONG = [
    # q1: shape and type 1, values 1, gradient 1
    dict(task="q1", name="the label's number in the place of its vector", points=1, code="""
def label_maps(labels, table, size):
    numbers = labels.float()[:, None, None, None]
    return numbers.expand(-1, table.shape[1], size, size)
"""),
    dict(task="q1", name="the table is detached: nothing is learned", points=2, code="""
def label_maps(labels, table, size):
    return table.data[labels][:, :, None, None].expand(-1, -1, size, size)
"""),
    dict(task="q1", name="repeated and reshaped: the numbers of a vector are mixed", points=2, code="""
def label_maps(labels, table, size):
    vectors = table[labels].repeat(1, size * size)
    return vectors.view(len(labels), table.shape[1], size, size)
"""),
    dict(task="q1", name="not laid out: one place only", points=0, code="""
def label_maps(labels, table, size):
    return table[labels][:, :, None, None]
"""),
    dict(task="q1", name="the first label for the whole batch", points=1, code="""
def label_maps(labels, table, size):
    vector = table[labels[0]]
    return vector[None, :, None, None].expand(len(labels), -1, size, size)
"""),
    dict(task="q1", name="a guess that fits the public test", points=1, code="""
def label_maps(labels, table, size):
    return torch.zeros(len(labels), table.shape[1], size, size)
"""),
    # q2: collapsed 1, pairs 1, classes count once 1, single sample 1
    dict(task="q2", name="each sample is paired with itself too", points=1, code="""
def within_class_diversity(features, labels):
    means = [torch.cdist(own, own).mean() for own in
             (features[labels == label] for label in labels.unique())]
    return torch.stack(means).mean()
"""),
    dict(task="q2", name="mean over all pairs: large classes count more", points=3, code="""
def within_class_diversity(features, labels):
    pairs = [torch.pdist(features[labels == label]) for label in labels.unique()]
    return torch.cat(pairs).mean()
"""),
    dict(task="q2", name="nan from a class with one sample", points=3, code="""
def within_class_diversity(features, labels):
    means = [torch.pdist(features[labels == label]).mean() for label in labels.unique()]
    return torch.stack(means).mean()
"""),
    dict(task="q2", name="a class with one sample counts as 0", points=3, code="""
def within_class_diversity(features, labels):
    total = 0.0
    for label in labels.unique():
        own = features[labels == label]
        if len(own) > 1:
            total = total + torch.pdist(own).mean()
    return total / len(labels.unique())
"""),
    dict(task="q2", name="the labels are ignored", points=0, code="""
def within_class_diversity(features, labels):
    return torch.pdist(features).mean()
"""),
    dict(task="q2", name="squared distances", points=1, code="""
def within_class_diversity(features, labels):
    means = []
    for label in labels.unique():
        own = features[labels == label]
        if len(own) > 1:
            means.append(torch.pdist(own).square().mean())
    return torch.stack(means).mean()
"""),
    dict(task="q2", name="distance to the class's mean", points=1, code="""
def within_class_diversity(features, labels):
    means = []
    for label in labels.unique():
        own = features[labels == label]
        if len(own) > 1:
            means.append((own - own.mean(dim=0)).norm(dim=1).mean())
    return torch.stack(means).mean()
"""),
    # q3: without labels 1, by hand 1, gradient 1
    dict(task="q3", name="every image with every label: N x N", points=0, code="""
def projection_logits(features, labels, weight, bias, vectors):
    return features @ weight + bias + features @ vectors[labels].T
"""),
    dict(task="q3", name="a score of the label is added, the image plays no part in it", points=1, code="""
def projection_logits(features, labels, weight, bias, vectors):
    return features @ weight + bias + vectors[labels].sum(dim=1)
"""),
    dict(task="q3", name="only the label's part", points=0, code="""
def projection_logits(features, labels, weight, bias, vectors):
    return (vectors[labels] * features).sum(dim=1)
"""),
    dict(task="q3", name="mean in the place of the inner product's sum", points=1, code="""
def projection_logits(features, labels, weight, bias, vectors):
    return features @ weight + bias + (vectors[labels] * features).mean(dim=1)
"""),
    dict(task="q3", name="a probability in the place of the logit", points=0, code="""
def projection_logits(features, labels, weight, bias, vectors):
    return torch.sigmoid(features @ weight + bias + (vectors[labels] * features).sum(dim=1))
"""),
    dict(task="q3", name="the labels' vectors are detached", points=2, code="""
def projection_logits(features, labels, weight, bias, vectors):
    return features @ weight + bias + (vectors[labels].detach() * features).sum(dim=1)
"""),
    dict(task="q3", name="the label does not count", points=1, code="""
def projection_logits(features, labels, weight, bias, vectors):
    return features @ weight + bias
"""),
    # q4: shape 1, bottleneck 1, which skip 1, order 1, gradient 1
    dict(task="q4", name="no skips", points=1,
         code=changed(UNET, ("        if k > 0:\n"
                             "            h = torch.cat([h, skips.pop()], dim=1)\n", ""))),
    dict(task="q4", name="the skip first, then the map from below", points=4,
         code=changed(UNET, ("[h, skips.pop()]", "[skips.pop(), h]"))),
    dict(task="q4", name="added in the place of joined", points=2,
         code=changed(UNET, ("torch.cat([h, skips.pop()], dim=1)", "h + skips.pop()"))),
    dict(task="q4", name="the bottleneck is joined with itself", points=3,
         code=changed(UNET, ("    skips.pop()\n", ""), ("if k > 0:", "if True:"))),
    dict(task="q4", name="the bottleneck is taken for the first skip", points=0,
         code=changed(UNET, ("    skips.pop()\n", ""))),
    dict(task="q4", name="skips from the wrong end", points=1,
         code=changed(UNET, ("skips.pop()]", "skips.pop(0)]"))),
    dict(task="q4", name="joined along the batch", points=1,
         code=changed(UNET, ("dim=1", "dim=0"))),
    dict(task="q4", name="skips without gradient", points=4,
         code=changed(UNET, ("skips.append(h)", "skips.append(h.detach())"))),
    # q5: one layer 1, patches of 34 1, patches of 70 1, other layers 1
    dict(task="q5", name="from the image to the logit in the place of back", points=1,
         code=changed(PIXELS, ("reversed(layers)", "layers"))),
    dict(task="q5", name="the padding is forgotten", points=1,
         code=changed(PIXELS, (" - padding", ""))),
    dict(task="q5", name="the last pixel is one too far", points=0,
         code=changed(PIXELS, (" + kernel - 1", " + kernel"))),
    dict(task="q5", name="cut off at the border", points=3,
         code=changed(PIXELS, ("return first, last", "return max(first, 0), last"))),
    dict(task="q5", name="the padding is subtracted before the stride", points=1,
         code=changed(PIXELS, ("stride * first - padding", "stride * (first - padding)"),
                      ("stride * last - padding", "stride * (last - padding)"))),
    dict(task="q5", name="only the last layer before the logits", points=1, code="""
def pixels_seen(index, layers):
    kernel, stride, padding = layers[-1]
    return stride * index - padding, stride * index - padding + kernel - 1
"""),
    # q6: moves and detached 1, generator gets nothing 1, exact step 2, fresh gradients 1
    dict(task="q6", name="detach forgotten", points=4,
         code=changed(D_STEP, (".detach()\n    on", "\n    on"))),
    dict(task="q6", name="fakes are paired with the target, not with their input", points=3,
         code=changed(D_STEP, ("discriminator(inputs, fake)", "discriminator(targets, fake)"))),
    dict(task="q6", name="the fake stands where the input belongs", points=3,
         code=changed(D_STEP, ("discriminator(inputs, fake)", "discriminator(fake, targets)"))),
    dict(task="q6", name="labels swapped", points=3,
         code=changed(D_STEP, ("F.softplus(-on_real)", "F.softplus(on_real)"),
                      ("F.softplus(on_fake)", "F.softplus(-on_fake)"))),
    dict(task="q6", name="not halved", points=3, code=changed(D_STEP, (" / 2", ""))),
    dict(task="q6", name="sum over the patches", points=3,
         code=changed(D_STEP, (".mean()", ".sum()"))),
    dict(task="q6", name="never shown a real pair", points=3,
         code=changed(D_STEP, ("F.softplus(-on_real).mean() + ", ""))),
    dict(task="q6", name="gradients are never cleared", points=4,
         code=changed(D_STEP, ("    optimizer.zero_grad()\n", ""))),
    dict(task="q6", name="the other network is cleared", points=4,
         code=changed(D_STEP, ("optimizer.zero_grad()", "generator.zero_grad()"))),
    dict(task="q6", name="the returned loss keeps its graph", points=4,
         code=changed(D_STEP, ("return loss.detach()", "return loss"))),
    dict(task="q6", name="the step is forgotten", points=0,
         code=changed(D_STEP, ("    optimizer.step()\n", ""))),
    # q7: undecided 1, by hand 1, gradients 1, extreme 1
    dict(task="q7", name="squared distance in the place of absolute", points=2,
         code=changed(G_LOSS, (".abs()", ".square()"))),
    dict(task="q7", name="differences cancel: no absolute value", points=2,
         code=changed(G_LOSS, (".abs()", ""))),
    dict(task="q7", name="distance summed over the pixels", points=2,
         code=changed(G_LOSS, (".abs().mean()", ".abs().sum()"))),
    dict(task="q7", name="wants to be recognised: wrong sign of the logits", points=1,
         code=changed(G_LOSS, ("softplus(-logits)", "softplus(logits)"))),
    dict(task="q7", name="the minimax loss", points=0,
         code=changed(G_LOSS, ("F.softplus(-logits)", "-F.softplus(logits)"))),
    dict(task="q7", name="the weight on the wrong part", points=0, code="""
def generator_loss(logits, fake, target, weight):
    return weight * F.softplus(-logits).mean() + (fake - target).abs().mean()
"""),
    dict(task="q7", name="the fake is detached: L1 teaches nothing", points=3,
         code=changed(G_LOSS, ("(fake - target)", "(fake.detach() - target)"))),
    dict(task="q7", name="the logarithm of a rounded sigmoid", points=3,
         code=changed(G_LOSS, ("F.softplus(-logits)", "-torch.sigmoid(logits).log()"))),
    dict(task="q7", name="no distance at all", points=2, code="""
def generator_loss(logits, fake, target, weight):
    return F.softplus(-logits).mean()
"""),
]

# Other right answers: full marks.
RIGHT = [
    dict(task="q1", name="one-hot times table", code="""
def label_maps(labels, table, size):
    vectors = F.one_hot(labels, len(table)).to(table.dtype) @ table
    return vectors[:, :, None, None].repeat(1, 1, size, size)
"""),
    dict(task="q1", name="F.embedding and a product with ones", code="""
def label_maps(labels, table, size):
    ones = torch.ones(size, size)
    return torch.einsum("nd,hw->ndhw", F.embedding(labels, table), ones)
"""),
    dict(task="q2", name="the matrix of all distances and a mask", code="""
def within_class_diversity(features, labels):
    apart, means = torch.cdist(features, features), []
    pairs = (labels[:, None] == labels).triu(diagonal=1)
    for label in labels.unique():
        own = pairs & (labels == label)[:, None]
        if own.any():
            means.append(apart[own].mean())
    return sum(means) / len(means)
"""),
    dict(task="q3", name="weight and vector added first", code="""
def projection_logits(features, labels, weight, bias, vectors):
    return ((weight + vectors[labels]) * features).sum(dim=1) + bias
"""),
    dict(task="q3", name="all products, one of them chosen", code="""
def projection_logits(features, labels, weight, bias, vectors):
    every = features @ vectors.T
    return features @ weight + bias + every.gather(1, labels[:, None]).squeeze(1)
"""),
    dict(task="q4", name="the inputs of the way down are kept", code="""
def unet_forward(downs, ups, images):
    skips = []
    for down in downs:
        skips.append(images)
        images = down(images)
    images = ups[0](images)
    for up in ups[1:]:
        images = up(torch.cat((images, skips.pop()), 1))
    return images
"""),
    dict(task="q4", name="by recursion", code="""
def unet_forward(downs, ups, images):
    inner = downs[0](images)
    if len(downs) == 1:
        return ups[0](inner)
    return ups[-1](torch.cat([unet_forward(downs[1:], ups[:-1], inner), inner], dim=1))
"""),
    dict(task="q5", name="side and start walked separately", code="""
def pixels_seen(index, layers):
    side = 1
    for kernel, stride, padding in layers[::-1]:
        index, side = stride * index - padding, stride * (side - 1) + kernel
    return [index, index + side - 1]
"""),
    dict(task="q6", name="fakes made under no_grad, binary cross-entropy", code="""
def discriminator_step(generator, discriminator, optimizer, inputs, targets):
    bce = F.binary_cross_entropy_with_logits
    with torch.no_grad():
        fake = generator(inputs)
    optimizer.zero_grad()
    loss = 0
    for images, target in ((targets, 1.0), (fake, 0.0)):
        logits = discriminator(inputs, images)
        loss = loss + 0.5 * bce(logits, torch.full_like(logits, target))
    loss.backward()
    optimizer.step()
    return loss.detach()
"""),
    dict(task="q7", name="binary cross-entropy and l1_loss", code="""
def generator_loss(logits, fake, target, weight):
    fools = F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))
    return fools + weight * F.l1_loss(fake, target)
"""),
    dict(task="q7", name="the stable formula by hand: its slope at 0 is one-sided", code="""
def generator_loss(logits, fake, target, weight):
    fools = (-logits).clamp(min=0) + torch.log1p(torch.exp(-logits.abs()))
    return fools.mean() + weight * (fake - target).norm(p=1) / fake.numel()
"""),
]
