"""ganbook.data.paired: two images in one file, or two folders with equal names."""

import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from ganbook.data.paired import PairedFolders, SideBySideImages

RED, BLUE = (255, 0, 0), (0, 0, 255)


def as_tensor(color, size=8):
    return torch.tensor(color).view(3, 1, 1).expand(3, size, size) / 127.5 - 1


@pytest.fixture
def facades(tmp_path):
    """The layout of the public archive: ``facades/train/1.jpg``, photo left, labels right."""
    folder = tmp_path / "facades" / "train"
    folder.mkdir(parents=True)
    for name in ("1.jpg", "2.jpg", "10.jpg"):
        both = Image.new("RGB", (32, 16), RED)
        both.paste(BLUE, (16, 0, 32, 16))
        both.save(folder / name, quality=100, subsampling=0)
    (folder / "notes.txt").write_text("not an image")
    return folder


@pytest.fixture
def folders(tmp_path):
    """Two folders of equal stems; each pair has a value of its own."""
    inputs, targets = tmp_path / "inputs", tmp_path / "targets"
    for folder, ending, plus in ((inputs, "png", 0), (targets, "BMP", 1)):
        folder.mkdir()
        for k in range(3):
            Image.new("L", (16, 16), 50 * k + plus).save(folder / f"{k}.{ending}")
    return inputs, targets


def test_halves_and_which_is_the_input(facades):
    for input_on, (first, second) in {"left": (RED, BLUE), "right": (BLUE, RED)}.items():
        pairs = SideBySideImages(facades, 8, input_on)
        assert [f.name for f in pairs.files] == ["1.jpg", "10.jpg", "2.jpg"]
        assert len(pairs) == 3
        image, target = pairs[0]
        torch.testing.assert_close(image, as_tensor(first), atol=0.02, rtol=0)
        torch.testing.assert_close(target, as_tensor(second), atol=0.02, rtol=0)
    batch = next(iter(DataLoader(pairs, batch_size=3)))
    assert [t.shape for t in batch] == [(3, 3, 8, 8)] * 2
    assert all(t.dtype == torch.float32 for t in batch)


