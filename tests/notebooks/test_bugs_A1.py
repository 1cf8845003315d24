"""Each bug of the appendix has the symptom that the text describes, and its mend removes it."""

from pathlib import Path

import pytest
import torch
from torch import nn

from ganbook.data.photos import load_photo
from ganbook.losses.adversarial import nonsaturating_generator_loss
from ganbook.models.vgg import load_vgg16
from tests.notebooks.definitions import from_notebook

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "A1_bugs_in_the_wild.ipynb"
NAMES = [
    # tools
    "ring_gan",
    "digit_gan",
    "ring_batch",
    "small_digits",
    "off_ring",
    "weights_of",
    "moved",
    "message_of",
    "teach_discriminator",
    "teach_generator",
    "mended_step",
    "train",
    "learns",
    # the training step
    "detached_step",
    "frozen_and_detached",
    "digit_batch",
    "snow_batch",
    "neighbour_correlation",
    "drawn_after",
    "swapped_step",
    "verdicts",
    "gradient_lengths",
    "uncleared_step",
    "lonely_step",
    "NoForward",
    "WithForward",
    "unknown_loss",
    "unknown_device",
    "resumed",
    "rates",
    "linear_fall",
    "ever_rises",
    "late_travel",
    "old_place",
    # data and range
    "RowsAsTheyAre",
    "RowsAsTensors",
    "tenfold",
    "first_batch",
    "folder_batches",
    "numbered",
    "seen_with_zip",
    "seen_with_stream",
    "range_trained",
    "ground",
    "nearest_to_tanh",
    "out_of_reach",
    # losses
    "cross_entropy_of",
    "pull",
    "without_log",
    "first_over_last",
    "he",
    "xavier",
    "entropy_loss",
    "judged",
    "critic_loss_by_hand",
    "turning_game",
    "regress_from_noise",
    "variety",
    "SmallCoder",
    "coder_trained",
    "cycle_error",
    # networks
    "made_for_32",
    "transposed_facts",
    "shared_and_moved",
    "reached",
    "Drift",
    "classifier_losses",
    "padded_mean",
    "Block",
    "copy_error",
    "deaf_share",
    # style transfer and evaluation
    "features_by_name",
    "skipped_normalisation",
    "ask_pretrained",
    "content_kept",
    "reused_graph",
    "import_fid",
]
GIVEN = {
    "TABLE": "width,height,kind\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n",
    "IMAGENET_MEAN": (0.485, 0.456, 0.406),
    "IMAGENET_STD": (0.229, 0.224, 0.225),
    "HALF": (0.5, 0.5, 0.5),
}


@pytest.fixture(scope="module")
def bugs():
    module = from_notebook(NOTEBOOK, NAMES, **GIVEN)
    module.digits = module.small_digits()
    return module


@pytest.fixture(scope="module")
def healthy(bugs):
    """Runs of the mended step on the ring, by seed."""
    return {seed: bugs.learns(bugs.mended_step, 700, seed) for seed in (1, 2)}


# --- The training step


def test_detached_fakes_leave_the_generator_where_it_was(bugs, healthy):
    (generator, discriminator), _, _ = bugs.learns(bugs.detached_step, 30, seed=1)
    assert generator == 0 < 0.01 < discriminator
    assert healthy[1][0][0] > 0.1


def test_freezing_makes_detached_fakes_loud(bugs):
    message = bugs.message_of(lambda: bugs.frozen_and_detached(bugs.ring_gan()))
    assert message.startswith("RuntimeError: element 0 of tensors does not require grad")


def test_noise_as_data_gives_noise(bugs):
    snow = bugs.drawn_after(bugs.snow_batch, 120, seed=1)
    digits = bugs.drawn_after(bugs.digit_batch, 120, seed=1)
    snow, digits = map(bugs.neighbour_correlation, (snow, digits))
    assert snow < 0.25 and digits > snow + 0.15


@pytest.mark.parametrize("seed", [1, 2])
def test_exchanged_labels_drive_samples_away(bugs, healthy, seed):
    _, losses, swapped = bugs.learns(bugs.swapped_step, 300, seed)
    real, fake = bugs.verdicts(swapped)
    assert real < 0.1 < 0.9 < fake
    assert max(losses[-1]) < 0.05  # it looks like success
    away, near = (bugs.off_ring(state.sample(1000)) for state in (swapped, healthy[seed][2]))
    assert away > 2 * near


