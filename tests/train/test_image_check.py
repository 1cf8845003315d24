"""ganbook.train.image_check: broken files are found before the run, other data are noticed."""

import pytest
from PIL import Image

from ganbook.data.folders import image_files
from ganbook.train.image_check import check_readable, fingerprint
from tests.train.pictures import noise_folder


def test_the_shortest_side(tmp_path):
    noise_folder(tmp_path, 3, (16, 20))
    Image.new("L", (30, 9)).save(tmp_path / "x.jpg")
    assert check_readable(image_files(tmp_path)) == 9


def test_broken_files_are_named_and_counted(tmp_path):
    noise_folder(tmp_path, 2)
    for i in range(6):
        (tmp_path / f"b{i}.png").write_text("no image")
    with pytest.raises(ValueError, match=r"^6 of 8 files cannot be read.*b4\.png and 1 more\. Rem"):
        check_readable(image_files(tmp_path))


def test_the_fingerprint_is_of_names_and_sizes_wherever_they_are(tmp_path):
    files = [image_files(noise_folder(tmp_path / name, 3)) for name in "ab"]
    first = fingerprint(files[0])
    assert len(first) == 12 and first == fingerprint(files[1])
    assert fingerprint(files[1][::-1]) != first  # inputs and targets exchanged
    assert fingerprint(files[0][:2]) != first
    files[1][0].rename(tmp_path / "b" / "z.png")
    assert fingerprint(image_files(tmp_path / "b")) != first
