"""ganbook.training.image_buffer: half old, half new, and the ages that theory gives."""

import math

import pytest
import torch

from ganbook.training.image_buffer import ImageBuffer


def numbered(*numbers):
    """Return one small image for each number, filled with it."""
    return torch.tensor(numbers, dtype=torch.float32).view(-1, 1, 1, 1).expand(-1, 1, 2, 2).clone()


def numbers_of(images):
    assert (images == images[:, :1, :1, :1]).all()  # each image is whole, not mixed of two
    return images[:, 0, 0, 0].int().tolist()


def run(buffer, first, last, batch=1):
    """Query images ``first`` .. ``last - 1`` in batches; return the numbers that came back."""
    torch.manual_seed(first)
    batches = torch.arange(first, last).split(batch)
    return sum((numbers_of(buffer.query(numbered(*part.tolist()))) for part in batches), [])


def test_until_it_is_full_the_images_come_back_as_they_are():
    buffer = ImageBuffer(6)
    assert run(buffer, 0, 6, batch=4) == list(range(6))  # the second batch is smaller
    assert len(buffer) == 6
    assert sorted(numbers_of(buffer.state_dict()["images"])) == list(range(6))


def test_a_batch_larger_than_the_room_left_is_handled_image_by_image():
    torch.manual_seed(0)
    buffer = ImageBuffer(3)
    back = numbers_of(buffer.query(numbered(*range(20))))
    assert back[:3] == [0, 1, 2]
    assert len(buffer) == 3
    # Each place has its own image or an older one, and nothing is lost or doubled.
    assert all(number <= place for place, number in enumerate(back))
    assert sorted(back[3:] + numbers_of(buffer.state_dict()["images"])) == list(range(20))


def test_half_of_what_comes_back_is_old():
    buffer, n = ImageBuffer(50), 4000
    run(buffer, 0, 50)
    back = run(buffer, 50, 50 + n)
    old = sum(number != place for place, number in enumerate(back, start=50))
    # Binomial(n, 1/2): five standard deviations around n / 2, on both sides.
    assert abs(old - n / 2) < 5 * math.sqrt(n / 4)


