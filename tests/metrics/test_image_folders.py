"""ganbook.metrics.image_folders: what stands in a reader's folders, streamed."""

import numpy as np
import pytest
import torch
from PIL import Image

from ganbook.metrics.image_folders import Unreadable, find_images, stream_features


def save(path, value, size=(16, 12), mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value if mode == "L" else (value,) * 3).save(path, **options)


def damage(path, kind):
    """Break off a picture of noise, so that its head alone can be read; or write text."""
    pixels = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    content = path.read_bytes()
    path.write_bytes(b"not an image" if kind == "text" else content[: len(content) // 2])


@pytest.fixture
def folder(tmp_path):
    for i in range(7):
        save(tmp_path / "real" / f"{i}.png", 10 * i)
    return tmp_path / "real"


def mean_and_corner(images):
    return images.mean(dim=(2, 3)), images[:, :1, 0, 0]


@pytest.mark.parametrize(("batch_size", "workers"), [(1, 0), (3, 0), (50, 0), (3, 1)])
def test_features_come_in_the_files_order_whatever_the_batches(folder, batch_size, workers):
    (files,), broken = find_images([folder], one_size=True)
    (means, corners), left_out = stream_features(
        files, mean_and_corner, batch_size=batch_size, workers=workers
    )
    expected = torch.arange(7.0).view(7, 1) * 10 / 127.5 - 1
    torch.testing.assert_close(means, expected.expand(7, 3))
    torch.testing.assert_close(corners, expected)
    assert broken == left_out == []


def test_no_more_than_a_batch_is_held(folder):
    seen = []

    def extract(images):
        seen.append(tuple(images.shape))
        return (images.mean(dim=(1, 2, 3)),)

    (files,), _ = find_images([folder], one_size=True)
    stream_features(files, extract, batch_size=3)
    assert seen == [(3, 3, 12, 16), (3, 3, 12, 16), (1, 3, 12, 16)]
    seen.clear()
    stream_features(files, extract, size=8, grayscale=True)
    assert seen == [(7, 1, 8, 8)]


def test_pixels_are_kept_to_the_bit(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 6, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    (images,), _ = stream_features([tmp_path / "x.png"], lambda images: (images,))
    back = ((images[0] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
    assert np.array_equal(back, pixels)
    save(tmp_path / "gray.png", 51, mode="L")
    for grayscale, channels in ((True, 1), (False, 3)):
        options = {"grayscale": grayscale}
        (images,), _ = stream_features([tmp_path / "gray.png"], lambda x: (x,), **options)
        torch.testing.assert_close(images, torch.full((1, channels, 12, 16), -0.6))


def test_unequal_sizes_are_named(folder, tmp_path):
    save(tmp_path / "fake" / "odd.png", 0, size=(20, 12))
    with pytest.raises(
        ValueError, match=r"16 x 12 \(7 images: .*0\.png, .*1\.png and 5 more\)"
    ) as e:
        find_images([folder, tmp_path / "fake"], one_size=True)
    assert "20 x 12 (1 image: " in str(e.value) and "odd.png" in str(e.value)
    assert "Give --size" in str(e.value)
    found, _ = find_images([folder, tmp_path / "fake"], one_size=False)
    assert [len(files) for files in found] == [7, 1]


def test_many_sizes_do_not_fill_the_screen(tmp_path):
    for i in range(30):
        save(tmp_path / f"{i:02}.png", 0, size=(10 + i, 10))
    with pytest.raises(ValueError, match="and 26 more sizes") as error:
        find_images([tmp_path], one_size=True)
    assert len(str(error.value)) < 1000


def test_a_photo_that_lies_on_its_side_has_the_size_one_sees(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "a.png", 0, size=(12, 16), exif=exif)
    save(tmp_path / "b.png", 0, size=(16, 12))
    (files,), _ = find_images([tmp_path], one_size=True)
    (images,), _ = stream_features(files, lambda x: (x,))
    assert images.shape == (2, 3, 12, 16)


def test_files_whose_head_is_broken_are_found_at_once(folder):
    damage(folder / "bad.png", "text")
    (files,), broken = find_images([folder], one_size=True)
    assert len(files) == 7 and broken == [folder / "bad.png"]
    assert str(Unreadable(broken)).startswith("1 file cannot be read as an image: ")


def test_files_that_break_off_are_all_named_and_counted(folder):
    for i in range(7, 14):
        damage(folder / f"{i}.png", "half")
    (files,), broken = find_images([folder], one_size=True)
    assert len(files) == 14 and broken == []  # their heads are whole
    calls = []

    def extract(images):
        calls.append(len(images))
        return (images.mean(dim=(1, 2, 3)),)

    with pytest.raises(Unreadable, match=r"7 files cannot .* and 2 more\. .*--skip-unrea") as error:
        stream_features(files, extract, batch_size=4)
    assert [file.name for file in error.value.files] == sorted(f"{i}.png" for i in range(7, 14))
    assert sum(calls) <= 7  # nothing is computed once it is clear that there will be no result
    (means,), left_out = stream_features(files, extract, batch_size=4, skip_unreadable=True)
    assert means.shape == (7,) and left_out == error.value.files


def test_missing_and_empty_folders(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere"):
        find_images([folder, tmp_path / "nowhere"], one_size=True)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"No image in .*empty"):
        find_images([tmp_path / "empty", folder], one_size=True)
