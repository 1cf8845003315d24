"""What chapter 11's part on medicine builds by hand equals ganbook's."""

from pathlib import Path

import pytest

from ganbook.data import contrasts
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "11_applications.ipynb"


@pytest.fixture(scope="module")
def chapter():
    return from_notebook(NOTEBOOK, ["spin_echo"])


@pytest.mark.parametrize("name", ["FLUID", "GREY", "WHITE", "LESION"])
@pytest.mark.parametrize(("repetition", "echo"), [(600, 15), (3000, 100), (2500.5, 80.25)])
def test_the_spin_echo_is_the_packages(chapter, name, repetition, echo):
    tissue = getattr(contrasts, name)
    by_hand = chapter.spin_echo(tissue.density, tissue.t1, tissue.t2, repetition, echo)
    assert by_hand == contrasts.spin_echo(tissue, repetition, echo)
