"""Typical wrong answers to assignment 7, with the points each is meant to get.

Data for mutation tests: a submission with the solutions of all other tasks and this code in the
place of ``task``'s solution gets full marks everywhere else and ``points`` here.
"""

from tools.course.changes import changed

VGG_INPUT = """
def vgg_input(images):
    means = torch.tensor([103.939, 116.779, 123.68]).to(images).reshape(1, 3, 1, 1)
    return (images.flip(1) + 1) * 127.5 - means
"""

ACTIVATIONS = """
def activations(network, images, layers):
    found, x = {}, images
    for name, module in network.named_children():
        x = module(x)
        if name in layers:
            found[name] = x.clone()
        if len(found) == len(set(layers)):
            return found
"""

LAYER_LOSS = """
def layer_loss(values, targets):
    total = 0.0
    for name, target in targets.items():
        target = target.detach()
        total = total + (values[name] - target).square().sum() / target.square().sum()
    return total / len(targets)
"""

GRAM = """
def gram_matrix(features, mask=None):
    columns = features.flatten(2)
    if mask is None:
        return columns @ columns.mT / columns.shape[2]
    return (columns * mask.flatten(2)) @ columns.mT / mask.sum()
"""

VARIATION = """
def total_variation(images):
    down = (images[:, :, 1:, :] - images[:, :, :-1, :]).abs().mean()
    across = (images[:, :, :, 1:] - images[:, :, :, :-1]).abs().mean()
    return down + across
"""

ADAIN = """
def adain(x, y):
    def statistics(features):
        variance, mean = torch.var_mean(features, dim=(2, 3), correction=0, keepdim=True)
        return mean, (variance + 1e-5).sqrt()

    (mean, deviation), (new_mean, new_deviation) = statistics(x), statistics(y)
    return new_deviation * (x - mean) / deviation + new_mean
"""

PAINT = """
def paint(start, loss, steps, rate=0.05):
    image = start.detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([image], lr=rate)
    history = []
    for _ in range(steps):
        value = loss(image)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        history.append(value.detach())
    return image.detach().clamp(-1, 1), torch.stack(history)
"""


