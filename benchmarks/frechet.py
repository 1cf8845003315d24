"""The Fréchet distance at d = 2048. Goals: 8 times as fast as pytorch-fid, 2.5 as torchmetrics.

    python benchmarks/frechet.py

The statistics are those of correlated features of very different scales. With fewer samples than
dimensions the reference is the closed form without any matrix root: the trace of the root of the
product is the nuclear norm of X Y^T, divided by the root of (n1 - 1)(n2 - 1). The row "from
features" is what ganbook does when it has the samples and not only their statistics.
"""

import argparse
import math
import statistics
import time
import warnings

import torch
from pytorch_fid.fid_score import calculate_frechet_distance
from torchmetrics.image.fid import _compute_fid

from ganbook.metrics.frechet import frechet_distance, frechet_from_features
from ganbook.metrics.moments import Statistics

GOALS, TOLERANCE = {"pytorch-fid": 8.0, "torchmetrics": 2.5}, 1e-9


def features(n, d, seed):
    """Return correlated features ``(n, d)`` in float64, not negative as Inception's are not."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(256, d, generator=generator) / 16
    common = torch.randn(n, 256, generator=generator) @ mixing
    own = 0.3 * torch.randn(n, d, generator=generator)
    return (common + own + 0.1 * seed).relu().double()


def described(x):
    """Return mean and covariance."""
    found = Statistics()
    found.update(x)
    return found.mean, found.covariance


def rank_deficient(x, y):
    """Return the distance from the samples themselves."""
    x_centred, y_centred = x - x.mean(0), y - y.mean(0)
    nuclear = torch.linalg.svdvals(x_centred @ y_centred.T).sum()
    cross = nuclear / math.sqrt((len(x) - 1) * (len(y) - 1))
    traces = x.var(dim=0).sum() + y.var(dim=0).sum()
    return ((x.mean(0) - y.mean(0)).square().sum() + traces - 2 * cross).item()


def pytorch_fid(*arguments):
    """Call the peer, which takes NumPy arrays and warns about SciPy's future."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(calculate_frechet_distance(*(a.numpy() for a in arguments)))


def timed(function, *arguments, repetitions=1):
    """Return the result and the median of the seconds."""
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        result = float(function(*arguments))
        seconds.append(time.perf_counter() - start)
    return result, statistics.median(seconds)


def main():
    """Print a table a case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dimensions", type=int, default=2048)
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    d = options.dimensions
    cases = {
        f"full rank: {3 * d} and {3 * d} samples": (3 * d, 3 * d),
        f"fewer samples than dimensions: {d // 2} and {d // 4}": (d // 2, d // 4),
        f"one of each: {3 * d} and {d // 2}": (3 * d, d // 2),
    }
    print(f"d = {d}, {torch.get_num_threads()} threads")
    for name, (n1, n2) in cases.items():
        x, y = features(n1, d, 0), features(n2, d, 1)
        one, two = described(x), described(y)
        full = min(n1, n2) > d
        rows = {"ganbook": timed(frechet_distance, *one, *two, repetitions=options.repetitions)}
        rows["torchmetrics"] = timed(_compute_fid, *one, *two, repetitions=options.repetitions)
        rows["pytorch-fid"] = timed(pytorch_fid, *one, *two)
        if not full:
            rows["from features"] = timed(
                frechet_from_features, x, y, repetitions=options.repetitions
            )
            rows["closed form"] = timed(rank_deficient, x, y)
        reference = rows["pytorch-fid" if full else "closed form"][0]
        print(f"\n{name}\n{'':14}{'distance':>20}{'error':>10}{'seconds':>10}{'times':>8}")
        own = rows["ganbook"][1]
        for label, (value, seconds) in rows.items():
            error = abs(value - reference) / abs(reference)
            print(f"{label:14}{value:20.12f}{error:10.0e}{seconds:10.2f}{seconds / own:8.1f}")
        error = abs(rows["ganbook"][0] - reference) / abs(reference)
        equal = "" if error <= TOLERANCE else "  missed"
        print(f"error {error:.0e}, goal: <= {TOLERANCE:.0e}{equal}")
        for peer, goal in GOALS.items() if full else ():
            ratio = rows[peer][1] / own
            fast = "" if ratio >= goal else "  missed"
            print(f"{peer} / ganbook = {ratio:.1f}, goal: >= {goal:g}{fast}")


if __name__ == "__main__":
    main()
