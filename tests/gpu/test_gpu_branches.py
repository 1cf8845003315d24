"""The gpu profile of each notebook runs through on the CPU, with small stand-ins for its data.

It shows that the branch is sound: names, shapes, loaders, downloads. It shows nothing about CUDA,
about the sizes of the gpu profile, or about its claims.
"""

import nbformat
import pytest

from tests.gpu.rewrite import gpu_in_small
from tools.execute import all_notebooks, output_text, run

# What a chapter's gpu branch must have downloaded; a chapter without an entry downloads nothing.
ASKED = {
    "01": {"MNIST"},
    "02": {"MNIST"},
    "03": {"MNIST"},
    "04": {"MNIST", "cifar-10-python.tar.gz"},
    "05": {"MNIST"},
    "06": {"MNIST", "img_align_celeba.zip"},
    "07": {"facades.tar.gz"},
    "08": {"horse2zebra.zip"},
    "10": {"MNIST", "cifar-10-python.tar.gz"},
    "11": {"102flowers.tgz"},
}


@pytest.mark.parametrize("path", all_notebooks(), ids=lambda path: path.stem)
def test_it_runs(path, archives, first, tmp_path):
    notebook, own = gpu_in_small(nbformat.read(path, 4), first("prepare"))
    if not own:
        pytest.skip("gpu differs in sizes only; tests/colab runs the same cells")
    nbformat.write(notebook, tmp_path / path.name)
    before = len(archives.asked)
    executed, seconds = run(tmp_path / path.name, "smoke")
    print(f"{path.name}: {seconds:.1f} s")
    asked = {name.partition("/")[0] for _, name, _ in archives.asked[before:]} - {"facts.json"}
    assert asked >= ASKED.get(path.stem[:2], set())
    text = "".join(output_text(o) for c in executed.cells for o in c.get("outputs", ()))
    assert "profile trains on no photographs" not in text
    assert "does not download" not in text
