"""A GAN's Config as options of the command line, and back."""

import argparse
from collections.abc import Collection
from dataclasses import Field, fields, replace
from enum import Enum
from typing import Any, get_args

PREFIX = "setting_"  # of the attributes in argparse's namespace


def add_settings(
    parser: argparse.ArgumentParser, defaults: Any, omitted: Collection[str] = ()
) -> None:
    """Give the parser one option a field of a Config: ``--latent-dim`` sets ``latent_dim``.

    An option that is not given is None, so that :func:`config_from` knows what was asked for.

    Args:
        parser: gets the options, in a group of their own.
        defaults: a Config, whose values the help shows.
        omitted: fields without an option: what the data or another option decides.
    """
    group = parser.add_argument_group("settings of the GAN, and what they are if not given")
    for field in fields(defaults):
        if field.name in omitted:
            continue
        default = getattr(defaults, field.name)
        if field.type is bool:
            kind = {"action": argparse.BooleanOptionalAction}
        elif isinstance(default, Enum):
            kind = {"choices": [_spoken(value) for value in type(default)]}
            default = _spoken(default)
        else:
            kind = {"type": _type(field), "metavar": _type(field).__name__.upper()}
        option = "--" + field.name.replace("_", "-")
        group.add_argument(option, dest=PREFIX + field.name, help=str(default), **kind)


def config_from(options: argparse.Namespace, defaults: Any, **decided: Any) -> Any:
    """Return a Config: what the options give, else what is ``decided``, else ``defaults``.

    Raises:
        ValueError: the Config refuses a value.
    """
    for field in fields(defaults):
        given, default = getattr(options, PREFIX + field.name, None), getattr(defaults, field.name)
        if given is not None:
            if isinstance(default, Enum):
                given = next(value for value in type(default) if _spoken(value) == given)
            # 0.0 for a 0 would count as another config
            decided[field.name] = default if given == default else given
    return replace(defaults, **decided)


def as_json(config: Any) -> dict[str, Any]:
    """Return a Config as what JSON can hold, with the names that the options have."""
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    return {
        name: _spoken(value) if isinstance(value, Enum) else value for name, value in values.items()
    }


def _type(field: Field) -> type:
    kinds = [kind for kind in get_args(field.type) or (field.type,) if kind is not type(None)]
    return kinds[0]  # of `float | None`: float


def _spoken(value: Enum) -> str:
    return value.name.lower().replace("_", "-")
