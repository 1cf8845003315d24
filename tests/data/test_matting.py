"""ganbook.data.matting: the Laplacian by its definition, mattes whose truth is known, errors."""

import sys

import numpy as np
import pytest
import torch

from ganbook.data.matting import (
    closed_form_matte,
    composite,
    estimate_foreground,
    matting_laplacian,
    trimap_around,
)

SIDE = 40


@pytest.fixture(scope="module")
def scene():
    """A soft disc before stripes: foreground, background, alpha, image and trimap."""
    line = torch.linspace(-1, 1, SIDE)
    y, x = torch.meshgrid(line, line, indexing="ij")
    alpha = torch.sigmoid((0.55 - (x**2 + y**2).sqrt()) / 0.05)[None]
    alpha = ((alpha - 0.02) / 0.96).clamp(0, 1)
    fore = torch.stack([0.7 + 0.2 * x, -0.2 + 0.2 * y, -0.7 + 0 * x])
    back = torch.stack([-0.6 + 0.1 * y, 0.3 + 0.3 * x, 0.6 - 0.2 * y])
    trimap = torch.full_like(alpha, 0.5)
    trimap[(x**2 + y**2)[None] < 0.3**2] = 1.0
    trimap[(x**2 + y**2)[None] > 0.8**2] = 0.0
    return fore, back, alpha, composite(fore, back, alpha), trimap