WRONG = [
    # q1: white 1, colours 1, gradient and input unchanged 1
    dict(task="q1", name="red, green, blue as they were", points=1,
         code=changed(VGG_INPUT, ("images.flip(1)", "images"))),
    dict(task="q1", name="the means in the order red, green, blue", points=1,
         code=changed(VGG_INPUT, ("[103.939, 116.779, 123.68]", "[123.68, 116.779, 103.939]"))),
    dict(task="q1", name="the width is mirrored, not the colours", points=1,
         code=changed(VGG_INPUT, ("flip(1)", "flip(3)"))),
    dict(task="q1", name="the scale 0..1", points=0,
         code=changed(VGG_INPUT, ("* 127.5", "/ 2"))),
    dict(task="q1", name="-1 taken for -255", points=1,
         code=changed(VGG_INPUT, ("(images.flip(1) + 1) * 127.5", "images.flip(1) * 255"))),
    dict(task="q1", name="ImageNet's mean and deviation of torchvision", points=0, code="""
def vgg_input(images):
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
    return ((images + 1) / 2 - mean) / std
"""),
    dict(task="q1", name="the photograph itself is changed", points=2,
         code=changed(VGG_INPUT, ("(images.flip(1) + 1) * 127.5",
                                  "images.add_(1).mul_(127.5).flip(1)"))),
    dict(task="q1", name="no gradient passes", points=2,
         code=changed(VGG_INPUT, ("images.flip(1)", "images.detach().flip(1)"))),
    # q2: names 1, values 1, one pass 1, gradient 1, in place 1
    dict(task="q2", name="changed by the ReLU behind it", points=4,
         code=changed(ACTIVATIONS, (".clone()", ""))),
    dict(task="q2", name="a pass of its own for each layer", points=4, code="""
def activations(network, images, layers):
    found = {}
    for wanted in layers:
        x = images
        for name, module in network.named_children():
            x = module(x)
            if name == wanted:
                found[name] = x
                break
    return found
"""),
    dict(task="q2", name="runs to the end of the network", points=4, code="""
def activations(network, images, layers):
    found, x = {}, images
    for name, module in network.named_children():
        x = module(x)
        if name in layers:
            found[name] = x.clone()
    return found
"""),
    dict(task="q2", name="what goes in, not what comes out", points=0, code="""
def activations(network, images, layers):
    found, x = {}, images
    for name, module in network.named_children():
        if name in layers:
            found[name] = x.clone()
        x = module(x)
    return found
"""),
    dict(task="q2", name="detached: the picture learns nothing", points=4,
         code=changed(ACTIVATIONS, (".clone()", ".detach().clone()"))),
    dict(task="q2", name="all layers are returned", points=2, code="""
def activations(network, images, layers):
    found, x = {}, images
    for name, module in network.named_children():
        x = module(x)
        found[name] = x.clone()
    return found
"""),
    # q3: ends 1, by hand 1, gradient 1, targets stay 1
    dict(task="q3", name="mean squared error: not relative to the target", points=0, code="""
def layer_loss(values, targets):
    return sum(F.mse_loss(values[k], targets[k]) for k in targets) / len(targets)
"""),
    dict(task="q3", name="sum over the layers", points=2,
         code=changed(LAYER_LOSS, (" / len(targets)", ""))),
    dict(task="q3", name="gradients flow into the targets", points=3,
         code=changed(LAYER_LOSS, ("        target = target.detach()\n", ""))),
    dict(task="q3", name="the values are detached", points=2,
         code=changed(LAYER_LOSS, ("(values[name] - target)", "(values[name].detach() - target)"))),
    dict(task="q3", name="divided by the picture's own square", points=1,
         code=changed(LAYER_LOSS, ("/ target.square().sum()",
                                   "/ values[name].detach().square().sum()"))),
    dict(task="q3", name="norms, not their squares", points=2,
         code=changed(LAYER_LOSS, ("(values[name] - target).square().sum() / target.square().sum()",
                                   "(values[name] - target).norm() / target.norm()"))),
    dict(task="q3", name="a key that the targets do not have", points=3, code="""
def layer_loss(values, targets):
    total = 0.0
    for name in values:
        target = targets[name].detach()
        total = total + (values[name] - target).square().sum() / target.square().sum()
    return total / len(values)
"""),
    # q4: shape 1, by hand 1, pictures stay apart 1, mask 1
    dict(task="q4", name="divided by channels and positions", points=1, code="""
def gram_matrix(features, mask=None):
    columns = features.flatten(2)
    weights = torch.ones_like(columns[:1, :1]) if mask is None else mask.flatten(2)
    return (columns * weights) @ columns.mT / (weights.sum() * columns.shape[1])
"""),
    dict(task="q4", name="not divided", points=1, code="""
def gram_matrix(features, mask=None):
    columns = features.flatten(2)
    weights = torch.ones_like(columns[:1, :1]) if mask is None else mask.flatten(2)
    return (columns * weights) @ columns.mT
"""),
    dict(task="q4", name="all pictures in one matrix", points=0, code="""
def gram_matrix(features, mask=None):
    n, c, h, w = features.shape
    rows = features.reshape(n * c, h * w)
    weights = torch.ones(h * w) if mask is None else mask.flatten()
    return (rows * weights) @ rows.T / weights.sum()
"""),
    dict(task="q4", name="positions by positions", points=0,
         code=changed(GRAM, ("columns @ columns.mT", "columns.mT @ columns"),
                      ("(columns * mask.flatten(2)) @ columns.mT",
                       "(columns * mask.flatten(2)).mT @ columns"))),
    dict(task="q4", name="the mean is subtracted: a covariance", points=1,
         code=changed(GRAM, ("features.flatten(2)",
                             "(features - features.mean((2, 3), keepdim=True)).flatten(2)"))),
    dict(task="q4", name="the mask is ignored", points=3,
         code=changed(GRAM, ("if mask is None:", "if True:"))),
    dict(task="q4", name="the mask counts twice", points=3,
         code=changed(GRAM, ("@ columns.mT / mask.sum()",
                             "@ (columns * mask.flatten(2)).mT / mask.sum()"))),
    dict(task="q4", name="masked, and divided by all positions", points=3,
         code=changed(GRAM, ("mask.sum()", "columns.shape[2]"))),
    # q5: flat 1, by hand 1, edges and ramps 1
    dict(task="q5", name="squares", points=1, code=changed(VARIATION, (".abs()", ".square()"))),
    dict(task="q5", name="sum in the place of mean", points=1,
         code=changed(VARIATION, (".mean()", ".sum()"))),
    dict(task="q5", name="differences cancel: no absolute value", points=1,
         code=changed(VARIATION, (".abs()", ""))),
    dict(task="q5", name="sideways only", points=2,
         code=changed(VARIATION, ("down + across", "across"))),
    dict(task="q5", name="the last column's neighbour is the first", points=1, code="""
def total_variation(images):
    down = (images.roll(-1, 2) - images).abs().mean()
    return down + (images.roll(-1, 3) - images).abs().mean()
"""),
    dict(task="q5", name="one mean over both kinds of neighbours", points=1, code="""
def total_variation(images):
    down, across = images.diff(dim=2).abs(), images.diff(dim=3).abs()
    return torch.cat([down.flatten(), across.flatten()]).mean()
"""),
    # q6: itself 1, by hand 1, each picture by itself 1, flat channel 1
    dict(task="q6", name="content and style swapped", points=1, code=changed(
        ADAIN, ("def adain(x, y):", "def adain(y, x):"))),
    dict(task="q6", name="divided by the positions minus one", points=3,
         code=changed(ADAIN, ("correction=0", "correction=1"))),
    dict(task="q6", name="one mean for the whole batch, as in batch normalisation", points=3,
         code=changed(ADAIN, ("dim=(2, 3)", "dim=(0, 2, 3)"))),
    dict(task="q6", name="one mean for all channels", points=3,
         code=changed(ADAIN, ("dim=(2, 3)", "dim=(1, 2, 3)"))),
    dict(task="q6", name="nan for a flat channel", points=3, code=changed(ADAIN, (" + 1e-5", ""))),
    dict(task="q6", name="instance normalisation, and no style", points=0, code="""
def adain(x, y):
    return F.instance_norm(x)
"""),
    dict(task="q6", name="the variance in the place of the deviation", points=2,
         code=changed(ADAIN, (".sqrt()", ""))),
    dict(task="q6", name="the new mean is forgotten", points=0,
         code=changed(ADAIN, (" + new_mean", ""))),
    # q7: moves 1, start stays 1, exact steps 1, clipped at the end 1, history 1
    dict(task="q7", name="no copy: the photograph itself is painted over", points=4,
         code=changed(PAINT, ("start.detach().clone().requires_grad_()",
                              "start.requires_grad_()"))),
    dict(task="q7", name="gradients are never cleared", points=3,
         code=changed(PAINT, ("        optimizer.zero_grad()\n", ""))),
    dict(task="q7", name="not clipped", points=4, code=changed(PAINT, (".clamp(-1, 1)", ""))),
    dict(task="q7", name="clipped at every step", points=4,
         code=changed(PAINT, ("        optimizer.step()\n",
                              "        optimizer.step()\n        image.data.clamp_(-1, 1)\n"))),
    dict(task="q7", name="the losses after the steps", points=3,
         code=changed(PAINT, ("history.append(value.detach())",
                              "history.append(loss(image).detach())"))),
    dict(task="q7", name="the history keeps its graphs", points=4,
         code=changed(PAINT, ("value.detach()", "value"))),
    dict(task="q7", name="plain gradient descent", points=4,
         code=changed(PAINT, ("optim.Adam", "optim.SGD"))),
    dict(task="q7", name="uphill", points=2,
         code=changed(PAINT, ("value.backward()", "(-value).backward()"))),
    dict(task="q7", name="the optimizer has another copy of the picture", points=0,
         code=changed(PAINT, ("Adam([image]", "Adam([image.detach().clone().requires_grad_()]"))),
]

