"""Inception-v3 as FID is defined with it: TensorFlow's network of 2015, through torch-fidelity."""

import hashlib
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor, nn

from ganbook.data.transforms import check_images, to_uint8

SHA256_START = "6726825d"  # in the file's name, as torch.hub writes checksums


class Inception(nn.Module):
    """Map images ``(N, 3, H, W)`` in [-1, 1] to features ``(N, 2048)`` and logits ``(N, 1008)``.

    Images are rounded to 0..255 and resized to 299 x 299 as TensorFlow did, both as torch-fidelity
    does, so that the Fréchet distance of the features is "FID" and comparable with others'. The
    logits lack the last layer's bias, as in the code of Salimans et al. (2016), which all reported
    Inception Scores share.

    Args:
        network: torch-fidelity's ``FeatureExtractorInceptionV3`` for 2048 and logits_unbiased.

    Raises:
        ValueError: (on a call) values outside [-1, 1], or other than three channels.
    """

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        check_images(images, "images", channels=3)
        return self.network(to_uint8(images))


def load_inception(file: str | Path | None = None) -> Inception:
    """Return Inception-v3 in eval mode and frozen.

    Args:
        file: its weights in torch-fidelity's layout (96 MB); None downloads them once from
            torch-fidelity's releases, to torch.hub's folder.

    Raises:
        ModuleNotFoundError: torch-fidelity is missing.
        RuntimeError: the download failed.
        FileNotFoundError: no such file.
        ValueError: the file does not hold these weights, or the download has another checksum.
    """
    try:
        from torch_fidelity import feature_extractor_inceptionv3 as fidelity
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "Inception-v3 needs torch-fidelity. Run: pip install 'ganbook[metrics]'"
        ) from error
    file = _download(fidelity.URL_INCEPTION_V3) if file is None else Path(file)
    if not file.is_file():
        raise FileNotFoundError(f"There is no file {file}.")
    try:
        torch.load(file, weights_only=True)  # torch-fidelity itself would unpickle anything
        network = fidelity.FeatureExtractorInceptionV3(
            "inception-v3-compat", ["2048", "logits_unbiased"], str(file)
        )
    except (RuntimeError, UnpicklingError, EOFError, TypeError, AttributeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ValueError(f"{file} does not hold the weights of Inception-v3: {reason}") from error
    return Inception(network).eval().requires_grad_(False)


def _download(url: str) -> Path:
    file = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[1]
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(url, str(file), progress=False)
        except OSError as error:
            raise RuntimeError(
                f"Inception-v3's weights could not be downloaded from {url} ({error}); without a "
                "network, measure in the features of VGG-16 or of the digit classifier."
            ) from error
    if not hashlib.sha256(file.read_bytes()).hexdigest().startswith(SHA256_START):
        raise ValueError(f"{file} is damaged: another checksum than {SHA256_START}…; delete it.")
    return file
