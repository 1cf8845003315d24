"""ganbook.training.history."""

import pytest
import torch

from ganbook.training.history import History


def test_what_goes_in_comes_out_as_floats():
    history = History()
    assert len(history) == 0 and history.names == []
    for value in (1.0, 2.5):
        history.append({"a": torch.tensor(value), "b": torch.tensor(-value)})
    assert len(history) == 2 and history.names == ["a", "b"]
    assert history["a"] == [1.0, 2.5] and history["b"] == [-1.0, -2.5]


def test_values_are_detached():
    history = History()
    weight = torch.ones((), requires_grad=True)
    history.append({"a": weight * 2})
    assert not history.state_dict()["a"].requires_grad


def test_a_loaded_history_continues():
    history = History()
    history.append({"a": torch.tensor(1.0)})
    copy = History()
    copy.append({"other": torch.tensor(0.0)})
    copy.load_state_dict(history.state_dict())
    copy.append({"a": torch.tensor(2.0)})
    assert copy["a"] == [1.0, 2.0] and history["a"] == [1.0]
    empty = History()
    empty.load_state_dict(History().state_dict())
    assert len(empty) == 0


def test_bad_input():
    history = History()
    with pytest.raises(KeyError, match="No metric 'a'; recorded are none"):
        history["a"]
    history.append({"a": torch.tensor(1.0), "b": torch.tensor(1.0)})
    with pytest.raises(KeyError, match="No metric 'c'; recorded are a, b"):
        history["c"]
    with pytest.raises(ValueError, match=r"Expected the metrics \['a', 'b'\], got \['a'\]"):
        history.append({"a": torch.tensor(1.0)})
