"""ganbook.training.callbacks: each leaves what it promises."""

import builtins

import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torchvision.transforms.functional import pil_to_tensor

from ganbook.data.transforms import to_uint8
from ganbook.gans import conditional, dcgan
from ganbook.training import callbacks
from ganbook.training.callbacks import CheckpointEvery, ProgressBar, SampleGrid, TensorBoard
from ganbook.training.checkpoint import load_checkpoint
from ganbook.training.fit import fit

CONFIG = dcgan.Config(channels=1, size=16, latent_dim=4, width=4)


class Bar:
    """Stands in for tqdm and notes what it is told."""

    def __init__(self, total, **options):
        self.total, self.n, self.shown, self.closed = total, 0, [], False
        Bar.last = self

    def update(self, n):
        self.n += n

    def set_postfix(self, values):
        self.shown.append((self.n, values))

    def close(self):
        self.closed = True


def test_the_progress_bar_shows_metrics_now_and_then(tiny, batches, monkeypatch):
    monkeypatch.setattr(callbacks, "tqdm", Bar)
    fit(tiny.State(), tiny.step, batches, 7, [ProgressBar(7, every=3)])
    assert (Bar.last.total, Bar.last.n, Bar.last.closed) == (7, 7, True)
    assert [n for n, _ in Bar.last.shown] == [3, 6, 7]
    assert [values["loss"] for _, values in Bar.last.shown] == ["2.000", "5.000", "6.000"]


def test_the_progress_bar_of_a_resumed_run_starts_where_it_was(tiny, batches, monkeypatch):
    monkeypatch.setattr(callbacks, "tqdm", Bar)
    fit(tiny.State(step=10), tiny.step, batches, 12, [ProgressBar(12, every=1)])
    assert [n for n, _ in Bar.last.shown] == [11, 12]


@pytest.fixture
def gan():
    torch.manual_seed(0)
    return dcgan.build(CONFIG)


def gan_batches():
    return iter(lambda: (torch.rand(4, 1, 16, 16) * 2 - 1,), None)


def test_sample_grids_come_from_the_same_noise(gan, tmp_path):
    noise = torch.randn(6, 4)
    grids = SampleGrid(noise, every=2, columns=3, folder=tmp_path / "frames")
    expected = {}

    def remember(state, metrics):
        assert state.generator.training  # the mode is restored after the grid
        expected[state.step] = to_uint8(state.generate(noise))

    fit(gan, dcgan.step, gan_batches(), 5, [grids, remember])
    assert [step for step, _ in grids.frames] == [2, 4]
    for step, grid in grids.frames:
        assert grid.dtype == torch.uint8 and grid.shape == (3, 2 * 17 + 1, 3 * 17 + 1)
        assert torch.equal(grid[:, 1:17, 18:34], expected[step][1].expand(3, 16, 16))
        assert torch.equal(grid[:, 18:34, 1:17], expected[step][3].expand(3, 16, 16))
        assert (grid[:, 0] == 255).all()  # white between the images
        with Image.open(tmp_path / "frames" / f"step_{step:06d}.png") as stored:
            assert torch.equal(pil_to_tensor(stored), grid)
    assert not torch.equal(grids.frames[0][1], grids.frames[1][1])


def test_sample_grids_of_a_conditional_gan_keep_their_labels():
    config = conditional.Config(classes=(3,), channels=1, size=16, latent_dim=4, width=4)
    state = conditional.build(config)
    noise, labels = torch.randn(3, 4), torch.tensor([2, 0, 1])
    grids = SampleGrid(noise, every=1, labels=labels)
    grids(state, {})
    expected = to_uint8(state.generate(noise, labels))
    assert torch.equal(grids.frames[0][1][:, 1:17, 18:34], expected[1].expand(3, 16, 16))


def test_sample_grids_change_nothing_in_the_run(gan):
    torch.manual_seed(1)
    fit(gan, dcgan.step, gan_batches(), 3, [SampleGrid(torch.randn(2, 4), every=1)])
    torch.manual_seed(0)
    other = dcgan.build(CONFIG)
    torch.manual_seed(1)
    torch.randn(2, 4)
    fit(other, dcgan.step, gan_batches(), 3)
    exact = {"rtol": 0, "atol": 0}
    torch.testing.assert_close(gan.generator.state_dict(), other.generator.state_dict(), **exact)


def test_tensorboards_file_holds_the_metrics(tiny, batches, tmp_path):
    fit(tiny.State(), tiny.step, batches, 7, [TensorBoard(tmp_path / "runs", every=3)])
    events = EventAccumulator(str(tmp_path / "runs")).Reload()
    assert events.Tags()["scalars"] == ["loss", "noise"]
    assert [(e.step, e.value) for e in events.Scalars("loss")] == [(3, 2.0), (6, 5.0)]


def test_a_missing_tensorboard_is_named(tmp_path, monkeypatch):
    original = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith(("tensorboard", "torch.utils.tensorboard")):
            raise ModuleNotFoundError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'ganbook\[tensorboard\]'"):
        TensorBoard(tmp_path).__enter__()


def test_checkpoints_come_every_n_steps_and_at_the_end(tiny, batches, tmp_path, monkeypatch):
    saved = []
    original = callbacks.save_checkpoint

    def spy(path, state, batches):
        saved.append(state.step)
        original(path, state, batches)

    monkeypatch.setattr(callbacks, "save_checkpoint", spy)
    path = tmp_path / "x.pt"
    fit(tiny.State(), tiny.step, batches, 7, [CheckpointEvery(path, 3)])
    assert saved == [3, 6, 7]
    assert load_checkpoint(path, tiny.State()).step == 7
    saved.clear()
    fit(tiny.State(), tiny.step, batches, 6, [CheckpointEvery(path, 3)])
    assert saved == [3, 6]  # the end is not saved twice


def test_a_checkpoint_carries_the_batches(gan, tmp_path):
    from torch.utils.data import TensorDataset

    from ganbook.data.stream import BatchStream

    def stream():
        return BatchStream(TensorDataset(torch.zeros(8, 1, 16, 16)), 4)

    batches = stream()
    fit(gan, dcgan.step, batches, 3, [CheckpointEvery(tmp_path / "x.pt", 100, batches)])
    resumed = stream()
    load_checkpoint(tmp_path / "x.pt", dcgan.build(CONFIG), resumed)
    assert resumed.state_dict() == batches.state_dict()
    assert (resumed.epoch, resumed.position) == (1, 1)


def test_after_an_error_nothing_is_saved(tiny, batches, tmp_path):
    def failing(state, metrics):
        if state.step == 5:
            raise RuntimeError("in a callback")

    path = tmp_path / "x.pt"
    with pytest.raises(RuntimeError, match="in a callback"):
        fit(tiny.State(), tiny.step, batches, 9, [CheckpointEvery(path, 2), failing])
    assert load_checkpoint(path, tiny.State()).step == 4


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda n: ProgressBar(10, every=n), "every"),
        (lambda n: ProgressBar(n), "steps"),
        (lambda n: SampleGrid(torch.zeros(1, 4), every=n), "every"),
        (lambda n: TensorBoard("runs", every=n), "every"),
        (lambda n: CheckpointEvery("x.pt", every=n), "every"),
    ],
)
def test_intervals_below_one_are_refused(make, name):
    for n in (0, -2):
        with pytest.raises(ValueError, match=f"{name} must be at least 1, got {n}"):
            make(n)
