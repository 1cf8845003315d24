"""ganbook.models.conditional: where labels enter, and which are refused."""

import pytest
import torch

from ganbook.data.emoji import is_held_out, load_portraits, portrait_labels
from ganbook.metrics.nearest import nearest_neighbours
from ganbook.models.conditional import (
    AuxiliaryDiscriminator,
    ConcatDiscriminator,
    ConditionalGenerator,
    LabelEmbedding,
    ProjectionDiscriminator,
    as_columns,
    check_labels,
    load_conditional_portraits,
)
from ganbook.models.dcgan import DCGANDiscriminator, DCGANGenerator

DISCRIMINATORS = [ConcatDiscriminator, ProjectionDiscriminator, AuxiliaryDiscriminator]
CLASSES = (3, 5)
LABELS = torch.tensor([[0, 4], [2, 0], [1, 1], [0, 4]])


def images(n=4, channels=3, size=16):
    return torch.rand(n, channels, size, size) * 2 - 1


def test_known_labels_come_back_as_columns():
    assert torch.equal(check_labels(LABELS, CLASSES), LABELS)
    assert check_labels(torch.tensor([0, 9]), (10,)).tolist() == [[0], [9]]
    assert check_labels(torch.tensor([[0], [9]]), (10,)).tolist() == [[0], [9]]
    assert check_labels(torch.zeros(0, 2).long(), CLASSES).shape == (0, 2)


@pytest.mark.parametrize(
    ("labels", "classes", "message"),
    [
        ([0, 10], (10,), "Unknown label 10; accepted are 0 to 9"),
        ([-1, 3], (10,), "Unknown label -1; accepted are 0 to 9"),
        ([[0, 5]], CLASSES, "Unknown label 5 of attribute 1; accepted are 0 to 4"),
        ([[3, 0]], CLASSES, "Unknown label 3 of attribute 0; accepted are 0 to 2"),
        ([0, 1], CLASSES, r"labels must have shape \(N, 2\), got \(2,\)"),
        ([[0, 1, 2]], CLASSES, r"labels must have shape \(N, 2\), got \(1, 3\)"),
        ([[0, 1]], (10,), r"labels must have shape \(N, 1\) or \(N,\), got \(1, 2\)"),
    ],
)
def test_unknown_labels_and_other_shapes_are_refused(labels, classes, message):
    with pytest.raises(ValueError, match=message):
        check_labels(torch.tensor(labels), classes)


def test_labels_of_another_type_are_refused():
    with pytest.raises(TypeError, match=r"labels must be an int64 tensor, got torch.float32"):
        check_labels(torch.tensor([1.0]), (10,))
    with pytest.raises(TypeError, match="labels must be an int64 tensor, got list"):
        check_labels([1, 2], (10,))
    with pytest.raises(TypeError, match=r"got torch.int32"):
        as_columns(torch.tensor([1], dtype=torch.int32), (10,))


def test_an_embedding_puts_the_vectors_side_by_side():
    embed = LabelEmbedding(CLASSES, 4)
    vectors = embed(LABELS)
    assert vectors.shape == (4, 8)
    assert torch.equal(
        vectors[1], torch.cat([embed.tables[0].weight[2], embed.tables[1].weight[0]])
    )
    assert torch.equal(vectors[0], vectors[3])


def test_an_embeddings_scale_is_its_spread_at_the_start():
    torch.manual_seed(0)
    weight = LabelEmbedding((50,), 200, scale=0.1).tables[0].weight
    assert weight.std().item() == pytest.approx(0.1, rel=0.05)
    assert not LabelEmbedding((5,), 8, scale=0.0).tables[0].weight.any()


@pytest.mark.parametrize("classes", [(), (3, 0)])
def test_attributes_without_classes_are_refused(classes):
    with pytest.raises(ValueError, match="at least one positive number"):
        LabelEmbedding(classes, 4)


def test_the_generator_is_dcgans_fed_with_latent_and_embeddings():
    generator = ConditionalGenerator(CLASSES, 6, channels=3, size=16, width=4, embedding_dim=2)
    z = torch.randn(4, 6)
    made = generator(z, LABELS)
    assert made.shape == (4, 3, 16, 16) and made.abs().max() <= 1
    assert isinstance(generator.network, DCGANGenerator)
    joined = torch.cat([z, generator.embed(LABELS)], dim=1)
    assert torch.equal(generator.network(joined), made)
    assert torch.equal(generator.draw(z, generator.embed(LABELS)), made)


def test_latent_and_label_both_change_the_image():
    generator = ConditionalGenerator(CLASSES, 6, 1, 16, 4).eval()
    z = torch.randn(1, 6)
    one, other = torch.tensor([[0, 1]]), torch.tensor([[0, 2]])
    assert not torch.equal(generator(z, one), generator(z, other))
    assert not torch.equal(generator(z, one), generator(torch.randn(1, 6), one))


