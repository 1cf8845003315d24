"""ganbook.style.pictures: size, shape and range; files that are not there, broken or unwanted."""

import numpy as np
import pytest
import torch
from PIL import Image

from ganbook.style import pictures
from ganbook.style.pictures import check_writable, read_picture, write_picture


@pytest.fixture
def wide(tmp_path):
    """60 x 30 pixels: black on the left, red on the right."""
    picture = Image.new("RGB", (60, 30))
    picture.paste((255, 0, 0), (30, 0, 60, 30))
    picture.save(tmp_path / "wide.png")
    return tmp_path / "wide.png"


@pytest.mark.parametrize(("size", "shape"), [(20, (10, 20)), (120, (60, 120)), ((8, 9), (8, 9))])
def test_the_whole_picture_at_the_size_asked_for(wide, size, shape):
    picture = read_picture(wide, size)
    assert picture.shape == (1, 3, *shape) and picture.dtype == torch.float32
    corners = picture[0, :, 0, [0, -1]].T.tolist()
    assert corners == [[-1, -1, -1], [1, -1, -1]]  # nothing is cut off


def test_gray_has_one_channel(wide):
    picture = read_picture(wide, 20, gray=True)
    assert picture.shape == (1, 1, 10, 20)
    assert picture[0, 0, 0, 0] == -1 and picture[0, 0, 0, -1].item() == pytest.approx(
        -0.4, abs=0.01
    )


def test_photos_are_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 30)).save(tmp_path / "phone.jpg", exif=exif)
    assert read_picture(tmp_path / "phone.jpg", 20).shape == (1, 3, 20, 10)


@pytest.mark.parametrize("name", ["a.png", "a.PNG", "a.bmp", "a.jpg", "a.jpeg", "a.webp"])
def test_written_and_read_again(tmp_path, name):
    image = torch.linspace(-1, 1, 32).expand(1, 3, 32, 32)
    write_picture(image * 1.01, tmp_path / name)  # clipped
    assert [f.name for f in tmp_path.iterdir()] == [name]
    exact = name.lower().endswith(("png", "bmp"))
    image, tolerance = (image * 1.01).clamp(-1, 1), 1 / 255 if exact else 0.06
    torch.testing.assert_close(read_picture(tmp_path / name, 32), image, atol=tolerance, rtol=0)


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "a.png"
    write_picture(torch.ones(1, 3, 4, 4), file)

    def full(self, path, *arguments, **options):
        path.write_bytes(b"half a pict")
        raise OSError("No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(OSError, match="No space left"):
        write_picture(torch.zeros(1, 3, 4, 4), file)
    assert list(tmp_path.iterdir()) == [file]
    assert np.asarray(Image.open(file)).min() == 255


def test_pictures_that_cannot_be_read(tmp_path, wide, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*none\.png\."):
        read_picture(tmp_path / "none.png", 20)
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_picture(tmp_path, 20)
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ValueError, match=r"text\.png cannot be read as an image"):
        read_picture(tmp_path / "text.png", 20)
    Image.new("RGB", (300, 2)).save(tmp_path / "thin.png")
    with pytest.raises(ValueError, match=r"thin\.png is too narrow: it would become 0 x 20 pixels"):
        read_picture(tmp_path / "thin.png", 20)

    def bomb(path):
        raise Image.DecompressionBombError("Image size exceeds limit")

    monkeypatch.setattr(pictures, "read_image", bomb)
    with pytest.raises(ValueError, match=r"wide\.png cannot be read as an image: Image size"):
        read_picture(wide, 20)


def test_files_that_cannot_be_written(tmp_path):
    assert check_writable(tmp_path / "a.JPG") == "JPEG"
    for name in ("a.gif", "a", "a.png.txt"):
        with pytest.raises(ValueError, match=r"must end in one of \.png, \.jpg"):
            check_writable(tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"There is no folder .*missing to write a\.png to"):
        check_writable(tmp_path / "missing" / "a.png")
    with pytest.raises(IsADirectoryError, match=r"is a folder; name a file, such as .*out\.png"):
        check_writable(tmp_path)