def test_uncleared_gradients_add_up(bugs):
    assert bugs.gradient_lengths(mended=False) == [1.0, 2.0, 3.0, 4.0]
    assert bugs.gradient_lengths(mended=True) == [1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("seed", [1, 2])
def test_uncleared_gradients_spoil_the_training(bugs, healthy, seed):
    spoiled = bugs.learns(bugs.uncleared_step, 700, seed)[2]
    away, near = (bugs.off_ring(state.sample(1000)) for state in (spoiled, healthy[seed][2]))
    assert away > 1.5 * near


@pytest.mark.parametrize("seed", [1, 2])
def test_without_a_taught_discriminator_the_loss_falls_for_nothing(bugs, healthy, seed):
    (_, discriminator), losses, lonely = bugs.learns(bugs.lonely_step, 300, seed)
    assert discriminator == 0
    assert losses[-1][1] < 0.1 * losses[0][1]
    assert bugs.off_ring(lonely.sample(1000)) > 2 * bugs.off_ring(healthy[seed][2].sample(1000))


def test_names_that_do_not_exist_fail_when_they_are_reached(bugs):
    empty = bugs.NoForward()  # no complaint yet
    assert "forward" in bugs.message_of(lambda: empty(torch.zeros(1, 2)))
    assert "binary_crossentropy" in bugs.message_of(bugs.unknown_loss)
    assert "some_device" in bugs.message_of(bugs.unknown_device)
    assert bugs.WithForward()(torch.zeros(3, 2)).shape == (3,)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_checkpoint_needs_the_optimizers(bugs, seed):
    difference, first = bugs.resumed(mended=False, seed=seed)
    assert difference > 1e-4 and first > 1.2
    assert bugs.resumed(mended=True, seed=seed) == (0.0, 1.0)


def test_what_changes_the_learning_rate(bugs):
    scheduler = torch.optim.lr_scheduler
    assert set(bugs.rates(None)) == {2e-4}  # Adam's betas do not
    stairs = bugs.rates(lambda o: scheduler.StepLR(o, step_size=30, gamma=0.5))
    waves = bugs.rates(lambda o: scheduler.CosineAnnealingWarmRestarts(o, T_0=30))
    fall = bugs.rates(bugs.linear_fall)
    assert len(set(stairs)) == 4 and not bugs.ever_rises(stairs)
    assert bugs.ever_rises(waves)
    assert not bugs.ever_rises(fall) and fall[59] == pytest.approx(2e-4)
    assert fall[90] == pytest.approx(1e-4)


def test_without_decay_the_samples_keep_moving(bugs):
    constant, decayed = (bugs.late_travel(mended, 500, seed=1) for mended in (False, True))
    assert decayed < 0.6 * constant


@pytest.mark.parametrize("seed", [1, 2])
def test_without_a_buffer_the_discriminator_forgets(bugs, seed):
    forgotten, remembered = (bugs.old_place(mended, seed=seed) for mended in (False, True))
    assert forgotten > 0.5 > remembered


# --- Data, and the range of images


def test_rows_of_a_table_cannot_be_stacked(bugs):
    message = bugs.message_of(lambda: bugs.first_batch(bugs.RowsAsTheyAre))
    assert message.startswith("TypeError") and "Series" in message
    features, labels = bugs.first_batch(bugs.RowsAsTensors)
    assert features.tolist() == [[10, 20], [30, 40]]  # the transform was called
    assert labels.tolist() == [0, 1] and labels.dtype == torch.int64


def test_the_transform_is_never_called(bugs):
    plain, tenfold = (bugs.RowsAsTheyAre(GIVEN["TABLE"], t)[0] for t in (None, bugs.tenfold))
    assert plain.equals(tenfold)


def test_a_batch_of_an_image_folder_is_a_list(bugs):
    pairs, singles = bugs.folder_batches()
    assert "'list' object has no attribute 'to'" in bugs.message_of(lambda: pairs.to("cpu"))
    assert pairs[0].shape == singles[0].shape == (4, 3, 16, 16)


def test_zip_never_shows_the_tail_of_the_larger_domain(bugs):
    assert bugs.seen_with_zip(shuffle=False, epochs=5) == 40
    assert bugs.seen_with_zip(shuffle=True) == 40
    assert bugs.seen_with_stream() == 100


def test_images_in_0_1_come_out_on_grey(bugs):
    unit, symmetric = (bugs.ground(bugs.range_trained(m, 200, seed=1)) for m in (False, True))
    assert unit > 80 > 40 > symmetric


def test_imagenets_statistics_do_not_fit_tanh(bugs):
    ends = torch.stack([-torch.ones(1, 3, 2, 2), torch.ones(1, 3, 2, 2)]).flatten(0, 1)
    assert bugs.out_of_reach(ends) == 1  # neither black nor white
    assert bugs.out_of_reach(torch.zeros(1, 3, 2, 2)) == 0
    photo = load_photo("astronaut", 96)[None]
    assert bugs.out_of_reach(photo) > 0.3
    assert bugs.out_of_reach(photo, GIVEN["HALF"], GIVEN["HALF"]) == 0


# --- Losses


def test_sigmoid_and_bce_saturate(bugs):
    assert bugs.cross_entropy_of(20, mended=False) == (100.0, 0.0)
    assert bugs.cross_entropy_of(20, mended=True) == pytest.approx((20.0, 1.0))


def test_the_log_makes_the_gradient_vanish(bugs):
    minimax = bugs.pull(bugs.minimax_generator_loss, -10)
    assert minimax == pytest.approx(4.54e-5, rel=1e-2)
    assert bugs.pull(bugs.without_log, -10) == pytest.approx(minimax, rel=1e-3)
    assert bugs.pull(nonsaturating_generator_loss, -10) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("seed", [0, 1])
def test_backpropagation_does_not_cure_vanishing_gradients(bugs, seed):
    assert bugs.first_over_last(torch.sigmoid, bugs.xavier, seed=seed) < 1e-8
    assert 0.1 < bugs.first_over_last(torch.relu, bugs.he, seed=seed) < 10


def test_entropy_is_largest_for_no_opinion():
    d = torch.linspace(0.01, 0.99, 99)
    entropy = -d * d.log() - (1 - d) * (1 - d).log()
    assert d[entropy.argmax()] == pytest.approx(0.5)
    assert d[(-d.log()).argmin()] == pytest.approx(0.99)  # cross-entropy of a real sample


@pytest.mark.parametrize("seed", [1, 2])
def test_the_largest_entropy_teaches_nothing(bugs, seed):
    undecided = bugs.judged(bugs.entropy_loss, 100, seed)
    assert undecided == pytest.approx((0.5, 0.5), abs=0.05)
    real, fake = bugs.judged(bugs.discriminator_loss, 100, seed)
    assert real > 0.9 > 0.1 > fake


def test_pytorch_has_no_wasserstein_loss(bugs):
    assert not [n for n in [*dir(nn), *dir(nn.functional)] if "wasserstein" in n.lower()]
    real, fake = torch.tensor([1.0, 3.0]), torch.tensor([0.0, -1.0])
    assert bugs.critic_loss_by_hand(real, fake) == bugs.wasserstein_critic_loss(real, fake) == -2.5
    assert bugs.critic_loss_by_hand(2 * real, 2 * fake) == -5  # no limit, no bound


def test_historical_averaging_damps_and_is_another_thing(bugs):
    assert bugs.turning_game(False)[-1].norm() > 2
    assert bugs.turning_game(True)[-1].norm() < 1


def test_regression_from_noise_gives_the_mean(bugs):
    images = bugs.regress_from_noise(150, seed=1)
    assert bugs.variety(images) < 0.3 * bugs.variety(bugs.digits)
    error = (images.mean(dim=0) - bugs.digits.mean(dim=0)).square().mean().sqrt()
    assert error < 0.15


def test_kl_has_a_direction():
    narrow, wide = torch.distributions.Normal(0.0, 0.5), torch.distributions.Normal(1.0, 2.0)
    kl = torch.distributions.kl_divergence
    assert kl(narrow, wide).item() == pytest.approx(1.0425, abs=1e-3)
    assert kl(wide, narrow).item() == pytest.approx(8.1137, abs=1e-3)


def test_free_codes_do_not_lie_where_the_noise_lies(bugs):
    free, bound = (bugs.coder_trained(mended, 300, seed=1)[1] for mended in (False, True))
    assert free > 1.2 * bound and 0.7 < bound < 1.35


def test_the_cycle_needs_its_weight(bugs):
    weak, strong = (bugs.cycle_error(*weights, 250, seed=1) for weights in ((1, 1), (10, 5)))
    assert weak > 2 * strong


# --- Networks


def test_a_discriminator_for_32_answers_64_with_a_map(bugs):
    network = bugs.made_for_32()
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 1, 1, 1)
    assert network(torch.zeros(2, 3, 64, 64)).shape == (2, 1, 5, 5)
    with pytest.raises(ValueError, match=r"takes shape \(N, 3, 32, 32\)"):
        bugs.DCGANDiscriminator(3, 32, 8)(torch.zeros(2, 3, 64, 64))


