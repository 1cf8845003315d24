"""Typical wrong answers to assignment 1, with the points each is meant to get.

Data for mutation tests: a submission with the solutions of all other tasks and this code in the
place of ``task``'s solution gets full marks everywhere else and ``points`` here.
"""

WRONG = [
    # q1: shape 1, values 1, axes 1
    dict(task="q1", name="scaled to [0, 1] for a Tanh", points=2, code="""
def to_tanh_range(images):
    return images.permute(0, 3, 1, 2).float() / 255
"""),
    dict(task="q1", name="reshape in the place of permute", points=2, code="""
def to_tanh_range(images):
    n, h, w, c = images.shape
    return images.reshape(n, c, h, w).float() / 127.5 - 1
"""),
    dict(task="q1", name="arithmetic in uint8 overflows", points=2, code="""
def to_tanh_range(images):
    return (images * 2 / 255 - 1).permute(0, 3, 1, 2)
"""),
    dict(task="q1", name="ImageNet statistics do not fit Tanh", points=1, code="""
def to_tanh_range(images):
    mean = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)
    return (images.permute(0, 3, 1, 2) / 255 - mean) / std
"""),
    dict(task="q1", name="height and width swapped", points=1, code="""
def to_tanh_range(images):
    return images.permute(0, 3, 2, 1).float() / 127.5 - 1
"""),
    # q2: shape 1, mean 1, std 1
    dict(task="q2", name="mean over the wrong axes: one number an image", points=0, code="""
def channel_statistics(images):
    return images.mean(dim=(1, 2, 3)), images.std(dim=(1, 2, 3), correction=0)
"""),
    dict(task="q2", name="mean over the pixels only", points=0, code="""
def channel_statistics(images):
    return images.mean(dim=(2, 3)), images.std(dim=(2, 3), correction=0)
"""),
    dict(task="q2", name="mean of the images' standard deviations", points=2, code="""
def channel_statistics(images):
    return images.mean(dim=(0, 2, 3)), images.std(dim=(2, 3), correction=0).mean(dim=0)
"""),
    dict(task="q2", name="divided by the number minus one", points=2, code="""
def channel_statistics(images):
    return images.mean(dim=(0, 2, 3)), images.std(dim=(0, 2, 3))
"""),
    dict(task="q2", name="variance in the place of standard deviation", points=2, code="""
def channel_statistics(images):
    return images.mean(dim=(0, 2, 3)), images.var(dim=(0, 2, 3), correction=0)
"""),
    # q3: shape 1, values 1, gradient 1
    dict(task="q3", name="mean over the coordinates", points=2, code="""
def squared_distances(a, b):
    return (a[:, None] - b[None]).square().mean(dim=2)
"""),
    dict(task="q3", name="distances that are not squared", points=1, code="""
def squared_distances(a, b):
    return torch.cdist(a, b)
"""),
    dict(task="q3", name="rows and columns swapped", points=1, code="""
def squared_distances(a, b):
    return (b[:, None] - a[None]).square().sum(dim=2)
"""),
    dict(task="q3", name="detached: no gradient", points=2, code="""
def squared_distances(a, b):
    return (a.detach()[:, None] - b[None]).square().sum(dim=2)
"""),
    # q4: roughly right 1, exact 1, twice the same 1, leaves no trace 1
    dict(task="q4", name="gradients pile up in x.grad", points=2, code="""
def derivative(function, x):
    x.requires_grad_(True)
    function(x).sum().backward()
    return x.grad
"""),
    dict(task="q4", name="a difference quotient in float32", points=3, code="""
def derivative(function, x):
    return (function(x + 1e-3) - function(x - 1e-3)) / 2e-3
"""),
    dict(task="q4", name="the answer drags a graph along", points=3, code="""
def derivative(function, x):
    x = x.clone().requires_grad_(True)
    return torch.autograd.grad(function(x).sum(), x, create_graph=True)[0]
"""),
    dict(task="q4", name="mean in the place of sum", points=0, code="""
def derivative(function, x):
    x = x.clone().requires_grad_(True)
    return torch.autograd.grad(function(x).mean(), x)[0]
"""),
    # q5: moves and detached 1, loss 1, first step 1, only this batch 1
    dict(task="q5", name="gradients are never cleared", points=3, code="""
def train_step(model, optimizer, x, y):
    loss = (model(x).squeeze(1) - y).square().mean()
    loss.backward()
    optimizer.step()
    return loss.detach()
"""),
    dict(task="q5", name="cleared between backward and step", points=1, code="""
def train_step(model, optimizer, x, y):
    loss = (model(x).squeeze(1) - y).square().mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.detach()
"""),
    dict(task="q5", name="broadcast to an N x N table", points=3, code="""
def train_step(model, optimizer, x, y):
    loss = (model(x) - y).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
"""),
    dict(task="q5", name="sum in the place of mean", points=3, code="""
def train_step(model, optimizer, x, y):
    loss = (model(x).squeeze(1) - y).square().sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
"""),
    dict(task="q5", name="the returned loss keeps its graph", points=3, code="""
def train_step(model, optimizer, x, y):
    loss = (model(x).squeeze(1) - y).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss
"""),
    dict(task="q5", name="the step is forgotten", points=1, code="""
def train_step(model, optimizer, x, y):
    loss = (model(x).squeeze(1) - y).square().mean()
    optimizer.zero_grad()
    loss.backward()
    return loss.detach()
"""),
    # q6: value 1, gradient of the picture 1, none for the target 1
    dict(task="q6", name="gradients flow into the target", points=2, code="""
def content_loss(features, picture, target):
    return (features(picture) - features(target)).square().mean()
"""),
    dict(task="q6", name="everything under no_grad", points=1, code="""
def content_loss(features, picture, target):
    with torch.no_grad():
        return (features(picture) - features(target)).square().mean()
"""),
    dict(task="q6", name="the wrong side detached", points=1, code="""
def content_loss(features, picture, target):
    return (features(picture).detach() - features(target)).square().mean()
"""),
    dict(task="q6", name="sum in the place of mean", points=1, code="""
def content_loss(features, picture, target):
    return (features(picture) - features(target).detach()).square().sum()
"""),
    dict(task="q6", name="pixels compared, not features", points=1, code="""
def content_loss(features, picture, target):
    return (picture - target.detach()).square().mean()
"""),
    # q7: length 1, a batch 1, types 1, transform 1
    dict(task="q7", name="the transform is never used", points=3, code="""
class TableDataset(Dataset):
    def __init__(self, rows, transform=None):
        self.rows, self.transform = rows, transform

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        *x, label = self.rows[index]
        return torch.tensor(x, dtype=torch.float32), int(label)
"""),
    dict(task="q7", name="the raw row is returned", points=1, code="""
class TableDataset(Dataset):
    def __init__(self, rows, transform=None):
        self.rows, self.transform = rows, transform

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index]
"""),
    dict(task="q7", name="transformed once, when the set is made", points=3, code="""
class TableDataset(Dataset):
    def __init__(self, rows, transform=None):
        self.x = [torch.tensor(row[:-1], dtype=torch.float32) for row in rows]
        if transform is not None:
            self.x = [transform(x) for x in self.x]
        self.y = [int(row[-1]) for row in rows]

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index], self.y[index]
"""),
    dict(task="q7", name="the class left among the measurements", points=2, code="""
class TableDataset(Dataset):
    def __init__(self, rows, transform=None):
        self.rows, self.transform = rows, transform

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        x = torch.tensor(self.rows[index], dtype=torch.float32)
        if self.transform is not None:
            x = self.transform(x)
        return x, int(self.rows[index][-1])
"""),
]

