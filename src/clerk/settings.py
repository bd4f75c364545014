"""The settings: one frozen object, read once at the edge from `.env` and the environment and passed down."""

from __future__ import annotations

import difflib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from clerk.errors import SettingsError
from clerk.stack import running

ENV_FILE = ".env"
# Each holds 120 MB and more.
MOST_EXTRACTION_PROCESSES = 4


class Settings(BaseSettings):
    """Every setting of `.env.example`, by its name in lower case."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    database_url: str = Field("", description="Civic database; empty: a SQLite file under STORAGE_DIR.")
    redis_url: str = Field("", description="Broker and shared rate limits; empty: in memory.")
    storage_dir: Path = Field(Path("storage"), description="Folder of all sites.")
    default_ocr_backend: str = Field("tesseract", description="OCR backend: tesseract, vision, rapidocr, ...")
    second_ocr_backend: str = Field("", description="OCR backend asked about doubtful pages; empty: none.")
    ocr_languages: str = Field("eng+spa", description="Tesseract languages, joined by a plus sign.")
    fetch_workers: int = Field(2, ge=1, le=256, description="Fetch workers of the stack.")
    ocr_workers: int = Field(0, ge=0, le=1024, description="OCR processes; 0: one a core.")
    extraction_workers: int = Field(0, ge=0, le=256, description="Extraction processes; 0: as the work asks.")
    deploy_workers: int = Field(1, ge=1, le=256, description="Deploy workers of the stack.")
    dask_scheduler_address: str = Field("", description="Dask scheduler; empty: a cluster of the run's own.")
    page_timeout_seconds: float = Field(60.0, gt=0, le=3600, description="Deadline of one page.")
    page_images: str = Field("", description="Page images: stored, on-demand; empty: stored for plug-ins.")
    page_memory_mb: int = Field(1024, ge=64, description="Memory one page may take on top of the engine.")
    spacy_model: str = Field("", description="spaCy model; empty: the installed English one.")
    prefect_api_url: str = Field("", description="Prefect API; empty: a server of the run's own.")
    prefect_api_auth_string: str = Field(
        "", description="User and password of the Prefect API: user:password."
    )
    prefect_api_key: str = Field("", description="Key of the Prefect API.")
    max_active_sites: int = Field(10, ge=1, le=1000, description="Site runs at work at once, on a host.")
    max_attempts: int = Field(3, ge=1, le=20, description="Times a run that died is started.")
    sweep_seconds: float = Field(45, ge=5, le=600, description="Pause between two sweeps.")
    plugins_dir: Path = Field(Path("plugins"), description="Folder of single-file plug-ins.")
    allow_private_hosts: bool = Field(False, description="Let fetchers reach private addresses.")
    fetch_max_mb: int = Field(200, ge=1, description="Largest download.")
    host_requests_per_minute: int = Field(120, ge=1, description="Requests to one host by all workers.")
    log_level: str = Field("WARNING", description="Level of clerk's own log on the terminal.")

    @field_validator("storage_dir", "plugins_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        # Absolute from the start: tasks run in processes whose working folder differs.
        return value.expanduser().absolute()

    @field_validator("ocr_languages")
    @classmethod
    def _languages(cls, value: str) -> str:
        parts = [part.strip() for part in value.split("+")]
        if not all(part and part.replace("_", "").isalnum() for part in parts):
            raise ValueError("must be language codes joined by '+', like eng+spa")
        return "+".join(dict.fromkeys(parts))

    @field_validator("page_images")
    @classmethod
    def _images(cls, value: str) -> str:
        if value not in ("", "stored", "on-demand"):
            raise ValueError("must be stored or on-demand")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
            raise ValueError("must be DEBUG, INFO, WARNING, ERROR or CRITICAL")
        return value.upper()

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "postgresql:", "postgresql+psycopg2:", "postgres:")):
            raise ValueError("must start with postgresql:// or sqlite:///")
        # SQLAlchemy knows the scheme only under its full name, while hosting services hand out the short one.
        return value.replace("postgres://", "postgresql://", 1) if value.startswith("postgres:") else value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis:// or rediss://")
        return value

    @field_validator("dask_scheduler_address")
    @classmethod
    def _dask(cls, value: str) -> str:
        if value and not value.startswith(("tcp://", "tls://")):
            raise ValueError("must start with tcp:// or tls://")
        return value

    @field_validator("prefect_api_url")
    @classmethod
    def _prefect(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://, like http://127.0.0.1:4200/api")
        return value

    @property
    def civic_url(self) -> str:
        """SQLAlchemy URL of the civic database."""
        return self.database_url or f"sqlite:///{self.storage_dir / 'clerk.db'}"

    @property
    def embedded_database(self) -> bool:
        """True when the civic database is the SQLite file of the storage folder."""
        return not self.database_url

    @property
    def workers(self) -> dict[str, int]:
        """How many workers of each kind, by the name that the command line has for it."""
        return {
            "fetch": self.fetch_workers,
            "ocr": self.ocr_processes,
            "extraction": self.extraction_workers or 1,
            "deploy": self.deploy_workers,
        }

    @property
    def ocr_processes(self) -> int:
        """Number of OCR processes."""
        return self.ocr_workers or os.cpu_count() or 1

    @property
    def extraction_processes(self) -> int:
        """Most processes in which a single run extracts."""
        return self.extraction_workers or min(os.cpu_count() or 1, MOST_EXTRACTION_PROCESSES)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read at the first call.

    Raises:
        SettingsError: a value cannot be used, or a name in `.env` looks like a misspelt setting.
    """
    _check_names(Path(ENV_FILE))
    return load()


def load(**values: Any) -> Settings:
    """Read the settings afresh; `values` win over environment and file, and these over a stack that runs here.

    Raises:
        SettingsError: a value cannot be used.
    """
    try:
        return _with_stack(Settings(**values))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "setting"
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}={first.get('input')!s}: {message[:1].lower() + message[1:]}.") from error


def _with_stack(made: Settings) -> Settings:
    """`made`, with the addresses of the stack that `clerk up` runs on this folder where they are not set.

    One address that is set to something else means another fleet: then none is taken, for halves of two would not
    work together.
    """
    found = {name.lower(): value for name, value in running.addresses(made.storage_dir).items()}
    if any(getattr(made, name) not in ("", value) for name, value in found.items()):
        return made
    return made.model_copy(update=found) if found else made


def _check_names(path: Path) -> None:
    """Refuse a name in `.env` that is one slip away from a setting; other programs' names are left alone."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    known = [name.upper() for name in Settings.model_fields]
    for line in lines:
        name = line.partition("=")[0].strip().removeprefix("export ").strip()
        if "=" not in line or line.lstrip().startswith("#") or name in known:
            continue
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.85)
        if near:
            raise SettingsError(f"{path}: unknown setting {name}, did you mean {near[0]}?")
