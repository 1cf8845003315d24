"""ganbook.data.folders: whatever a reader's folder may hold."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

from ganbook.data.folders import ImagesFromFolder, image_files, read_image


def save(path, pixels, mode=None):
    Image.fromarray(np.asarray(pixels), mode).save(path)


def test_all_images_below_the_folder_in_a_fixed_order(tmp_path):
    (tmp_path / "sub").mkdir()
    for index, name in enumerate(["b.png", "a.JPG", "sub/c.webp", "sub/d.bmp", "e.jpeg"]):
        save(tmp_path / name, np.full((40, 30, 3), 50 * index, np.uint8))
    (tmp_path / "notes.txt").write_text("not an image")
    (tmp_path / "folder.png").mkdir()
    images = ImagesFromFolder(tmp_path, 16)
    assert len(images) == 5
    assert [f.name for f in images.files] == ["a.JPG", "b.png", "e.jpeg", "c.webp", "d.bmp"]
    assert image_files(str(tmp_path)) == images.files
    (batch,) = next(iter(DataLoader(images, batch_size=5)))
    assert batch.shape == (5, 3, 16, 16) and batch.dtype == torch.float32
    expected = torch.tensor([50, 0, 200, 100, 150]) / 127.5 - 1
    torch.testing.assert_close(batch.mean(dim=(1, 2, 3)), expected, atol=0.02, rtol=0)


def gradient16():
    return (np.arange(64 * 64).reshape(64, 64) * 16).astype(np.uint16)


@pytest.mark.parametrize("grayscale", [False, True])
@pytest.mark.parametrize(
    ("mode", "expected"),  # the colour (255, 0, 51), or 102 where there is only gray
    [
        ("RGB", (1.0, -1.0, -0.6)),
        ("RGBA", (1.0, -1.0, -0.6)),
        ("P", (1.0, -1.0, -0.6)),
        ("L", (-0.2, -0.2, -0.2)),
        ("LA", (-0.2, -0.2, -0.2)),
        ("I;16", (-0.2, -0.2, -0.2)),
        ("1", (1.0, 1.0, 1.0)),
    ],
)
def test_every_mode_of_png(tmp_path, mode, expected, grayscale):
    if mode == "I;16":
        picture = Image.fromarray(np.full((20, 20), 102 * 257, np.uint16))
    elif mode in ("L", "LA"):
        picture = Image.new("L", (20, 20), 102).convert(mode)
    elif mode == "1":
        picture = Image.new("1", (20, 20), 1)
    else:
        picture = Image.new("RGB", (20, 20), (255, 0, 51)).convert(mode)
    picture.save(tmp_path / "image.png")
    with Image.open(tmp_path / "image.png") as stored:
        assert stored.mode == mode
    (image,) = ImagesFromFolder(tmp_path, 16, grayscale)[0]
    if not grayscale:
        torch.testing.assert_close(image, torch.tensor(expected)[:, None, None].expand(3, 16, 16))
    else:
        red, green, blue = ((v + 1) / 2 for v in expected)
        luma = 2 * (0.299 * red + 0.587 * green + 0.114 * blue) - 1
        torch.testing.assert_close(image, torch.full((1, 16, 16), luma), atol=0.01, rtol=0)


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    save(tmp_path / "x.png", gradient16())
    (image,) = ImagesFromFolder(tmp_path, 64)[0]
    expected = torch.from_numpy(gradient16() / 65535 * 2 - 1).float().expand(3, 64, 64)
    torch.testing.assert_close(image, expected, atol=0.005, rtol=0)


def test_transparent_parts_become_white(tmp_path):
    pixels = np.zeros((8, 8, 4), np.uint8)  # black, invisible
    pixels[:, 4:] = (0, 0, 0, 255)  # black, opaque
    save(tmp_path / "x.png", pixels)
    (image,) = ImagesFromFolder(tmp_path, 8)[0]
    assert (image[..., :4] == 1).all() and (image[..., 4:] == -1).all()


def test_a_palettes_transparent_colour_becomes_white(tmp_path):
    picture = Image.new("P", (8, 8), 0)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    picture.paste(1, (0, 0, 8, 4))
    picture.save(tmp_path / "x.png", transparency=0)
    (image,) = ImagesFromFolder(tmp_path, 8)[0]
    assert (image[:, 4:] == 1).all()
    torch.testing.assert_close(
        image[:, :4], torch.tensor([1.0, -1, -1])[:, None, None].expand(3, 4, 8)
    )


def test_photos_are_turned_upright(tmp_path):
    picture = Image.new("RGB", (16, 16))
    picture.paste((255, 255, 255), (0, 0, 8, 16))  # the left half is white
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: left becomes top
    picture.save(tmp_path / "x.png", exif=exif)
    (image,) = ImagesFromFolder(tmp_path, 16)[0]
    assert (image[:, :8] == 1).all() and (image[:, 8:] == -1).all()


def test_missing_and_empty_folders(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*nowhere"):
        ImagesFromFolder(tmp_path / "nowhere", 16)
    with pytest.raises(FileNotFoundError, match=r"No image in .*\.jpg, \.jpeg, \.png"):
        ImagesFromFolder(tmp_path, 16)


def damaged(tmp_path, kind):
    save(tmp_path / "good.png", np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    content = bytearray((tmp_path / "good.png").read_bytes())
    if kind == "empty":
        content = b""
    elif kind == "text":
        content = b"this is not an image"
    elif kind == "truncated":
        content = content[: len(content) // 2]
    elif kind == "flipped header":
        content[20] ^= 255
    elif kind == "flipped data":
        content[len(content) // 2] ^= 255
    (tmp_path / "bad.png").write_bytes(content)


@pytest.mark.parametrize("kind", ["empty", "text", "truncated", "flipped header", "flipped data"])
def test_an_unreadable_file_is_named(tmp_path, kind):
    damaged(tmp_path, kind)
    images = ImagesFromFolder(tmp_path, 16)
    assert images[1][0].shape == (3, 16, 16)
    with pytest.raises(ValueError, match=r"bad\.png cannot be read as an image"):
        images[0]


def test_read_image_keeps_size_and_names_what_it_cannot_read(tmp_path):
    save(tmp_path / "good.png", np.full((6, 10, 3), 7, np.uint8))
    image = read_image(tmp_path / "good.png")
    assert image.size == (10, 6) and image.getpixel((9, 5)) == (7, 7, 7)
    (tmp_path / "bad.png").write_text("this is not an image")
    with pytest.raises(ValueError, match=r"bad\.png cannot be read as an image"):
        read_image(str(tmp_path / "bad.png"))
