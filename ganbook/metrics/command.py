"""The command line ``python -m ganbook.metrics real/ fake/``: options, table, plain errors."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ganbook.arguments import say, whole
from ganbook.metrics.compare import FEATURES, MANY, METRICS, STATISTICS, compare_folders

SIDES = ("real", "fake")
TITLES = {
    "inception": "Inception-v3, as FID, KID and IS are defined",
    "vgg": "VGG-16 tuned for edges, relu3_3, mean over places (not FID)",
    "digits": "this book's digit classifier (not FID)",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code: 0, or 2 after an error, which is one sentence.

    The result goes to standard output, progress and warnings to standard error.
    """
    options = vars(_parser().parse_args(arguments))
    form = options.pop("format")
    try:
        report = compare_folders(**options)
    except (ValueError, TypeError, OSError, RuntimeError, ModuleNotFoundError) as error:
        return say(f"error: {error}", 2)
    except KeyboardInterrupt:
        return say("stopped", 130)
    for warning in report["warnings"]:
        print(f"warning: {warning}", file=sys.stderr)
    print(json.dumps(report, indent=2, ensure_ascii=False) if form == "json" else _table(report))
    return 0


def _table(report: dict) -> str:
    size = f", {report['size']} x {report['size']}" if report["size"] else ""
    name, dimensions = report["features"].values()
    lines = [
        *(f"{s}: {report[s]['folder']} ({report[s]['images']} images{size})" for s in SIDES),
        f"features: {TITLES[name]}, {dimensions} dimensions",
        "",
        f"{'':<16} {'value':>11}   {'95 % interval':<20} {'half':>11} {'floor':>11}",
    ]
    for row in report["metrics"]:
        interval = "" if row["low"] is None else f"{row['low']:.4g} to {row['high']:.4g}"
        numbers = f"{row['at_floor']:>11.4g} {row['floor']:>11.4g}"
        lines.append(f"{row['name']:<16} {row['value']:>11.4g}   {interval:<20} {numbers}")
    return "\n".join(
        [
            *lines,
            "",
            f"half: the value of {report['floor_images']} images each; compare it with the floor,",
            "one half of the real images against the other. Of a score: the real images' own.",
        ]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ganbook.metrics",
        description="Measure a folder of generated images against a folder of real ones.",
        epilog="Numbers in different features cannot be compared. Only those in inception are FID, "
        "KID and IS; its weights (96 MB) are downloaded once. vgg and digits need no network.",
    )
    add = parser.add_argument
    add("real", type=Path, help="folder of real images; sub-folders too")
    add("fake", type=Path, help="folder of generated images")
    add("--features", choices=FEATURES, default="inception", help="what the images are told by")
    listed = f"of {', '.join(METRICS)}; all but the last unless given"
    add("--metrics", nargs="+", choices=METRICS, default=[*STATISTICS], metavar="M", help=listed)
    add("--size", type=whole(8), help="resize the shorter side to this and cut out the centre")
    add("--batch-size", type=whole(1), default=50, help="images at a time")
    add("--workers", type=whole(0), default=0, help="processes that read files ahead")
    behind = f"values behind each interval, 0: none; 100 up to {MANY} images, then 0"
    add("--bootstrap", type=whole(0), dest="repetitions", metavar="N", help=behind)
    add("--skip-unreadable", action="store_true", help="leave broken files out, and count them")
    add("--weights", type=Path, metavar="FILE", help="Inception-v3's weights, if you have them")
    add("--format", choices=("table", "json"), default="table")
    add("--seed", type=int, default=0, help="of the floor's halves and of the intervals")
    return parser
