"""ganbook.train.run_folder: one run a folder."""

import pytest

from ganbook.train.run_folder import RunFolder

SETTINGS = {"gan": "dcgan", "config": {"width": 4, "shape": (1, 2)}, "seed": 0}


@pytest.fixture
def folder(tmp_path):
    folder = RunFolder(tmp_path / "a" / "run")
    folder.check(SETTINGS)
    folder.write(SETTINGS, {"steps": 5})
    return folder


def test_the_same_settings_may_continue(folder):
    assert [path.name for path in folder.path.iterdir()] == ["config.json"]
    again = RunFolder(str(folder.path))
    again.check({**SETTINGS, "config": {"shape": [1, 2], "width": 4}})  # JSON has no tuples
    again.write(SETTINGS, {"steps": 9})
    assert '"steps": 9' in folder.config.read_text()


def test_other_settings_are_named(folder):
    other = {"gan": "lsgan", "config": {"width": 8, "shape": (1, 2)}, "seed": 0, "new": 1}
    pattern = r"holds a run with other settings \(config\.width: 4 there, 8 here; gan: dcgan "
    with pytest.raises(ValueError, match=pattern + r"there, lsgan here; new: absent there, 1 here"):
        folder.check(other)


def test_a_folder_of_something_else(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ValueError, match=r"holds files that are no run of ganbook\.train"):
        RunFolder(tmp_path).check(SETTINGS)
    with pytest.raises(NotADirectoryError, match=r"thesis\.tex is a file; --output must name"):
        RunFolder(tmp_path / "thesis.tex")
    (tmp_path / "empty").mkdir()
    RunFolder(tmp_path / "empty").check(SETTINGS)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "{"])
def test_a_config_that_is_none(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ValueError, match=r"config\.json is not the config of a run"):
        RunFolder(tmp_path).check(SETTINGS)