def test_a_transposed_convolution_is_a_gradient_and_no_inverse(bugs):
    to_gradient, to_inverse = bugs.transposed_facts()
    assert to_gradient < 1e-5 < 0.1 < to_inverse


def test_the_networks_share_nothing(bugs):
    assert bugs.shared_and_moved(tied=False) == (0, 0.0)
    common, travel = bugs.shared_and_moved(tied=True)
    assert common == 2 and travel > 1e-3


def test_dcgan_has_no_pooling(bugs):
    pools = [m for m in bugs.DCGANDiscriminator().modules() if "Pool" in type(m).__name__]
    assert not pools
    assert bugs.reached(nn.MaxPool2d(2)) == 0.25
    assert bugs.reached(nn.Conv2d(1, 1, 4, 2, 1)) == 1


def test_batch_norm_helps_with_drift_added(bugs):
    runs = {kind: bugs.classifier_losses(kind, 150, seed=1) for kind in ("none", "norm", "drift")}
    last = {kind: sum(losses[-20:]) / 20 for kind, losses in runs.items()}
    assert last["norm"] < 0.7 * last["none"] and last["drift"] < 0.8 * last["none"]


def test_zero_padding_darkens_the_border(bugs):
    assert bugs.padded_mean("constant") == [0.444, 0.667, 1.0]
    assert bugs.padded_mean("reflect") == [1.0, 1.0, 1.0]