def test_ages_are_geometric_with_mean_twice_the_size():
    """A stored image leaves in a step with probability p = 1/2 · 1/size, whatever its age.

    So the age of an old image that comes back is geometric on 1, 2, 3, ... with mean 1/p = 2 size
    and variance (1 - p) / p². For size 50, p = 1/100: mean 100 steps.
    """
    size, n = 50, 10_000
    buffer, p = ImageBuffer(size), 1 / (2 * size)
    run(buffer, 0, size)
    back = run(buffer, size, size + n)
    ages = [place - number for place, number in enumerate(back, start=size) if number < place]
    # The first images were stored while the buffer filled, the last are still in it: leave out the
    # start (their ages are not yet those of a long run).
    ages = torch.tensor(ages[len(ages) // 10 :], dtype=torch.float64)
    assert ages.min() >= 1
    error = math.sqrt((1 - p) / p**2 / len(ages))
    assert abs(ages.mean().item() - 1 / p) < 5 * error
    for age in (20, 100, 300):  # P(age > a) = (1 - p)^a, a whole curve and not just its mean
        expected = (1 - p) ** age
        share = (ages > age).double().mean().item()
        assert abs(share - expected) < 5 * math.sqrt(expected * (1 - expected) / len(ages))


def test_every_slot_is_used_evenly():
    size, n = 5, 5000
    buffer = ImageBuffer(size)
    run(buffer, 0, size)
    changed = torch.zeros(size)
    before = buffer.images.clone()
    torch.manual_seed(1)
    for number in range(size, size + n):
        buffer.query(numbered(number))
        changed += (buffer.images != before).flatten(1).any(dim=1)
        before = buffer.images.clone()
    expected = n / 2 / size
    assert (changed - expected).abs().max() < 5 * math.sqrt(expected)


def test_size_zero_returns_the_images_and_draws_nothing():
    buffer = ImageBuffer(0)
    before = torch.get_rng_state()
    for _ in range(3):
        images = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(1))
        assert torch.equal(buffer.query(images), images)
    assert torch.equal(torch.get_rng_state(), before)
    assert len(buffer) == 0


def test_the_draws_come_from_the_global_generator():
    first, second = ImageBuffer(4), ImageBuffer(4)
    assert run(first, 0, 40) == run(second, 0, 40)
    torch.manual_seed(7)  # another state of the generator, another mixture
    assert numbers_of(first.query(numbered(*range(40, 80)))) != numbers_of(
        second.query(numbered(*range(40, 80)))
    )


def test_what_comes_back_is_detached_and_of_the_same_kind():
    images = torch.randn(3, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    back = ImageBuffer(2).query(images * 2)
    assert not back.requires_grad
    assert back.dtype == images.dtype and back.shape == images.shape
    assert torch.equal(back[:2], (images * 2)[:2])


def test_nothing_outside_is_shared_with_the_buffer():
    torch.manual_seed(0)
    buffer = ImageBuffer(2)
    images = numbered(1, 2)
    back = buffer.query(images)
    images.fill_(-1)
    back.fill_(-2)
    state = buffer.state_dict()
    state["images"].fill_(-3)
    assert numbers_of(buffer.state_dict()["images"]) == [1, 2]
    seen = set()
    for number in range(3, 40):
        new = numbered(number)
        back = buffer.query(new)
        seen |= set(numbers_of(back))
        new.fill_(-1)
        back.fill_(-2)
    assert min(seen) >= 1
    loaded = ImageBuffer(2)
    state = {"size": 2, "images": numbered(5, 6)}
    loaded.load_state_dict(state)
    state["images"].fill_(-3)
    assert numbers_of(loaded.state_dict()["images"]) == [5, 6]


@pytest.mark.parametrize("stored", [0, 3, 8, 30])  # empty, half full, full, in use
def test_a_resumed_buffer_continues_to_the_bit(stored, tmp_path):
    whole = ImageBuffer(8)
    run(whole, 0, stored)
    torch.save(whole.state_dict(), tmp_path / "buffer.pt")
    resumed = ImageBuffer(8)
    run(resumed, 100, 105)  # what was in it before is gone
    resumed.load_state_dict(torch.load(tmp_path / "buffer.pt", weights_only=True))
    assert len(resumed) == len(whole) == min(stored, 8)
    assert run(resumed, 200, 260, batch=7) == run(whole, 200, 260, batch=7)
    saved, again = whole.state_dict(), resumed.state_dict()
    assert saved["size"] == again["size"] and torch.equal(saved["images"], again["images"])


def test_bad_input():
    with pytest.raises(ValueError, match="size must not be negative, got -1"):
        ImageBuffer(-1)
    with pytest.raises(TypeError, match="size must be an int, got float"):
        ImageBuffer(5.0)
    buffer = ImageBuffer(5)
    with pytest.raises(ValueError, match=r"images must have shape \(N, C, H, W\), got \(3, 8, 8\)"):
        buffer.query(torch.zeros(3, 8, 8))
    buffer.query(torch.zeros(2, 3, 8, 8))
    with pytest.raises(ValueError, match=r"holds images \(3, 8, 8\), the batch has \(3, 16, 16\)"):
        buffer.query(torch.zeros(2, 3, 16, 16))
    with pytest.raises(ValueError, match="saved buffer has size = 5, this one 4"):
        ImageBuffer(4).load_state_dict(buffer.state_dict())
    with pytest.raises(ValueError, match="holds 6 images, more than 5"):
        buffer.load_state_dict({"size": 5, "images": torch.zeros(6, 3, 8, 8)})
    assert len(buffer) == 2  # a refused state changes nothing


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_images_follow_the_device_of_the_batch():
    buffer = ImageBuffer(2)
    buffer.load_state_dict({"size": 2, "images": numbered(1, 2)})
    assert buffer.query(numbered(3).cuda()).is_cuda