@pytest.fixture
def small():
    return torch.rand(3, 5, 6, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_the_laplacian_equals_its_definition(small):
    """Equation 12, pixel pair by pixel pair."""
    colours, epsilon = ((small.double() + 1) / 2).numpy(), 1e-3
    expected = np.zeros((30, 30))
    for top in range(3):
        for left in range(4):
            window = [(top + a, left + b) for a in range(3) for b in range(3)]
            values = np.array([colours[:, i, j] for i, j in window])
            mean = values.mean(0)
            inverse = np.linalg.inv(np.cov(values.T, bias=True) + epsilon / 9 * np.eye(3))
            for p, (i, j) in enumerate(window):
                for q, (k, m) in enumerate(window):
                    affinity = 1 + (values[p] - mean) @ inverse @ (values[q] - mean)
                    expected[6 * i + j, 6 * k + m] += (p == q) - affinity / 9
    found = matting_laplacian(small, epsilon)
    np.testing.assert_allclose(found.toarray(), expected, atol=1e-9)


def test_the_laplacian_is_symmetric_and_blind_to_linear_functions_of_the_colour(small):
    laplacian = matting_laplacian(small, 1e-9).toarray()
    np.testing.assert_allclose(laplacian, laplacian.T, atol=1e-9)
    assert np.linalg.eigvalsh(laplacian).min() > -1e-9
    colours = small.double().flatten(1).numpy()
    for alpha in (np.ones(30), 0.3 + colours[0] - 2 * colours[2]):
        np.testing.assert_allclose(laplacian @ alpha, 0, atol=1e-6)
    other = np.random.default_rng(0).random(30)
    assert other @ laplacian @ other > 0.1


def test_skipped_windows_are_those_wholly_inside(small):
    skip = torch.zeros(1, 5, 6, dtype=torch.bool)
    skip[:, :, :4] = True
    partly = matting_laplacian(small, 1e-3, skip).toarray()
    # Only the windows of the last two columns of windows remain: pixels 2 to 5 of each row.
    np.testing.assert_allclose(
        partly.reshape(5, 6, 5, 6)[:, 2:, :, 2:].reshape(20, 20),
        matting_laplacian(small[:, :, 2:], 1e-3).toarray(),
        atol=1e-9,
    )
    assert not partly.reshape(5, 6, 30)[:, :2].any()


def test_a_known_matte_is_recovered(scene):
    _, _, alpha, image, trimap = scene
    unknown = trimap == 0.5
    found = closed_form_matte(image, trimap)
    assert found.shape == alpha.shape and found.dtype == torch.float32
    error = (found - alpha)[unknown].abs()
    assert error.mean() < 0.01 and error.max() < 0.08
    # The trimap alone, and alpha by the distance of the mean colours' line, are much worse.
    assert (trimap - alpha)[unknown].abs().mean() > 20 * error.mean()
    assert torch.equal(found[~unknown], trimap[~unknown])


def test_with_one_colour_each_the_matte_is_exact():
    alpha = torch.linspace(0, 1, 12).expand(1, 9, 12)
    fore, back = (
        torch.tensor(c).view(3, 1, 1).expand(3, 9, 12) for c in ([1.0, 0, 0], [-1.0, 0, 1])
    )
    trimap = torch.full((1, 9, 12), 0.5)
    trimap[..., 0], trimap[..., -1] = 0, 1
    found = closed_form_matte(composite(fore, back, alpha), trimap, epsilon=1e-9)
    torch.testing.assert_close(found, alpha, atol=1e-3, rtol=0)


def test_leaving_known_windows_out_changes_little(scene):
    """The system with all windows, solved here, gives the same matte."""
    from scipy.sparse import diags
    from scipy.sparse.linalg import spsolve

    *_, image, trimap = scene
    weights = 100.0 * (trimap != 0.5).flatten().numpy()
    whole = (matting_laplacian(image) + diags(weights)).tocsc()
    peer = spsolve(whole, weights * trimap.flatten().numpy()).clip(0, 1)
    found = closed_form_matte(image, trimap).flatten().numpy()
    assert np.abs(found - peer).max() < 0.02


def test_the_foreground_without_the_old_background(scene):
    fore, _, alpha, image, _ = scene
    found = estimate_foreground(image, alpha)
    assert found.shape == fore.shape and found.abs().max() <= 1
    mixed = ((alpha > 0.1) & (alpha < 0.9)).expand_as(fore)
    error = (found - fore)[mixed].abs().mean()
    assert error < 0.06
    assert (image - fore)[mixed].abs().mean() > 5 * error
    solid = (alpha == 1).expand_as(fore)
    torch.testing.assert_close(found[solid], image[solid], atol=0.02, rtol=0)
    # On a new background the true picture results, without the rim of the old one.
    new = torch.zeros_like(fore)
    truth, pasted = composite(fore, new, alpha), composite(image, new, alpha)
    assert (composite(found, new, alpha) - truth).abs().mean() < 0.3 * (pasted - truth).abs().mean()


def test_a_trimap_around_a_mask_by_hand():
    mask = torch.zeros(1, 7, 9, dtype=torch.bool)
    mask[:, 2:, 3:] = True
    expected = torch.full((1, 7, 9), 0.5)
    expected[:, 4:, 5:] = 1
    expected[:, :, 0] = 0
    found = trimap_around(mask, 2)
    torch.testing.assert_close(found, expected)
    assert trimap_around(mask, 1)[0, 3:, 4:].min() == 1  # the image's border is no edge
    for wrong in (mask[0], mask.float()):
        with pytest.raises(ValueError, match=r"mask must be bool \(1, H, W\), got"):
            trimap_around(wrong, 2)
    with pytest.raises(ValueError, match="band must be at least 1, got 0"):
        trimap_around(mask, 0)


def test_compositing_by_hand():
    fore, back = torch.ones(2, 3, 1, 2), -torch.ones(2, 3, 1, 2)
    alpha = torch.tensor([0.0, 0.75]).expand(2, 1, 1, 2)
    found = composite(fore, back, alpha)
    assert found.shape == fore.shape
    assert found[0, 0].tolist() == [[-1.0, 0.5]]
    torch.testing.assert_close(composite(fore, fore, alpha), fore)


def test_bad_images_and_trimaps():
    image, trimap = torch.zeros(3, 6, 8), torch.full((1, 6, 8), 0.5)
    for wrong, message in (
        (torch.zeros(6, 8), r"image must have shape \(3, H, W\), at least 3 x 3, got \(6, 8\)"),
        (torch.zeros(3, 2, 8), r"at least 3 x 3, got \(3, 2, 8\)"),
        (torch.zeros(1, 6, 8), "image must have 3 channels, got 1"),
        (image + 2, r"image must lie in \[-1, 1\], got values from 2 to 2"),
    ):
        with pytest.raises(ValueError, match=message):
            closed_form_matte(wrong, trimap)
    with pytest.raises(ValueError, match=r"trimap must have shape \(1, 6, 8\), got \(6, 8\)"):
        closed_form_matte(image, trimap[0])
    for value in (2.0, float("nan")):
        with pytest.raises(ValueError, match=r"trimap must lie in \[0, 1\], got values from"):
            closed_form_matte(image, torch.full((1, 6, 8), value))
    with pytest.raises(ValueError, match="trimap has no sure foreground: no pixel is exactly 1"):
        closed_form_matte(image, trimap)
    trimap[0, 0, 0] = 1
    with pytest.raises(ValueError, match="trimap has no sure background: no pixel is exactly 0"):
        closed_form_matte(image, trimap)


def test_other_bad_input(monkeypatch):
    image, alpha = torch.zeros(3, 6, 8), torch.full((1, 6, 8), 0.5)
    for name in ("epsilon", "confidence"):
        with pytest.raises(ValueError, match=f"{name} must be positive, got 0"):
            closed_form_matte(image, alpha, **{name: 0})
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        estimate_foreground(image, alpha, steps=0)
    with pytest.raises(ValueError, match=r"alpha must have shape \(1, 6, 8\), got \(1, 6, 7\)"):
        estimate_foreground(image, alpha[..., :7])
    for background, share in ((image[:, :5], alpha), (image, alpha[0]), (image, image)):
        with pytest.raises(ValueError, match="foreground and background must have one shape"):
            composite(image, background, share)
    with pytest.raises(ValueError, match=r"alpha must lie in \[0, 1\], got values from 1.5 to 1.5"):
        composite(image, image, alpha + 1)
    alpha[0, 0, :2] = torch.tensor([0.0, 1.0])
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(ModuleNotFoundError, match=r"Matting needs SciPy.*ganbook\[samples\]"):
        closed_form_matte(image, alpha)
