"""A file of random weights in Inception-v3's layout: the real ones are behind a download."""

import torch
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3


class Untrained(FeatureExtractorInceptionV3):
    """torch-fidelity's network, which loads its file as it is built, without loading one."""

    def load_state_dict(self, state):
        """Keep the weights as they were made."""


def save_random_weights(path):
    """Write weights (He initialization, so that features differ between images) and return path."""
    torch.save({}, path)
    state = Untrained("inception-v3-compat", ["2048"], str(path)).state_dict()
    generator = torch.Generator().manual_seed(0)
    for name, value in state.items():
        if name.endswith("conv.weight"):
            value.normal_(0, (2 / value[0].numel()) ** 0.5, generator=generator)
        elif name.startswith("fc."):
            value.normal_(0, 1, generator=generator)
    torch.save(state, path)
    return path
