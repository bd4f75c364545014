"""The templates of `deployments/`, and how they are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

from clerk import project_root
from clerk.errors import ClerkError


def fill(name: str, values: Mapping[str, str]) -> str:
    """The template `name`, a path under `deployments/`, with `values` in place of its `${names}`.

    Raises:
        ClerkError: the installation lacks the template.
    """
    path = project_root.root() / "deployments" / name
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ClerkError(
            f"The template {path} cannot be read: {error.strerror}.", advice="Install civicband-clerk again."
        ) from error
    return Template(text).substitute(values)