# Other right answers: full marks.
RIGHT = [
    dict(task="q1", name="scaled first, moved afterwards", code="""
def to_tanh_range(images):
    return (2 * (images.to(torch.float32) / 255) - 1).movedim(3, 1).contiguous()
"""),
    dict(task="q2", name="by the definition", code="""
def channel_statistics(images):
    rows = images.transpose(0, 1).flatten(1)
    mean = rows.mean(dim=1)
    return mean, (rows - mean[:, None]).square().mean(dim=1).sqrt()
"""),
    dict(task="q3", name="expanded square", code="""
def squared_distances(a, b):
    return a.square().sum(1)[:, None] - 2 * a @ b.T + b.square().sum(1)
"""),
    dict(task="q4", name="a leaf of its own and backward", code="""
def derivative(function, x):
    leaf = x.detach().clone().requires_grad_()
    y = function(leaf)
    y.backward(torch.ones_like(y))
    return leaf.grad
"""),
    dict(task="q4", name="torch.func", code="""
def derivative(function, x):
    return torch.func.vmap(torch.func.grad(function))(x.flatten()).reshape(x.shape)
"""),
    dict(task="q5", name="mse_loss, cleared at the end of the step and before", code="""
def train_step(model, optimizer, x, y):
    optimizer.zero_grad(set_to_none=False)
    loss = torch.nn.functional.mse_loss(model(x), y[:, None])
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()
"""),
    dict(task="q6", name="detach in the place of no_grad", code="""
def content_loss(features, picture, target):
    return torch.nn.functional.mse_loss(features(picture), features(target).detach())
"""),
    dict(task="q7", name="tensors made beforehand, transform on asking", code="""
class TableDataset(Dataset):
    def __init__(self, rows, transform=None):
        self.x = torch.tensor([row[:-1] for row in rows], dtype=torch.float32)
        self.y = [int(row[-1]) for row in rows]
        self.transform = transform or (lambda x: x)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, index):
        return self.transform(self.x[index]), self.y[index]
"""),
]