@pytest.mark.parametrize("make", DISCRIMINATORS)
@pytest.mark.parametrize("size", [16, 32])
def test_discriminators_return_a_logit_an_image(make, size):
    discriminator = make(CLASSES, channels=3, size=size, width=4)
    logits, classes = discriminator(images(size=size), LABELS)
    assert logits.shape == (4,)
    expected = [(4, 3), (4, 5)] if make is AuxiliaryDiscriminator else []
    assert [tuple(part.shape) for part in classes] == expected


@pytest.mark.parametrize("make", DISCRIMINATORS)
def test_the_convolutions_are_dcgans(make):
    discriminator = make(CLASSES, channels=3, size=32, width=4)
    shapes = lambda network: [tuple(p.shape) for p in network.parameters()]  # noqa: E731
    channels = 5 if make is ConcatDiscriminator else 3
    assert shapes(discriminator.convolutions) == shapes(DCGANDiscriminator(channels, 32, 4))[:-2]
    assert discriminator.source.in_features == 16 * 16  # 4 * 4 places of 16 channels


def test_concat_sees_the_label_as_more_channels():
    discriminator = ConcatDiscriminator(CLASSES, channels=1, size=16, width=4)
    x = images(channels=1)
    maps = [table(column) for table, column in zip(discriminator.embed.tables, LABELS.T)]
    joined = torch.cat([x, *(m.view(4, 1, 16, 16) for m in maps)], dim=1)
    expected = discriminator.source(discriminator.convolutions(joined)).squeeze(1)
    torch.testing.assert_close(discriminator(x, LABELS)[0], expected)


def test_projection_adds_an_inner_product_for_each_attribute():
    discriminator = ProjectionDiscriminator(CLASSES, channels=1, size=16, width=4)
    x = images(channels=1)
    features = discriminator.convolutions(x)
    plain = discriminator.source(features).squeeze(1)
    torch.testing.assert_close(discriminator(x, LABELS)[0], plain)  # the vectors start at 0
    tables = [table.weight for table in discriminator.embed.tables]
    for table in tables:
        torch.nn.init.normal_(table)
    products = [(features[i] @ (tables[0][a] + tables[1][b])) for i, (a, b) in enumerate(LABELS)]
    expected = plain + torch.stack(products)
    torch.testing.assert_close(discriminator(x, LABELS)[0], expected, rtol=1e-4, atol=1e-5)


def test_the_auxiliary_discriminator_does_not_look_at_the_label():
    discriminator = AuxiliaryDiscriminator(CLASSES, channels=1, size=16, width=4)
    x = images(channels=1)
    first, second = (discriminator(x, labels) for labels in (LABELS, LABELS.flip(0)))
    assert torch.equal(first[0], second[0])
    features = discriminator.convolutions(x)
    for logits, layer in zip(first[1], discriminator.classify):
        assert torch.equal(logits, layer(features))


@pytest.mark.parametrize("make", DISCRIMINATORS)
def test_an_image_is_judged_by_itself_in_eval_mode(make):
    discriminator = make(CLASSES, 1, 16, 4).eval()
    x = images(channels=1)
    alone = torch.cat([discriminator(x[i : i + 1], LABELS[i : i + 1])[0] for i in range(4)])
    torch.testing.assert_close(discriminator(x, LABELS)[0], alone, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("make", DISCRIMINATORS)
def test_images_of_another_size_are_refused(make):
    with pytest.raises(ValueError, match=r"takes shape \(N, 3, 32, 32\), got \(4, 3, 16, 16\)"):
        make(CLASSES, 3, 32, 4)(images(size=16), LABELS)


def test_a_shift_reaches_the_convolutions():
    discriminator = ProjectionDiscriminator(CLASSES, 3, 16, 4, shift=2)
    assert discriminator.convolutions.shift.pixels == 2


def test_the_shipped_portraits_show_what_was_asked():
    generator = load_conditional_portraits()
    assert not generator.training
    assert {p.dtype for p in generator.parameters()} == {torch.float32}
    assert not any(p.requires_grad for p in generator.parameters())
    labels = portrait_labels()
    (real,) = load_portraits(64).tensors
    z = torch.randn(414, 64, generator=torch.Generator().manual_seed(0))
    seen = ~is_held_out(labels)
    mirrored = torch.cat([real, real.flip(-1)])
    nearest = nearest_neighbours(generator(z, labels), mirrored)[1][:, 0] % 414
    right = (labels[nearest] == labels).float()
    person, tone, look = right[seen].mean(dim=0).tolist()
    assert person > 0.7 and tone > 0.85 and look > 0.9
    person, tone, look = right[~seen].mean(dim=0).tolist()  # never seen together
    assert person > 0.6 and tone > 0.75 and look > 0.85
