"""ganbook.data.stream: each item once an epoch, in an order that can be resumed."""

import itertools

import pytest
import torch
from torch.utils.data import Dataset, TensorDataset

from ganbook.data.stream import BatchStream

ITEMS = torch.arange(10)


class Items(Dataset):
    """The same items as a data set that is not in memory."""

    def __init__(self, as_tuple=True):
        self.as_tuple = as_tuple

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return (ITEMS[index], int(ITEMS[index])) if self.as_tuple else ITEMS[index]


IN_MEMORY = TensorDataset(ITEMS, ITEMS)


def take(stream, n):
    return [batch[0].tolist() for batch in itertools.islice(stream, n)]


@pytest.mark.parametrize("dataset", [IN_MEMORY, Items()], ids=["memory", "loader"])
def test_an_epoch_covers_each_item_once(dataset):
    stream = BatchStream(dataset, 5)
    assert len(stream) == 2
    epochs = [sum(take(stream, 2), []) for _ in range(3)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]  # each in a new order
    assert epochs[0] != list(range(10))


@pytest.mark.parametrize("dataset", [IN_MEMORY, Items()], ids=["memory", "loader"])
def test_the_incomplete_last_batch_is_dropped(dataset):
    stream = BatchStream(dataset, 4)
    assert len(stream) == 2
    for _ in range(4):
        epoch = take(stream, 2)
        assert [len(batch) for batch in epoch] == [4, 4]
        assert len(set(sum(epoch, []))) == 8


def test_over_epochs_every_item_comes_even_if_each_drops_some():
    assert set(sum(take(BatchStream(IN_MEMORY, 4), 40), [])) == set(range(10))


def test_the_order_depends_on_seed_and_epoch_only():
    first = take(BatchStream(IN_MEMORY, 5, seed=1), 8)
    torch.manual_seed(99)
    assert take(BatchStream(IN_MEMORY, 5, seed=1), 8) == first
    assert take(BatchStream(IN_MEMORY, 5, seed=2), 8) != first
    # The same epoch in batches of another size is the same order.
    assert sum(take(BatchStream(IN_MEMORY, 2, seed=1), 5), []) == sum(first[:2], [])


@pytest.mark.parametrize("num_workers", [0, 2])
def test_the_loader_gives_the_order_of_the_data_in_memory(num_workers):
    expected = take(BatchStream(IN_MEMORY, 3, seed=4), 7)
    loaded = BatchStream(Items(), 3, seed=4, num_workers=num_workers)
    batches = list(itertools.islice(loaded, 7))
    assert [batch[0].tolist() for batch in batches] == expected
    assert all(isinstance(batch, tuple) and len(batch) == 2 for batch in batches)
    assert all(torch.equal(*batch) for batch in batches)


@pytest.mark.parametrize("dataset", [IN_MEMORY, Items()], ids=["memory", "loader"])
@pytest.mark.parametrize("stop", range(8))
def test_a_resumed_stream_continues_with_the_next_batch(dataset, stop):
    whole = take(BatchStream(dataset, 3, seed=7), 10)
    stopped = BatchStream(dataset, 3, seed=7)
    assert take(stopped, stop) == whole[:stop]
    resumed = BatchStream(dataset, 3, seed=1234)
    take(resumed, 2)
    resumed.load_state_dict(stopped.state_dict())
    assert take(resumed, 10 - stop) == whole[stop:]


def test_workers_that_load_ahead_do_not_change_where_a_resume_continues():
    whole = take(BatchStream(IN_MEMORY, 2, seed=3), 6)
    stopped = BatchStream(Items(), 2, seed=3, num_workers=2)
    take(stopped, 2)
    resumed = BatchStream(Items(), 2, num_workers=2)
    resumed.load_state_dict(stopped.state_dict())
    assert take(resumed, 4) == whole[2:]


@pytest.mark.parametrize("dataset", [IN_MEMORY, Items()], ids=["memory", "loader"])
@pytest.mark.parametrize("num_workers", [0, 2])
def test_the_global_generator_is_left_alone(dataset, num_workers):
    before = torch.get_rng_state()
    take(BatchStream(dataset, 5, num_workers=num_workers), 3)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_data_set_of_bare_tensors_gives_tuples_of_one():
    (batch,) = next(BatchStream(Items(as_tuple=False), 5, seed=1))
    assert batch.tolist() == take(BatchStream(IN_MEMORY, 5, seed=1), 1)[0]


def test_bad_input():
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        BatchStream(IN_MEMORY, 0)
    with pytest.raises(ValueError, match="has 10 items, fewer than one batch of 11"):
        BatchStream(IN_MEMORY, 11)
    state = BatchStream(IN_MEMORY, 5).state_dict()
    with pytest.raises(ValueError, match="saved stream has batch_size = 5, this one 2"):
        BatchStream(IN_MEMORY, 2).load_state_dict(state)
    smaller = BatchStream(TensorDataset(ITEMS[:8]), 5)
    with pytest.raises(ValueError, match="saved stream has items = 10, this one 8"):
        smaller.load_state_dict(state)


@pytest.mark.parametrize("dataset", [IN_MEMORY, Items()], ids=["memory", "loader"])
def test_the_shares_of_all_processes_make_the_batches_of_one(dataset):
    whole = take(BatchStream(dataset, 4, seed=3), 5)
    shares = [take(BatchStream(dataset, 4, seed=3, share=(k, 2)), 5) for k in (0, 1)]
    assert [first + second for first, second in zip(*shares)] == whole
    stream = BatchStream(dataset, 4, seed=3, share=(1, 2))
    take(stream, 3)
    other = BatchStream(dataset, 4, share=(1, 2))
    other.load_state_dict(stream.state_dict())
    assert take(other, 2) == shares[1][3:]


def test_a_batch_that_cannot_be_shared():
    with pytest.raises(ValueError, match="batch_size is 5; it must be a multiple of the 2 proc"):
        BatchStream(IN_MEMORY, 5, share=(0, 2))
