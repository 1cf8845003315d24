"""ganbook.data.unpaired: two domains, each seen whole and in its own order."""

import itertools

import pytest
import torch
from torch.utils.data import Dataset, TensorDataset

from ganbook.data.stream import BatchStream
from ganbook.data.unpaired import UnpairedStream


def images(n, channels=1, size=2, start=0):
    return torch.arange(start, start + n).float().view(-1, 1, 1, 1).expand(-1, channels, size, size)


class FromDisk(Dataset):
    """Bare tensors, not in memory."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return images(self.n)[index]


A, B = TensorDataset(images(6)), TensorDataset(images(15, start=100), torch.arange(15))


def take(stream, n):
    return [
        (a[:, 0, 0, 0].int().tolist(), b[:, 0, 0, 0].int().tolist())
        for a, b in itertools.islice(stream, n)
    ]


def test_batches_are_a_pair_of_image_tensors():
    a, b = next(UnpairedStream(A, B, 3))
    assert a.shape == b.shape == (3, 1, 2, 2)
    assert (a < 6).all() and (b >= 100).all()


def test_both_domains_are_seen_whole_each_in_its_own_epochs():
    stream = UnpairedStream(A, B, 3)
    assert len(stream) == 5  # the larger domain's batches; zip would end after 2
    batches = take(stream, 10)
    seen_a = sum((a for a, _ in batches), [])
    seen_b = sum((b for _, b in batches), [])
    for epoch in range(5):
        assert sorted(seen_a[6 * epoch : 6 * epoch + 6]) == list(range(6))
    for epoch in range(2):
        assert sorted(seen_b[15 * epoch : 15 * epoch + 15]) == list(range(100, 115))
    # Which images meet changes from epoch to epoch.
    assert seen_a[:6] != seen_a[6:12] and seen_b[:15] != seen_b[15:]


def test_corresponding_data_sets_are_not_paired():
    stream = UnpairedStream(TensorDataset(images(100)), TensorDataset(images(100)), 10)
    batches = take(stream, 10)
    a, b = sum((a for a, _ in batches), []), sum((b for _, b in batches), [])
    assert sum(x == y for x, y in zip(a, b)) < 10  # one in a hundred by chance


def test_the_order_is_that_of_two_batch_streams():
    batches = take(UnpairedStream(A, B, 3, seed=4), 7)
    a, b = BatchStream(A, 3, seed=8), BatchStream(B, 3, seed=9)
    for got_a, got_b in batches:
        assert next(a)[0][:, 0, 0, 0].int().tolist() == got_a
        assert next(b)[0][:, 0, 0, 0].int().tolist() == got_b
    assert take(UnpairedStream(A, B, 3, seed=5), 7) != batches


@pytest.mark.parametrize("stop", range(7))
def test_a_resumed_stream_continues_with_the_next_batches(stop):
    whole = take(UnpairedStream(A, B, 3, seed=1), 9)
    stopped = UnpairedStream(A, B, 3, seed=1)
    take(stopped, stop)
    resumed = UnpairedStream(A, B, 3, seed=99)
    take(resumed, 2)
    resumed.load_state_dict(stopped.state_dict())
    assert take(resumed, 9 - stop) == whole[stop:]


def test_data_sets_of_bare_tensors_and_with_workers():
    inside = take(UnpairedStream(TensorDataset(images(8)), FromDisk(5), 2), 6)
    assert take(UnpairedStream(FromDisk(8), FromDisk(5), 2), 6) == inside
    assert take(UnpairedStream(FromDisk(8), FromDisk(5), 2, num_workers=1), 3) == inside[:3]


def test_it_goes_through_a_checkpoint(tmp_path):
    stream = UnpairedStream(A, B, 3)
    take(stream, 3)
    torch.save(stream.state_dict(), tmp_path / "stream.pt")
    resumed = UnpairedStream(A, B, 3)
    resumed.load_state_dict(torch.load(tmp_path / "stream.pt", weights_only=True))
    assert take(resumed, 4) == take(stream, 4)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (TensorDataset(images(0)), B, "Domain A is empty"),
        (A, TensorDataset(images(0)), "Domain B is empty"),
        (TensorDataset(images(2)), B, "Domain A has 2 images, fewer than one batch of 3"),
        (A, TensorDataset(images(1)), "Domain B has 1 images, fewer than one batch of 3"),
        (A, TensorDataset(images(9, channels=3)), r"A has \(1, 2, 2\), domain B has \(3, 2, 2\)"),
        (TensorDataset(images(9, size=4)), B, r"A has \(1, 4, 4\), domain B has \(1, 2, 2\)"),
    ],
)
def test_domains_that_do_not_fit(a, b, message):
    with pytest.raises(ValueError, match=message):
        UnpairedStream(a, b, 3)


def test_bad_input():
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        UnpairedStream(A, B, 0)
    stream = UnpairedStream(A, B, 3)
    take(stream, 1)
    before = stream.state_dict()
    with pytest.raises(ValueError, match=r"Domain A: .* batch_size = 2, this one 3"):
        stream.load_state_dict(UnpairedStream(A, B, 2).state_dict())
    other = UnpairedStream(A, TensorDataset(images(9)), 3)
    take(other, 2)
    with pytest.raises(ValueError, match=r"Domain B: .* items = 9, this one 15"):
        stream.load_state_dict(other.state_dict())
    with pytest.raises(ValueError, match="not two domains a and b"):
        stream.load_state_dict(BatchStream(A, 3).state_dict())
    assert stream.state_dict() == before


def test_the_shares_of_two_processes_make_the_batches_of_one():
    whole = next(UnpairedStream(A, B, 2, seed=1))
    shares = [next(UnpairedStream(A, B, 2, seed=1, share=(k, 2))) for k in (0, 1)]
    for domain in (0, 1):
        joined = torch.cat([share[domain] for share in shares])
        torch.testing.assert_close(joined, whole[domain], rtol=0, atol=0)
