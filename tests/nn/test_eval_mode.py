"""ganbook.nn.eval_mode: eval inside, the mode from before afterwards."""

import pytest
from torch import nn

from ganbook.nn.eval_mode import eval_mode


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_comes_back_also_after_an_error(training):
    network = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2)).train(training)
    with eval_mode(network):
        assert not any(module.training for module in network.modules())
    assert all(module.training == training for module in network.modules())

    with pytest.raises(RuntimeError, match="stop"), eval_mode(network):
        raise RuntimeError("stop")
    assert all(module.training == training for module in network.modules())