# Other right answers: full marks.
RIGHT = [
    dict(task="q1", name="channels by a list of indices", code="""
def vgg_input(images):
    levels = 255 * (images[:, [2, 1, 0]] + 1) / 2
    return levels - levels.new_tensor([103.939, 116.779, 123.68])[None, :, None, None]
"""),
    dict(task="q1", name="channel by channel", code="""
def vgg_input(images):
    red, green, blue = ((images + 1) * 127.5).unbind(dim=1)
    return torch.stack([blue - 103.939, green - 116.779, red - 123.68], dim=1)
"""),
    dict(task="q2", name="stops after the deepest name", code="""
def activations(network, images, layers):
    names = [name for name, _ in network.named_children()]
    deepest = max(names.index(layer) for layer in layers)
    found = {}
    for name, module in zip(names[: deepest + 1], network):
        images = module(images.clone())
        found[name] = images
    return {layer: found[layer] for layer in layers}
"""),
    dict(task="q3", name="means in the place of sums, and a list", code="""
def layer_loss(values, targets):
    errors = []
    for name in targets:
        with torch.no_grad():
            square = targets[name].square().mean()
        errors.append(F.mse_loss(values[name], targets[name].detach()) / square)
    return torch.stack(errors).mean()
"""),
    dict(task="q4", name="einsum, with weights that add up to 1", code="""
def gram_matrix(features, mask=None):
    if mask is None:
        mask = torch.ones(1, 1, *features.shape[2:])
    weights = (mask / mask.sum())[0, 0]
    return torch.einsum("hw,nchw,ndhw->ncd", weights, features, features)
"""),
    dict(task="q4", name="the root of the mask on both sides", code="""
def gram_matrix(features, mask=None):
    mask = torch.ones_like(features[:1, :1]) if mask is None else mask
    columns = (features * mask.sqrt()).flatten(2)
    return torch.bmm(columns, columns.transpose(1, 2)) / mask.sum()
"""),
    dict(task="q5", name="diff and l1_loss", code="""
def total_variation(images):
    down = F.l1_loss(images[:, :, 1:], images[:, :, :-1])
    return down + images.diff(dim=3).abs().mean()
"""),
    dict(task="q6", name="instance_norm, then the style's numbers", code="""
def adain(x, y):
    pixels = y.flatten(2)
    mean = pixels.mean(dim=2)[..., None, None]
    deviation = (pixels.var(dim=2, unbiased=False) + 1e-5).sqrt()[..., None, None]
    return F.instance_norm(x) * deviation + mean
"""),
    dict(task="q7", name="the gradient by autograd.grad, a list of numbers", code="""
def paint(start, loss, steps, rate=0.05):
    image = torch.empty_like(start).copy_(start).requires_grad_()
    optimizer, history = torch.optim.Adam([image], rate), torch.zeros(steps)
    for step in range(steps):
        value = loss(image)
        (image.grad,) = torch.autograd.grad(value, image)
        optimizer.step()
        history[step] = value.item()
    with torch.no_grad():
        return torch.clamp(image, -1, 1), history
"""),
]
