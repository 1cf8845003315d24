"""ganbook.export.formats: what comes back from each file is the network."""

import builtins
import json

import onnxruntime
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

from ganbook.export.formats import MISSING, write_onnx, write_program, write_safetensors
from ganbook.export.generator import Generator, load_generator
from ganbook.gans import cyclegan
from ganbook.models.dcgan import DCGANGenerator
from tests.export.test_generator import CASES, saved


@pytest.fixture(params=CASES)
def generator(request, tmp_path):
    gan, config, _ = CASES[request.param]
    saved(gan, config, tmp_path / "x.pt")
    return load_generator(tmp_path / "x.pt", "a-to-b" if gan is cyclegan else None)


def test_safetensors_fit_the_networks_of_the_package(tmp_path):
    gan, config, _ = CASES["dcgan"]
    state = saved(gan, config, tmp_path / "x.pt")
    assert write_safetensors(load_generator(tmp_path / "x.pt"), tmp_path / "g.safetensors") == 0
    network = DCGANGenerator(4, 3, 16, 4)
    network.load_state_dict(load_file(tmp_path / "g.safetensors"))
    torch.testing.assert_close(network.state_dict(), state.generator.state_dict(), rtol=0, atol=0)
    with safe_open(tmp_path / "g.safetensors", "pt") as file:
        config = json.loads(file.metadata()["config"])
    assert config["class"] == "ganbook.gans.dcgan.Config" and config["width"] == "4"


def test_weights_stored_with_channels_last(tmp_path):
    network = nn.Conv2d(4, 4, 3).to(memory_format=torch.channels_last)
    generator = Generator(network, {}, {})
    assert write_safetensors(generator, tmp_path / "g.safetensors") == 0


def test_programs_run_alone_at_any_batch_size(generator, tmp_path):
    assert write_program(generator, tmp_path / "g.pt2") < 1e-6
    module = torch.export.load(tmp_path / "g.pt2").module()
    inputs = [value[[0, 1, 0]] for value in generator.inputs.values()]
    torch.testing.assert_close(module(*inputs), generator.network(*inputs))


def test_onnx_agrees_to_1e_5_at_any_batch_size(generator, tmp_path):
    assert write_onnx(generator, tmp_path / "g.onnx") < 1e-5
    session = onnxruntime.InferenceSession(str(tmp_path / "g.onnx"))
    assert [value.name for value in session.get_inputs()] == list(generator.inputs)
    assert [value.shape[0] for value in session.get_inputs()] == ["batch"] * len(generator.inputs)
    inputs = {name: value[[1, 0, 1]] for name, value in generator.inputs.items()}
    images = session.run(["outputs"], {name: value.numpy() for name, value in inputs.items()})[0]
    wanted = generator.network(*inputs.values())
    torch.testing.assert_close(torch.from_numpy(images), wanted, rtol=0, atol=1e-5)


@pytest.mark.parametrize("package", ["onnx", "onnxscript", "onnxruntime"])
def test_without_the_packages_the_message_has_the_command(package, tmp_path, monkeypatch):
    original = builtins.__import__

    def without(name, *arguments, **options):
        if name == package:
            raise ModuleNotFoundError(name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'ganbook\[onnx\]'") as e:
        write_onnx(Generator(nn.Identity(), {}, {}), tmp_path / "g.onnx")
    assert str(e.value) == MISSING and list(tmp_path.iterdir()) == []