def test_pixels_at_their_own_size_are_those_of_the_file(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (12, 24, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    left, right = SideBySideImages(tmp_path, 12)[0]
    both = torch.cat([left, right], dim=2).permute(1, 2, 0)
    torch.testing.assert_close(both, torch.from_numpy(pixels) / 127.5 - 1, atol=1e-6, rtol=0)


@pytest.mark.parametrize("width_height", [(33, 16), (16, 16), (16, 40)])
def test_a_file_that_is_not_two_images_is_named(tmp_path, width_height):
    Image.new("RGB", width_height).save(tmp_path / "single.png")
    width, height = width_height
    with pytest.raises(ValueError, match=rf"single\.png is {width} x {height} pixels"):
        SideBySideImages(tmp_path, 8)[0]


def test_two_folders_by_stem(folders):
    pairs = PairedFolders(*folders, 8)
    assert len(pairs) == 3
    for k, (image, target) in enumerate(pairs):
        torch.testing.assert_close(image, as_tensor((50 * k,) * 3))
        torch.testing.assert_close(target, as_tensor((50 * k + 1,) * 3))
    swapped = PairedFolders(*folders[::-1], 8)
    assert torch.equal(swapped[2][0], pairs[2][1])


@pytest.mark.parametrize(("folder", "name"), [(0, "1.png"), (1, "2.BMP")])
def test_a_missing_partner_is_named(folders, folder, name):
    (folders[1 - folder] / name.replace("png", "BMP")).unlink(missing_ok=True)
    (folders[1 - folder] / name.replace("BMP", "png")).unlink(missing_ok=True)
    with pytest.raises(FileNotFoundError) as error:
        PairedFolders(*folders, 8)
    assert str(error.value) == f"{folders[folder] / name} has no partner in {folders[1 - folder]}."


def test_several_missing_partners_are_counted(folders):
    (folders[1] / "0.BMP").unlink()
    (folders[1] / "2.BMP").unlink()
    with pytest.raises(FileNotFoundError, match=r"0\.png has no partner in .*\(and 1 more\)"):
        PairedFolders(*folders, 8)


def test_two_candidates_for_one_name(folders):
    shutil.copy(folders[0] / "1.png", folders[0] / "1.jpg")
    with pytest.raises(ValueError, match=r"1\.jpg and .*1\.png have one name"):
        PairedFolders(*folders, 8)


def test_a_pair_of_two_sizes_is_named(folders):
    Image.new("L", (20, 16)).save(folders[1] / "1.BMP")
    with pytest.raises(ValueError, match=r"1\.png is 16 x 16 pixels, its partner .*1\.BMP 20 x 16"):
        PairedFolders(*folders, 8)[1]


def position_pair(tmp_path, size=32):
    """Input and target with the same content: each pixel's place, as red and green."""
    line = np.linspace(0, 255, size).astype(np.uint8)
    place = np.stack(
        [*np.meshgrid(line, line, indexing="ij"), np.zeros((size, size), np.uint8)], axis=2
    )
    Image.fromarray(np.concatenate([place, place], axis=1)).save(tmp_path / "x.png")
    return tmp_path


def test_both_images_get_the_same_crop_and_mirror(tmp_path):
    pairs = SideBySideImages(position_pair(tmp_path), 32, augment=True)  # 36 pixels, then a crop
    torch.manual_seed(0)
    tops, lefts, mirrored = set(), set(), 0
    for _ in range(200):
        image, target = pairs[0]
        assert image.shape == (3, 32, 32)
        assert torch.equal(image, target)
        flipped = image[1, 0, 0] > image[1, 0, -1]
        image = image.flip(-1) if flipped else image
        tops.add(round(image[0, 0, 0].item(), 4))
        lefts.add(round(image[1, 0, 0].item(), 4))
        mirrored += int(flipped)
    assert len(tops) == len(lefts) == 5  # 36 - 32 + 1 places each
    assert 70 < mirrored < 130


def test_augmentation_follows_torchs_seed(tmp_path):
    pairs = SideBySideImages(position_pair(tmp_path), 32, augment=True)
    drawn = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        drawn.append(torch.stack([pairs[0][0] for _ in range(5)]))
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
    folder = tmp_path / "half"
    folder.mkdir()
    with Image.open(tmp_path / "x.png") as both:
        both.crop((0, 0, 32, 32)).save(folder / "x.png")
    torch.manual_seed(3)
    by_folders = PairedFolders(folder, folder, 32, augment=True)
    assert torch.equal(torch.stack([by_folders[0][1] for _ in range(5)]), drawn[0])


def test_without_augmentation_nothing_is_random(tmp_path):
    pairs = SideBySideImages(position_pair(tmp_path), 32)
    state = torch.get_rng_state()
    assert torch.equal(pairs[0][0], pairs[0][0])
    assert torch.equal(torch.get_rng_state(), state)


def test_transparent_and_sixteen_bit_images(tmp_path):
    Image.new("RGBA", (16, 8), (0, 0, 0, 0)).save(tmp_path / "a.png")
    Image.fromarray(np.full((8, 16), 102 * 257, np.uint16)).save(tmp_path / "b.png")
    pairs = SideBySideImages(tmp_path, 8)
    torch.testing.assert_close(pairs[0][0], torch.ones(3, 8, 8))
    torch.testing.assert_close(pairs[1][1], torch.full((3, 8, 8), -0.2))


def test_an_unreadable_file_is_named(facades, folders):
    (facades / "2.jpg").write_bytes((facades / "2.jpg").read_bytes()[:200])
    with pytest.raises(ValueError, match=r"2\.jpg cannot be read as an image"):
        SideBySideImages(facades, 8)[2]
    (folders[1] / "2.BMP").write_text("this is not an image")
    with pytest.raises(ValueError, match=r"2\.BMP cannot be read as an image"):
        PairedFolders(*folders, 8)[2]


def test_missing_and_empty_folders(tmp_path, folders):
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere"):
        SideBySideImages(tmp_path / "nowhere", 8)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"No image in .*empty"):
        SideBySideImages(tmp_path / "empty", 8)
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere"):
        PairedFolders(folders[0], tmp_path / "nowhere", 8)
    with pytest.raises(FileNotFoundError, match=r"No image in .*empty"):
        PairedFolders(tmp_path / "empty", folders[1], 8)


def test_other_sides_and_sizes_are_refused(facades, folders):
    with pytest.raises(ValueError, match="input_on is 'A'; accepted are left, right"):
        SideBySideImages(facades, 8, "A")
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        SideBySideImages(facades, 0)
    with pytest.raises(ValueError, match="size must be at least 1, got -4"):
        PairedFolders(*folders, -4)
