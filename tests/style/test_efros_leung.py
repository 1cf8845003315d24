"""ganbook.style.efros_leung: against a slow loop; textures whose continuation is known."""

import pytest
import torch

from ganbook.data.photos import load_photo
from ganbook.style.efros_leung import efros_leung


def grow_slowly(texture, size, window, tolerance, seed):
    """The definition, pixel by pixel and window by window."""
    random = torch.Generator().manual_seed(seed)
    half, (channels, height, width) = window // 2, texture.shape
    line = torch.arange(-half, half + 1).double()
    bell = torch.exp(-((line * 6.4 / window) ** 2) / 2)
    tops = [int(torch.randint(side - 2, (), generator=random)) for side in (height, width)]
    start = size // 2 - 1
    result = torch.full((channels, size, size), torch.nan)
    result[:, start : start + 3, start : start + 3] = texture[
        :, tops[0] : tops[0] + 3, tops[1] : tops[1] + 3
    ]

    def neighbours(i, j):
        """Yield the offsets of the known pixels in a pixel's window."""
        for di in range(-half, half + 1):
            for dj in range(-half, half + 1):
                inside = 0 <= i + di < size and 0 <= j + dj < size
                if inside and not result[0, i + di, j + dj].isnan():
                    yield di, dj

    while result.isnan().any():
        best = (0, None)
        for i, j in result[0].isnan().nonzero().tolist():
            around = list(neighbours(i, j))
            touches = any(max(abs(di), abs(dj)) == 1 for di, dj in around)
            if touches and len(around) > best[0]:
                best = (len(around), (i, j))
        i, j = best[1]
        errors = []
        for y in range(half, height - half):
            for x in range(half, width - half):
                total = weights = 0.0
                for di, dj in neighbours(i, j):
                    weight = bell[half + di] * bell[half + dj]
                    gap = texture[:, y + di, x + dj] - result[:, i + di, j + dj]
                    total += weight * gap.double().square().sum()
                    weights += weight
                errors.append(total / weights)
        errors = torch.stack(errors)
        close = (errors <= (1 + tolerance) * errors.min()).nonzero()[:, 0]
        chosen = int(close[torch.randint(len(close), (), generator=random)])
        columns = width - 2 * half
        result[:, i, j] = texture[:, chosen // columns + half, chosen % columns + half]
    return result


@pytest.mark.parametrize(("window", "tolerance"), [(3, 0.1), (5, 0.0), (5, 1.0)])
def test_it_equals_the_definition(window, tolerance):
    texture = torch.rand(2, 7, 8, generator=torch.Generator().manual_seed(window))
    expected = grow_slowly(texture, 7, window, tolerance, seed=3)
    assert torch.equal(efros_leung(texture, 7, window, tolerance, seed=3), expected)


def test_a_periodic_texture_goes_on():
    line = torch.arange(24)
    texture = ((line % 4 < 2)[:, None] ^ (line % 6 < 3)[None]).float()[None]
    result = efros_leung(texture, 30, window=9, seed=1)
    assert torch.equal(result[:, 4:], result[:, :-4])
    assert torch.equal(result[:, :, 6:], result[:, :, :-6])
    small = efros_leung(texture, 30, window=3, seed=1)  # a window smaller than the period
    assert not torch.equal(small[:, 4:], small[:, :-4])


def pieces(result):
    """Return which neighbours across come from neighbours of the sample."""
    return (result[1].diff(dim=1) == 1) & (result[0].diff(dim=1) == 0)


def test_every_pixel_comes_from_the_sample_and_large_windows_copy():
    bricks = load_photo("brick")[:1, :120:3, :120:3]
    rows, columns = torch.meshgrid(torch.arange(30.0), torch.arange(30.0), indexing="ij")
    numbered = torch.stack([rows, columns])  # says where a pixel comes from: its own best match
    result = efros_leung(numbered, 20, window=5)
    assert torch.equal(result, result.round())
    assert result.min() >= 0 and result.max() < 30
    assert pieces(result[:, 9:12, 9:12]).all()  # the seed

    def copied(window):
        grown = efros_leung(bricks, 24, window, tolerance=0.1, seed=2)
        patches = torch.nn.functional.unfold(bricks[None], 5)[0].T
        there = torch.nn.functional.unfold(grown[None], 5)[0].T
        exact = {"compute_mode": "donot_use_mm_for_euclid_dist"}
        return (torch.cdist(there, patches, **exact).amin(1) < 1e-4).double().mean()

    assert copied(3) < 0.2 < 0.6 < copied(7)


def test_sizes_seeds_ranges_and_the_global_generator():
    texture = torch.rand(3, 12, 14, generator=torch.Generator().manual_seed(0))
    before, state = texture.clone(), torch.get_rng_state()
    first = efros_leung(texture, (9, 6), 5, seed=1, tolerance=2.0)
    assert first.shape == (3, 9, 6) and first.dtype == torch.float32
    assert torch.equal(first, efros_leung(texture, (9, 6), 5, seed=1, tolerance=2.0))
    assert not torch.equal(first, efros_leung(texture, (9, 6), 5, seed=2, tolerance=2.0))
    assert torch.equal(texture, before) and torch.equal(torch.get_rng_state(), state)
    flat = efros_leung(torch.full((1, 8, 8), 0.3, dtype=torch.float64), 5, 3)
    assert flat.dtype == torch.float64 and (flat == 0.3).all()


def test_bad_input():
    texture = torch.zeros(3, 12, 10)
    for arguments, message in (
        ({"window": 11}, r"window must be odd, .* got window 11 and texture \(3, 12, 10\)"),
        ({"window": 4}, "got window 4"),
        ({"window": 1}, "got window 1"),
        ({"window": 5, "tolerance": -0.1}, "tolerance must not be negative, got -0.1"),
        ({"window": 5, "size": (2, 9)}, r"size must be at least 3, got \(2, 9\)"),
    ):
        with pytest.raises(ValueError, match=message):
            efros_leung(texture, **arguments)
    for wrong in (texture[0], texture.byte()):
        with pytest.raises(ValueError, match=r"texture must be float \(C, H, W\), got"):
            efros_leung(wrong)
