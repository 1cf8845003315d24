"""ganbook.models.inception, with random weights: the real ones are behind a download."""

import hashlib
from urllib.error import URLError

import pytest
import torch
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from ganbook.data.transforms import to_model_range
from ganbook.models import inception
from ganbook.models.inception import load_inception
from tests.models.inception_weights import save_random_weights


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return save_random_weights(tmp_path_factory.mktemp("weights") / "inception.pth")


@pytest.fixture(scope="module")
def network(file):
    return load_inception(file)


def test_equal_to_torch_fidelity_on_the_same_bytes(file, network):
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (2, 3, 20, 24), generator=generator, dtype=torch.uint8)
    peer = FeatureExtractorInceptionV3("peer", ["2048", "logits_unbiased"], str(file))
    features, logits = network(to_model_range(pixels))
    assert features.shape == (2, 2048) and logits.shape == (2, 1008)
    assert all(torch.equal(a, b) for a, b in zip((features, logits), peer(pixels)))
    assert (features[0] - features[1]).abs().max() > 1e-3
    # Without the last layer's bias, as all reported Inception Scores.
    torch.testing.assert_close(logits, features @ network.network.fc.weight.T)


def test_in_eval_mode_and_frozen(network):
    assert not any(module.training for module in network.modules())
    assert not any(p.requires_grad for p in network.parameters())


def test_bad_images(network):
    with pytest.raises(ValueError, match="images must have 3 channels, got 1"):
        network(torch.zeros(1, 1, 32, 32))
    with pytest.raises(ValueError, match=r"must lie in \[-1, 1\], got values from 0 to 255"):
        network(torch.tensor([0.0, 255.0]).repeat(1, 3, 8, 4))


def test_without_a_network_one_sentence_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))

    def offline(*arguments, **options):
        raise URLError("Name or service not known")

    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    with pytest.raises(RuntimeError, match=r"could not be downloaded from https://.*VGG-16") as e:
        load_inception()
    assert "\n" not in str(e.value)


def test_the_download_is_checked_and_used_again(tmp_path, monkeypatch, file):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    asked = []

    def download(url, target, progress):
        asked.append(url)
        with open(target, "wb") as copy:
            copy.write(file.read_bytes())

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    with pytest.raises(ValueError, match=r"is damaged: another checksum than 6726825d"):
        load_inception()
    right = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    monkeypatch.setattr(inception, "SHA256_START", right)
    assert isinstance(load_inception(), inception.Inception)
    assert len(asked) == 1 and inception.SHA256_START != "6726825d" in asked[0]


def test_a_file_that_is_missing_or_holds_something_else(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*nowhere"):
        load_inception(tmp_path / "nowhere.pth")
    (tmp_path / "text.pth").write_text("not weights")
    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.pth")
    torch.save(torch.nn.Linear(2, 2), tmp_path / "pickled.pth")  # would run code when loaded
    for name in ("text", "other", "pickled"):
        with pytest.raises(ValueError, match=rf"{name}\.pth does not hold the weights of Incepti"):
            load_inception(tmp_path / f"{name}.pth")