def test_residual_blocks_copy_sooner(bugs):
    plain, residual = (bugs.copy_error(skip, 40, seed=1) for skip in (False, True))
    assert plain > 1.3 * residual


def test_leaky_relu_lets_every_gradient_through(bugs):
    assert bugs.deaf_share(nn.ReLU, 50) > 0.03
    assert bugs.deaf_share(lambda: nn.LeakyReLU(0.2), 50) == 0


# --- Style transfer and evaluation


def test_names_of_the_style_listing_do_not_exist(bugs):
    assert "L2Loss" in bugs.message_of(lambda: nn.L2Loss())
    assert bugs.message_of(lambda: bugs.features_by_name()["2"]) == "KeyError: '2'"
    assert set(bugs.features_by_name()) == {"conv1_1", "conv1_2"}


def test_vgg_without_its_normalisation_describes_something_else(bugs):
    photo = load_photo("astronaut", 96)[None]
    switched, apart = bugs.skipped_normalisation(load_vgg16("edges"), photo, mended=False)
    assert switched > 0.1 and apart > 0.3
    assert bugs.skipped_normalisation(load_vgg16("edges"), photo, mended=True) == (0, 0)


def test_pretrained_is_no_longer_welcome(bugs):
    assert bugs.ask_pretrained().split(":")[0] in ("warned", "refused")


def test_a_moving_target_forgets_the_content(bugs):
    (reported, lost), (_, kept) = bugs.content_kept(False), bugs.content_kept(True)
    assert reported == 0 and lost > 2 * kept


def test_a_target_with_its_graph_fails_in_the_second_step(bugs):
    assert "backward through the graph a second time" in bugs.message_of(
        lambda: bugs.reused_graph(detach=False)
    )
    bugs.reused_graph(detach=True)


def test_there_is_no_module_fid(bugs):
    assert bugs.message_of(bugs.import_fid) == "ModuleNotFoundError: No module named 'fid'"
    points = torch.randn(50, 3, dtype=torch.float64)
    moved = points + torch.tensor([3.0, 4.0, 0.0])
    assert bugs.frechet_from_features(points, moved) == pytest.approx(25)
