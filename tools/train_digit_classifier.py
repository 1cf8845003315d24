"""Train the digit classifier that ships with the package: the judge of later chapters.

    python tools/train_digit_classifier.py

Small shifts, turns and scalings of the 4,000 training digits stand in for more data. The 1,000 test
digits are looked at once, at the end.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, StackDataset, TensorDataset
from torchvision.transforms import v2

from ganbook.data.digits import load_digits
from ganbook.models.classifier import DigitClassifier
from ganbook.runtime import seed_everything

WEIGHTS = Path(__file__).parents[1] / "ganbook" / "weights" / "digit_classifier.safetensors"


def main() -> None:
    """Train, report the accuracy on the test digits and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()

    seed_everything(0)
    augment = v2.RandomAffine(degrees=12, translate=(0.08, 0.08), scale=(0.9, 1.1), fill=-1.0)
    images, labels = load_digits("train").tensors
    loader = DataLoader(
        StackDataset(Augmented(images, augment), labels), batch_size=64, shuffle=True
    )
    model = DigitClassifier()
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=4e-3, total_steps=options.epochs * len(loader)
    )
    for epoch in range(options.epochs):
        total = 0.0
        for batch, targets in loader:
            loss = cross_entropy(model(batch), targets, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1:2d}: training loss {total / len(loader):.4f}", flush=True)

    images, labels = load_digits("test").tensors
    with torch.no_grad():
        accuracy = (model.eval()(images).argmax(1) == labels).float().mean()
    print(f"accuracy on {len(labels)} held-out digits: {accuracy:.3f}")
    save_file(model.state_dict(), options.out)
    print(f"wrote {options.out.name}, {options.out.stat().st_size / 1e6:.2f} MB")


class Augmented(TensorDataset):
    """Images, each seen through a random transform of its own."""

    def __init__(self, images: torch.Tensor, transform):
        super().__init__(images)
        self.transform = transform

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.transform(self.tensors[0][index])


if __name__ == "__main__":
    main()
