"""Typical wrong answers to assignment 4, with the points each is meant to get.

Data for mutation tests: a submission with the solutions of all other tasks and this code in the
place of ``task``'s solution gets full marks everywhere else and ``points`` here.
"""

WRONG = [
    # q1: equal 1, values 1, gradients 1
    dict(
        task="q1",
        name="the critic's sign: real minus fake is what it maximises",
        points=1,
        code="""
def wasserstein_losses(real_scores, fake_scores):
    return real_scores.mean() - fake_scores.mean(), -fake_scores.mean()
""",
    ),
    dict(
        task="q1",
        name="the generator's sign: it makes its own scores low",
        points=0,
        code="""
def wasserstein_losses(real_scores, fake_scores):
    return fake_scores.mean() - real_scores.mean(), fake_scores.mean()
""",
    ),
    dict(
        task="q1",
        name="the cross-entropy of a discriminator",
        points=0,
        code="""
def wasserstein_losses(real_scores, fake_scores):
    softplus = nn.functional.softplus
    critic = softplus(-real_scores).mean() + softplus(fake_scores).mean()
    return critic, softplus(-fake_scores).mean()
""",
    ),
    dict(
        task="q1",
        name="a sigmoid before the means",
        points=0,
        code="""
def wasserstein_losses(real_scores, fake_scores):
    real, fake = real_scores.sigmoid().mean(), fake_scores.sigmoid().mean()
    return fake - real, -fake
""",
    ),
    dict(
        task="q1",
        name="the hinge loss, which stops caring beyond 1",
        points=0,
        code="""
def wasserstein_losses(real_scores, fake_scores):
    critic = (1 - real_scores).relu().mean() + (1 + fake_scores).relu().mean()
    return critic, -fake_scores.mean()
""",
    ),
    dict(
        task="q1",
        name="minus the distance of the means, whichever is larger",
        points=2,
        code="""
def wasserstein_losses(real_scores, fake_scores):
    return -(real_scores.mean() - fake_scores.mean()).abs(), -fake_scores.mean()
""",
    ),
    dict(
        task="q1",
        name="sample by sample, as if the batches were pairs",
        points=2,
        code="""
def wasserstein_losses(real_scores, fake_scores):
    return (fake_scores - real_scores).mean(), -fake_scores.mean()
""",
    ),
    dict(
        task="q1",
        name="without a graph",
        points=2,
        code="""
def wasserstein_losses(real_scores, fake_scores):
    critic = fake_scores.mean().item() - real_scores.mean().item()
    return torch.tensor(critic), torch.tensor(-fake_scores.mean().item())
""",
    ),
    dict(
        task="q1",
        name="sums in the place of means",
        points=0,
        code="""
def wasserstein_losses(real_scores, fake_scores):
    return fake_scores.sum() - real_scores.sum(), -fake_scores.sum()
""",
    ),
    # q2: linear 1, images 1, between 1, trains 1, one-sided 1
    dict(
        task="q2",
        name="one norm for the whole batch",
        points=1,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = (epsilon * real + (1 - epsilon) * fake.detach()).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess = gradient.norm() - 1
    return (excess.relu() if one_sided else excess) ** 2
""",
    ),
    dict(
        task="q2",
        name="a norm for each pixel",
        points=4,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = (epsilon * real + (1 - epsilon) * fake.detach()).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess = gradient.norm(dim=1) - 1
    return ((excess.relu() if one_sided else excess) ** 2).mean()
""",
    ),
    dict(
        task="q2",
        name="create_graph forgotten: nothing can be learned from it",
        points=4,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = (epsilon * real + (1 - epsilon) * fake.detach()).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between)
    excess = gradient.flatten(1).norm(dim=1) - 1
    return ((excess.relu() if one_sided else excess) ** 2).mean()
""",
    ),
    dict(
        task="q2",
        name="one epsilon for the whole batch",
        points=4,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand(1)
    between = (epsilon * real + (1 - epsilon) * fake.detach()).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess = gradient.flatten(1).norm(dim=1) - 1
    return ((excess.relu() if one_sided else excess) ** 2).mean()
""",
    ),
    dict(
        task="q2",
        name="an epsilon for each number: not on the line any more",
        points=4,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand_like(real)
    between = (epsilon * real + (1 - epsilon) * fake.detach()).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess = gradient.flatten(1).norm(dim=1) - 1
    return ((excess.relu() if one_sided else excess) ** 2).mean()
""",
    ),
    dict(
        task="q2",
        name="a normal epsilon leaves the line's ends",
        points=4,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.randn(len(real), *[1] * (real.ndim - 1))
    between = (epsilon * real + (1 - epsilon) * fake.detach()).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess = gradient.flatten(1).norm(dim=1) - 1
    return ((excess.relu() if one_sided else excess) ** 2).mean()
""",
    ),
    dict(
        task="q2",
        name="the root forgotten: squared lengths minus 1",
        points=1,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = (epsilon * real + (1 - epsilon) * fake.detach()).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess = gradient.flatten(1).square().sum(dim=1) - 1
    return ((excess.relu() if one_sided else excess) ** 2).mean()
""",
    ),
    dict(
        task="q2",
        name="wants slope 0, as R1 does",
        points=1,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = (epsilon * real + (1 - epsilon) * fake.detach()).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return gradient.flatten(1).square().sum(dim=1).mean()
""",
    ),
    dict(
        task="q2",
        name="the slopes' sum is stored in the critic's gradients by backward",
        points=4,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = (epsilon * real + (1 - epsilon) * fake.detach()).requires_grad_()
    critic(between).sum().backward(create_graph=True)
    excess = between.grad.flatten(1).norm(dim=1) - 1
    return ((excess.relu() if one_sided else excess) ** 2).mean()
""",
    ),
    dict(
        task="q2",
        name="fakes keep their graph: the critic's turn trains the generator",
        points=4,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = (epsilon * real + (1 - epsilon) * fake).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess = gradient.flatten(1).norm(dim=1) - 1
    return ((excess.relu() if one_sided else excess) ** 2).mean()
""",
    ),
    dict(
        task="q2",
        name="one_sided punishes the flat critic, not the steep one",
        points=4,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = (epsilon * real + (1 - epsilon) * fake.detach()).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess = gradient.flatten(1).norm(dim=1) - 1
    return ((excess.clamp(max=0) if one_sided else excess) ** 2).mean()
""",
    ),
    dict(
        task="q2",
        name="the slope where the data are, not between",
        points=4,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    between = real.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess = gradient.flatten(1).norm(dim=1) - 1
    return ((excess.relu() if one_sided else excess) ** 2).mean()
""",
    ),
    dict(
        task="q2",
        name="backward in the place of autograd.grad leaves a gradient in the critic",
        points=4,
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    epsilon = torch.rand(len(real), *[1] * (real.ndim - 1))
    between = epsilon * real.detach() + (1 - epsilon) * fake.detach()
    between.requires_grad_()
    critic(between).sum().backward(create_graph=True)
    excess = between.grad.flatten(1).norm(dim=1) - 1
    return ((excess.relu() if one_sided else excess) ** 2).mean()
""",
    ),
    # q3: diagonal 1, rounds 1, gradient 1
    dict(
        task="q3",
        name="the vectors are never made short again",
        points=0,
        code="""
def power_iteration(weight, u, rounds=1):
    matrix = weight.flatten(1)
    with torch.no_grad():
        for _ in range(rounds):
            v = matrix.T @ u
            u = matrix @ v
    return u @ matrix @ v, u
""",
    ),
    dict(
        task="q3",
        name="the length of the whole matrix (Frobenius)",
        points=0,
        code="""
def power_iteration(weight, u, rounds=1):
    return weight.norm(), u
""",
    ),
    dict(
        task="q3",
        name="the largest entry",
        points=1,
        code="""
def power_iteration(weight, u, rounds=1):
    return weight.abs().max(), u
""",
    ),
    dict(
        task="q3",
        name="always one round",
        points=2,
        code="""
def power_iteration(weight, u, rounds=1):
    matrix = weight.flatten(1)
    with torch.no_grad():
        v = nn.functional.normalize(matrix.T @ u, dim=0)
        u = nn.functional.normalize(matrix @ v, dim=0)
    return u @ matrix @ v, u
""",
    ),
    dict(
        task="q3",
        name="W and its transpose exchanged",
        points=1,
        code="""
def power_iteration(weight, u, rounds=1):
    matrix = weight.flatten(1)
    with torch.no_grad():
        for _ in range(rounds):
            v = nn.functional.normalize(matrix @ u, dim=0)
            u = nn.functional.normalize(matrix.T @ v, dim=0)
    return u @ matrix @ v, u
""",
    ),
    dict(
        task="q3",
        name="a kernel is not made a matrix",
        points=2,
        code="""
def power_iteration(weight, u, rounds=1):
    with torch.no_grad():
        for _ in range(rounds):
            v = nn.functional.normalize(weight.T @ u, dim=0)
            u = nn.functional.normalize(weight @ v, dim=0)
    return u @ weight @ v, u
""",
    ),
    dict(
        task="q3",
        name="a kernel's axes are joined at the wrong end",
        points=2,
        code="""
def power_iteration(weight, u, rounds=1):
    matrix = weight.reshape(-1, weight.shape[-1])
    with torch.no_grad():
        for _ in range(rounds):
            v = nn.functional.normalize(matrix.T @ u, dim=0)
            u = nn.functional.normalize(matrix @ v, dim=0)
    return u @ matrix @ v, u
""",
    ),
    dict(
        task="q3",
        name="the gradient runs through the iteration as well",
        points=2,
        code="""
def power_iteration(weight, u, rounds=1):
    matrix = weight.flatten(1)
    for _ in range(rounds):
        v = nn.functional.normalize(matrix.T @ u, dim=0)
        u = nn.functional.normalize(matrix @ v, dim=0)
    return u @ matrix @ v, u.detach()
""",
    ),
    dict(
        task="q3",
        name="no gradient at all",
        points=2,
        code="""
@torch.no_grad()
def power_iteration(weight, u, rounds=1):
    matrix = weight.flatten(1)
    for _ in range(rounds):
        v = nn.functional.normalize(matrix.T @ u, dim=0)
        u = nn.functional.normalize(matrix @ v, dim=0)
    return u @ matrix @ v, u
""",
    ),
    dict(
        task="q3",
        name="changes the u that came in",
        points=2,
        code="""
def power_iteration(weight, u, rounds=1):
    matrix = weight.flatten(1)
    with torch.no_grad():
        for _ in range(rounds):
            v = nn.functional.normalize(matrix.T @ u, dim=0)
            u.copy_(nn.functional.normalize(matrix @ v, dim=0))
    return u @ matrix @ v, u
""",
    ),
    dict(
        task="q3",
        name="returns v: the right direction on the wrong side",
        points=2,
        code="""
def power_iteration(weight, u, rounds=1):
    matrix = weight.flatten(1)
    with torch.no_grad():
        for _ in range(rounds):
            v = nn.functional.normalize(matrix.T @ u, dim=0)
            u = nn.functional.normalize(matrix @ v, dim=0)
    return u @ matrix @ v, v
""",
    ),
    dict(
        task="q3",
        name="the squared singular value",
        points=0,
        code="""
def power_iteration(weight, u, rounds=1):
    matrix = weight.flatten(1)
    with torch.no_grad():
        for _ in range(rounds):
            v = nn.functional.normalize(matrix.T @ u, dim=0)
            u = nn.functional.normalize(matrix @ v, dim=0)
    return (matrix @ v).square().sum(), u
""",
    ),
    # q4: collapsed 1, belongs 1, balanced 1
    dict(
        task="q4",
        name="shares of the good samples, not of all",
        points=2,
        code="""
def mode_scores(samples, centers, std):
    distance, nearest = torch.cdist(samples, centers).min(dim=1)
    counts = nearest[distance <= 3 * std].bincount(minlength=len(centers)).double()
    good = counts.sum().item()
    balanced = (counts / max(good, 1)).clamp(max=1 / len(centers)).sum().item()
    return (counts > 0).sum().item(), good / len(samples), balanced
""",
    ),
    dict(
        task="q4",
        name="a sample covers each centre that it is near, and counts once in the quality",
        points=2,
        code="""
def mode_scores(samples, centers, std):
    near = torch.cdist(samples, centers) <= 3 * std
    share = near.double().mean(dim=0)
    balanced = share.clamp(max=1 / len(centers)).sum().item()
    return near.any(dim=0).sum().item(), near.any(dim=1).double().mean().item(), balanced
""",
    ),
    dict(
        task="q4",
        name="no lid: a collapsed generator has all",
        points=1,
        code="""
def mode_scores(samples, centers, std):
    distance, nearest = torch.cdist(samples, centers).min(dim=1)
    good = nearest[distance <= 3 * std]
    quality = len(good) / len(samples)
    return len(good.unique()), quality, quality
""",
    ),
    dict(
        task="q4",
        name="one standard deviation in the place of three",
        points=2,
        code="""
def mode_scores(samples, centers, std):
    distance, nearest = torch.cdist(samples, centers).min(dim=1)
    share = nearest[distance <= std].bincount(minlength=len(centers)) / len(samples)
    covered = (share > 0).sum().item()
    return covered, share.sum().item(), share.clamp(max=1 / len(centers)).sum().item()
""",
    ),
    dict(
        task="q4",
        name="squared distances against a limit that is not squared",
        points=2,
        code="""
def mode_scores(samples, centers, std):
    distance, nearest = (samples[:, None] - centers).square().sum(dim=2).min(dim=1)
    share = nearest[distance <= 3 * std].bincount(minlength=len(centers)) / len(samples)
    covered = (share > 0).sum().item()
    return covered, share.sum().item(), share.clamp(max=1 / len(centers)).sum().item()
""",
    ),
    dict(
        task="q4",
        name="the far samples cover centres too",
        points=1,
        code="""
def mode_scores(samples, centers, std):
    distance, nearest = torch.cdist(samples, centers).min(dim=1)
    share = nearest[distance <= 3 * std].bincount(minlength=len(centers)) / len(samples)
    balanced = share.clamp(max=1 / len(centers)).sum().item()
    return len(nearest.unique()), share.sum().item(), balanced
""",
    ),
    dict(
        task="q4",
        name="a sample counts for every centre within reach",
        points=2,
        code="""
def mode_scores(samples, centers, std):
    near = torch.cdist(samples, centers) <= 3 * std
    share = near.double().mean(dim=0)
    covered = (share > 0).sum().item()
    return covered, share.sum().item(), share.clamp(max=1 / len(centers)).sum().item()
""",
    ),
    dict(
        task="q4",
        name="each coordinate alone: a square, not a circle",
        points=2,
        code="""
def mode_scores(samples, centers, std):
    distance, nearest = (samples[:, None] - centers).abs().amax(dim=2).min(dim=1)
    share = nearest[distance <= 3 * std].bincount(minlength=len(centers)) / len(samples)
    covered = (share > 0).sum().item()
    return covered, share.sum().item(), share.clamp(max=1 / len(centers)).sum().item()
""",
    ),
    dict(
        task="q4",
        name="quality times covered share",
        points=2,
        code="""
def mode_scores(samples, centers, std):
    distance, nearest = torch.cdist(samples, centers).min(dim=1)
    good = nearest[distance <= 3 * std]
    covered, quality = len(good.unique()), len(good) / len(samples)
    return covered, quality, quality * covered / len(centers)
""",
    ),
    dict(
        task="q4",
        name="per cent",
        points=0,
        code="""
def mode_scores(samples, centers, std):
    distance, nearest = torch.cdist(samples, centers).min(dim=1)
    share = nearest[distance <= 3 * std].bincount(minlength=len(centers)) / len(samples)
    balanced = share.clamp(max=1 / len(centers)).sum().item()
    return (share > 0).sum().item(), 100 * share.sum().item(), 100 * balanced
""",
    ),
    # q5: moved 1, spread 1, turned 1, flat 1
    dict(
        task="q5",
        name="roots of the entries, not of the matrix",
        points=3,
        code="""
def frechet_distance(first, second):
    a, b = torch.cov(first.double().T), torch.cov(second.double().T)
    a, b = a.reshape(first.shape[1], -1), b.reshape(first.shape[1], -1)
    squared = (first.double().mean(dim=0) - second.double().mean(dim=0)).square().sum()
    return (squared + (a + b - 2 * (a * b).clamp(min=0).sqrt()).trace()).item()
""",
    ),
    dict(
        task="q5",
        name="variances only: correlations left out",
        points=3,
        code="""
def frechet_distance(first, second):
    first, second = first.double(), second.double()
    means = (first.mean(dim=0) - second.mean(dim=0)).square().sum()
    return (means + (first.std(dim=0) - second.std(dim=0)).square().sum()).item()
""",
    ),
    dict(
        task="q5",
        name="the distance of the means, not squared",
        points=1,
        code="""
def frechet_distance(first, second):
    def moments(x):
        x = x.double() - x.double().mean(dim=0)
        return x.T @ x / (len(x) - 1)

    def root(matrix):
        values, vectors = torch.linalg.eigh(matrix)
        return (vectors * values.clamp(min=0).sqrt()) @ vectors.T

    a, b = moments(first), moments(second)
    means = (first.double().mean(dim=0) - second.double().mean(dim=0)).norm()
    return (means + (a + b - 2 * root(root(a) @ b @ root(a))).trace()).item()
""",
    ),
    dict(
        task="q5",
        name="the root of the distance is returned",
        points=0,
        code="""
def frechet_distance(first, second):
    def moments(x):
        x = x.double() - x.double().mean(dim=0)
        return x.T @ x / (len(x) - 1)

    def root(matrix):
        values, vectors = torch.linalg.eigh(matrix)
        return (vectors * values.clamp(min=0).sqrt()) @ vectors.T

    a, b = moments(first), moments(second)
    means = (first.double().mean(dim=0) - second.double().mean(dim=0)).square().sum()
    squared = means + (a + b - 2 * root(root(a) @ b @ root(a))).trace()
    return squared.clamp(min=0).sqrt().item()
""",
    ),
    dict(
        task="q5",
        name="the 2 before the root forgotten",
        points=0,
        code="""
def frechet_distance(first, second):
    def moments(x):
        x = x.double() - x.double().mean(dim=0)
        return x.T @ x / (len(x) - 1)

    def root(matrix):
        values, vectors = torch.linalg.eigh(matrix)
        return (vectors * values.clamp(min=0).sqrt()) @ vectors.T

    a, b = moments(first), moments(second)
    means = (first.double().mean(dim=0) - second.double().mean(dim=0)).square().sum()
    return (means + (a + b - root(root(a) @ b @ root(a))).trace()).item()
""",
    ),
    dict(
        task="q5",
        name="covariances over N, not N - 1",
        points=2,
        code="""
def frechet_distance(first, second):
    def moments(x):
        x = x.double() - x.double().mean(dim=0)
        return x.T @ x / len(x)

    def root(matrix):
        values, vectors = torch.linalg.eigh(matrix)
        return (vectors * values.clamp(min=0).sqrt()) @ vectors.T

    a, b = moments(first), moments(second)
    means = (first.double().mean(dim=0) - second.double().mean(dim=0)).square().sum()
    return (means + (a + b - 2 * root(root(a) @ b @ root(a))).trace()).item()
""",
    ),
    dict(
        task="q5",
        name="means only",
        points=2,
        code="""
def frechet_distance(first, second):
    return (first.double().mean(dim=0) - second.double().mean(dim=0)).square().sum().item()
""",
    ),
    dict(
        task="q5",
        name="covariances of the samples, not of the features",
        points=0,
        code="""
def frechet_distance(first, second):
    def root(matrix):
        values, vectors = torch.linalg.eigh(matrix)
        return (vectors * values.clamp(min=0).sqrt()) @ vectors.T

    a, b = torch.cov(first.double()), torch.cov(second.double())
    means = (first.double().mean(dim=0) - second.double().mean(dim=0)).square().sum()
    return (means + (a + b - 2 * root(root(a) @ b @ root(a))).trace()).item()
""",
    ),
    # q6: copies 1, precision 1, recall 1
    dict(
        task="q6",
        name="each point is its own nearest neighbour",
        points=1,
        code="""
def precision_recall(real, fake, k=3):
    def inside(points, others):
        reach = torch.cdist(others, others).kthvalue(k, dim=1).values
        return (torch.cdist(points, others) <= reach).any(dim=1).double().mean().item()

    return inside(fake, real), inside(real, fake)
""",
    ),
    dict(
        task="q6",
        name="precision and recall exchanged",
        points=1,
        code="""
def precision_recall(real, fake, k=3):
    def inside(points, others):
        reach = torch.cdist(others, others).kthvalue(k + 1, dim=1).values
        return (torch.cdist(points, others) <= reach).any(dim=1).double().mean().item()

    return inside(real, fake), inside(fake, real)
""",
    ),
    dict(
        task="q6",
        name="always three neighbours",
        points=1,
        code="""
def precision_recall(real, fake, k=3):
    def inside(points, others):
        reach = torch.cdist(others, others).kthvalue(4, dim=1).values
        return (torch.cdist(points, others) <= reach).any(dim=1).double().mean().item()

    return inside(fake, real), inside(real, fake)
""",
    ),
    dict(
        task="q6",
        name="one radius for all balls",
        points=1,
        code="""
def precision_recall(real, fake, k=3):
    def inside(points, others):
        reach = torch.cdist(others, others).kthvalue(k + 1, dim=1).values.mean()
        return (torch.cdist(points, others) <= reach).any(dim=1).double().mean().item()

    return inside(fake, real), inside(real, fake)
""",
    ),
    dict(
        task="q6",
        name="inside all balls, not inside one",
        points=0,
        code="""
def precision_recall(real, fake, k=3):
    def inside(points, others):
        reach = torch.cdist(others, others).kthvalue(k + 1, dim=1).values
        return (torch.cdist(points, others) <= reach).all(dim=1).double().mean().item()

    return inside(fake, real), inside(real, fake)
""",
    ),
    dict(
        task="q6",
        name="the border does not belong to the ball",
        points=1,
        code="""
def precision_recall(real, fake, k=3):
    def inside(points, others):
        reach = torch.cdist(others, others).kthvalue(k + 1, dim=1).values
        return (torch.cdist(points, others) < reach).any(dim=1).double().mean().item()

    return inside(fake, real), inside(real, fake)
""",
    ),
    dict(
        task="q6",
        name="precision twice: recall is not built from balls around fakes",
        points=2,
        code="""
def precision_recall(real, fake, k=3):
    reach = torch.cdist(real, real).kthvalue(k + 1, dim=1).values
    precision = (torch.cdist(fake, real) <= reach).any(dim=1).double().mean().item()
    return precision, precision
""",
    ),
    dict(
        task="q6",
        name="coverage in the place of recall: visited balls around reals",
        points=2,
        code="""
def precision_recall(real, fake, k=3):
    reach = torch.cdist(real, real).kthvalue(k + 1, dim=1).values
    inside = torch.cdist(fake, real) <= reach
    means = inside.any(dim=1).double().mean(), inside.any(dim=0).double().mean()
    return means[0].item(), means[1].item()
""",
    ),
    # q7: apart 1, counts 1, ties 1
    dict(
        task="q7",
        name="one direction only",
        points=0,
        code="""
def permutation_test(first, second):
    pooled, n = [*first, *second], len(first)

    def gap(chosen):
        inside = [pooled[i] for i in chosen]
        others = [x for i, x in enumerate(pooled) if i not in chosen]
        return sum(others) / len(others) - sum(inside) / len(inside)

    gaps = [gap(chosen) for chosen in combinations(range(len(pooled)), n)]
    return sum(g >= gap(range(n)) - 1e-9 for g in gaps) / len(gaps)
""",
    ),
    dict(
        task="q7",
        name="further apart, not at least as far",
        points=0,
        code="""
def permutation_test(first, second):
    pooled, n = [*first, *second], len(first)

    def gap(chosen):
        inside = [pooled[i] for i in chosen]
        others = [x for i, x in enumerate(pooled) if i not in chosen]
        return abs(sum(others) / len(others) - sum(inside) / len(inside))

    gaps = [gap(chosen) for chosen in combinations(range(len(pooled)), n)]
    return sum(g > gap(range(n)) + 1e-9 for g in gaps) / len(gaps)
""",
    ),
    dict(
        task="q7",
        name="a tie is lost to rounding",
        points=2,
        code="""
def permutation_test(first, second):
    pooled, n = [*first, *second], len(first)

    def gap(chosen):
        inside = [pooled[i] for i in chosen]
        others = [x for i, x in enumerate(pooled) if i not in chosen]
        return abs(sum(others) / len(others) - sum(inside) / len(inside))

    gaps = [gap(chosen) for chosen in combinations(range(len(pooled)), n)]
    return sum(g >= gap(range(n)) for g in gaps) / len(gaps)
""",
    ),
    dict(
        task="q7",
        name="the split that we saw is left out",
        points=0,
        code="""
def permutation_test(first, second):
    pooled, n = [*first, *second], len(first)

    def gap(chosen):
        inside = [pooled[i] for i in chosen]
        others = [x for i, x in enumerate(pooled) if i not in chosen]
        return abs(sum(others) / len(others) - sum(inside) / len(inside))

    gaps = [gap(chosen) for chosen in combinations(range(len(pooled)), n)][1:]
    return sum(g >= gap(range(n)) - 1e-9 for g in gaps) / len(gaps)
""",
    ),
    dict(
        task="q7",
        name="both groups divided by n",
        points=2,
        code="""
def permutation_test(first, second):
    pooled, n = [*first, *second], len(first)

    def gap(chosen):
        inside = sum(pooled[i] for i in chosen)
        return abs(inside - (sum(pooled) - inside)) / n

    gaps = [gap(chosen) for chosen in combinations(range(len(pooled)), n)]
    return sum(g >= gap(range(n)) - 1e-9 for g in gaps) / len(gaps)
""",
    ),
    dict(
        task="q7",
        name="equal values counted once",
        points=2,
        code="""
def permutation_test(first, second):
    pooled, n = [*first, *second], len(first)

    def gap(inside):
        return abs(sum(inside) / n - (sum(pooled) - sum(inside)) / len(second))

    splits = set(combinations(sorted(pooled), n))
    return sum(gap(s) >= gap(first) - 1e-9 for s in splits) / len(splits)
""",
    ),
    dict(
        task="q7",
        name="the p of a t-test",
        points=0,
        code="""
def permutation_test(first, second):
    from scipy.stats import ttest_ind

    return float(ttest_ind(first, second).pvalue)
""",
    ),
    dict(
        task="q7",
        name="a thousand random shuffles",
        points=0,
        code="""
def permutation_test(first, second):
    import random

    pooled, n, source = [*first, *second], len(first), random.Random(0)

    def gap(values):
        return abs(sum(values[:n]) / n - sum(values[n:]) / len(second))

    found = 0
    for _ in range(999):
        found += gap(source.sample(pooled, len(pooled))) >= gap(pooled) - 1e-9
    return (found + 1) / 1000
""",
    ),
    dict(
        task="q7",
        name="signs of the pairs flipped: the test for paired results",
        points=0,
        code="""
def permutation_test(first, second):
    from itertools import product

    pairs = [a - b for a, b in zip(first, second)]
    flips = list(product((1, -1), repeat=len(pairs)))
    observed = abs(sum(pairs))
    found = [abs(sum(s * d for s, d in zip(f, pairs))) >= observed - 1e-9 for f in flips]
    return sum(found) / len(flips)
""",
    ),
]

RIGHT = [
    dict(
        task="q1",
        name="sums over numbers of samples",
        code="""
def wasserstein_losses(real_scores, fake_scores):
    fake = fake_scores.sum() / fake_scores.numel()
    return -(real_scores.sum() / real_scores.numel() - fake), fake.neg()
""",
    ),
    dict(
        task="q2",
        name="epsilon on the fakes' side, lengths by sums of squares",
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    part = torch.rand(real.shape[0]).view(-1, *[1] * (real.dim() - 1))
    point = torch.lerp(real, fake.detach(), part.expand_as(real)).detach()
    point.requires_grad = True
    scores = critic(point).flatten()
    gradient = torch.autograd.grad(
        scores, point, grad_outputs=torch.ones_like(scores), create_graph=True
    )[0]
    lengths = gradient.reshape(len(real), -1).pow(2).sum(1).sqrt()
    if one_sided:
        return torch.relu(lengths - 1).pow(2).mean()
    return torch.mean((lengths - 1) ** 2)
""",
    ),
    dict(
        task="q2",
        name="sample by sample, in a loop",
        code="""
def gradient_penalty(critic, real, fake, one_sided=False):
    terms = []
    for x, y in zip(real.detach(), fake.detach()):
        epsilon = torch.rand(())
        point = (epsilon * x + (1 - epsilon) * y)[None].requires_grad_()
        (gradient,) = torch.autograd.grad(critic(point).sum(), point, create_graph=True)
        excess = gradient.norm() - 1
        terms.append(torch.clamp(excess, min=0) ** 2 if one_sided else excess**2)
    return torch.stack(terms).mean()
""",
    ),
    dict(
        task="q3",
        name="with the weight detached, and the length of W v",
        code="""
def power_iteration(weight, u, rounds=1):
    matrix = weight.reshape(weight.shape[0], -1)
    fixed, u = matrix.detach(), u.detach().clone()
    for _ in range(rounds):
        v = fixed.t() @ u
        v = v / v.norm()
        u = fixed @ v
        u = u / u.norm()
    return (matrix @ v).norm(), u
""",
    ),
    dict(
        task="q4",
        name="a loop over the centres",
        code="""
def mode_scores(samples, centers, std):
    distances = (samples[:, None, :] - centers[None]).norm(dim=2)
    nearest, total = distances.argmin(dim=1), len(samples)
    covered, quality, balanced = 0, 0.0, 0.0
    for k in range(len(centers)):
        share = int(((nearest == k) & (distances[:, k] <= 3 * std)).sum()) / total
        covered += share > 0
        quality += share
        balanced += min(share, 1 / len(centers))
    return covered, quality, balanced
""",
    ),
    dict(
        task="q5",
        name="eigenvalues of the product",
        code="""
def frechet_distance(first, second):
    first, second = first.double(), second.double()
    d = first.shape[1]
    a, b = torch.cov(first.T).reshape(d, d), torch.cov(second.T).reshape(d, d)
    values, vectors = torch.linalg.eigh(a)
    half = vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
    cross = torch.linalg.eigvalsh(half @ b @ half).clamp(min=0).sqrt().sum()
    means = torch.sum((first.mean(0) - second.mean(0)) ** 2)
    return float(means + a.trace() + b.trace() - 2 * cross)
""",
    ),
    dict(
        task="q5",
        name="singular values of the centred features' product, in numpy",
        code="""
def frechet_distance(first, second):
    import numpy as np

    a, b = first.double().numpy(), second.double().numpy()
    means = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    a, b = (x - x.mean(axis=0) for x in (a, b))
    a, b = a / np.sqrt(len(a) - 1), b / np.sqrt(len(b) - 1)
    cross = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return float(means + (a**2).sum() + (b**2).sum() - 2 * cross)
""",
    ),
    dict(
        task="q6",
        name="sorted distances, the own one left out",
        code="""
def precision_recall(real, fake, k=3):
    def radii(points):
        distances = (points[:, None] - points[None]).square().sum(dim=2).sqrt()
        distances.fill_diagonal_(float("inf"))
        return distances.sort(dim=1).values[:, k - 1]

    between = (fake[:, None] - real[None]).square().sum(dim=2).sqrt()
    precision = (between <= radii(real)[None, :]).any(dim=1).float().mean().item()
    recall = (between <= radii(fake)[:, None]).any(dim=0).float().mean().item()
    return precision, recall
""",
    ),
    dict(
        task="q7",
        name="all orders in the place of all splits",
        code="""
def permutation_test(first, second):
    from itertools import permutations

    pooled, n = [*first, *second], len(first)

    def gap(values):
        return abs(sum(values[:n]) / n - sum(values[n:]) / (len(values) - n))

    gaps = [gap(order) for order in permutations(pooled)]
    return sum(g >= gap(pooled) - 1e-9 for g in gaps) / len(gaps)
""",
    ),
    dict(
        task="q7",
        name="numpy, with masks",
        code="""
def permutation_test(first, second):
    import numpy as np

    pooled, n = np.array([*first, *second]), len(first)
    gaps = []
    for chosen in combinations(range(len(pooled)), n):
        mask = np.zeros(len(pooled), dtype=bool)
        mask[list(chosen)] = True
        gaps.append(abs(pooled[mask].mean() - pooled[~mask].mean()))
    return float((np.array(gaps) > gaps[0] - 1e-9).mean())
""",
    ),
]
