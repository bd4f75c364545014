"""How plug-ins are found, loaded and asked; what happens to a site's fetcher that breaks; and their documentation."""

from __future__ import annotations

import importlib
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from clerk import plugins
from clerk.errors import FetchError, PluginError, UsageError
from clerk.fetch import FetchOptions, FetchResult, fetch_site
from clerk.hookspecs import ClerkSpec
from clerk.models import Site
from clerk.plugins import BUILT_IN, call_hook, plugin_manager
from clerk.storage import SiteStore, read_json
from tests.conftest import ROOT

HOOKS = sorted(name for name in vars(ClerkSpec) if not name.startswith("_"))

FETCHER = """
import os
from pathlib import Path
from clerk import Fetcher, hookimpl

class TownFetcher(Fetcher):
    def fetch_events(self):
        folder = Path(self.minutes_output_dir, "Council")
        folder.mkdir(parents=True, exist_ok=True)
        {body}

class TownPlugin:
    @hookimpl
    def fetcher_class(self, label):
        return TownFetcher if label == "town" else None
"""


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    path = list(sys.path)
    yield
    plugins._manager.cache_clear()
    sys.path[:] = path
    for name in [name for name in sys.modules if name.partition(".")[0] in ("fetchers", "clerk_plugins")]:
        del sys.modules[name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "plugins"
    path.mkdir()
    return path


def fetch(tmp_path: Path, folder: Path, scraper: str = "town", subdomain: str = "town.ca") -> FetchResult:
    store = SiteStore(tmp_path / "sites", subdomain)
    return fetch_site(Site(subdomain, scraper=scraper), store, FetchOptions(plugins_dir=folder))


def test_every_built_in_plugin_is_registered() -> None:
    manager = plugin_manager(None)
    assert [manager.get_plugin(name) for name in BUILT_IN] == [
        importlib.import_module(name) for name in BUILT_IN
    ]
    assert plugin_manager(None) is manager


def test_the_manager_is_light() -> None:
    code = (
        "import sys; from clerk.plugins import plugin_manager; plugin_manager(None);"
        "heavy = {'httpx', 'pymupdf', 'tesserocr', 'pydantic', 'sqlalchemy', 'prefect', 'clerk.extraction'};"
        "heavy &= set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_later_plugin_is_asked_first_and_the_first_class_wins(folder: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.py").write_text(
            FETCHER.format(
                body=f"(folder / '2025-01-0{1 if name == 'a' else 2}.pdf').write_bytes(b'%PDF-1.4 {name}')"
            )
        )
    (folder / "_helper.py").write_text("raise RuntimeError('not a plug-in')")
    fetch(tmp_path, folder)
    assert [document.stem for document in SiteStore(tmp_path / "sites", "town.ca").documents()] == [
        "2025-01-02"
    ]


def test_a_plugin_may_take_fewer_arguments_and_know_unknown_hooks(folder: Path) -> None:
    (folder / "p.py").write_text(
        "from clerk import hookimpl\n"
        "class P:\n"
        "    @hookimpl\n"
        "    def post_compilation(self, subdomain): return subdomain\n"
        "    @hookimpl\n"
        "    def update_site(self, subdomain, updates): pass\n"
        "class NoPlugin:\n"
        "    def __init__(self, needs): pass\n"
    )
    manager = plugin_manager(folder)
    assert call_hook(manager, "post_compilation", subdomain="x", database_path="y", run_id="z") == ["x"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def broken(:", r"Error loading plugin .*p\.py: SyntaxError"),
        (
            "import no_such_module",
            r"Error loading plugin .*p\.py: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("import sys; sys.exit(3)", r"Error loading plugin .*p\.py: it called sys\.exit\(3\)"),
        (
            (
                "from clerk import hookimpl\nclass P:\n    def __init__(self):\n        raise ValueError('no key')\n"
                "    @hookimpl\n    def post_create(self, subdomain): pass"
            ),
            r"Error instantiating plugin P of .*p\.py: ValueError: no key \(p\.py, line 4\)",
        ),
        (
            "from clerk import hookimpl\nclass P:\n    @hookimpl\n    def post_create(self, other): pass",
            r"Error instantiating plugin P of .*p\.py: PluginValidationError",
        ),
    ],
)
def test_a_file_that_cannot_be_loaded_is_one_line(folder: Path, code: str, message: str) -> None:
    (folder / "p.py").write_text(code)
    with pytest.raises(PluginError, match=message) as caught:
        plugin_manager(folder)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_holds_no_plugins_and_a_file_is_no_folder(tmp_path: Path) -> None:
    assert plugin_manager(tmp_path / "none").hook.fetcher_class(label="town") == []
    (tmp_path / "file").touch()
    with pytest.raises(PluginError, match="not a directory"):
        plugin_manager(tmp_path / "file")


def test_entry_points_name_classes(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "installed_town.py").write_text(
        FETCHER.format(body="(folder / '2025-01-01.pdf').write_bytes(b'%PDF-1.4')")
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    points = [EntryPoint("town", "installed_town:TownPlugin", "clerk.plugins")]
    monkeypatch.setattr(plugins, "entry_points", lambda group: points if group == "clerk.plugins" else [])
    plugins._manager.cache_clear()
    assert fetch(tmp_path, folder).new == 1
    points.append(EntryPoint("bad", "installed_town:Missing", "clerk.plugins"))
    plugins._manager.cache_clear()
    with pytest.raises(
        PluginError, match="Error loading plugin 'bad' from entry point installed_town:Missing"
    ):
        plugin_manager(folder)


def test_a_hook_that_fails_names_the_place(folder: Path) -> None:
    (folder / "p.py").write_text(
        "from clerk import hookimpl\nclass P:\n"
        "    @hookimpl\n    def post_create(self, subdomain): raise KeyError('token')\n"
        "    @hookimpl\n    def post_deploy(self, site): raise SystemExit(2)\n"
    )
    manager = plugin_manager(folder)
    with pytest.raises(
        PluginError, match=r"A plug-in failed in post_create: KeyError: 'token' \(p\.py, line 4\)\."
    ):
        call_hook(manager, "post_create", subdomain="x")
    with pytest.raises(PluginError, match=r"in post_deploy: it called sys\.exit\(2\) \(p\.py, line 6\)"):
        call_hook(manager, "post_deploy", site={})


def test_pdfs_written_straight_into_the_layout_are_found_and_checked(folder: Path, tmp_path: Path) -> None:
    body = (
        "(folder / '2025-01-01.pdf').write_bytes(b'%PDF-1.4'); (folder / '2025-01-02.pdf').write_bytes(b'');"
        "(folder / '2025-01-03.pdf').write_bytes(b'<html>404</html>'); (folder / 'notes.pdf').write_bytes(b'%PDF-1.4')"
    )
    (folder / "p.py").write_text(FETCHER.format(body=body))
    for attempt in (1, 2):
        result = fetch(tmp_path, folder)
        assert (result.new, result.updated) == ((1, 0) if attempt == 1 else (0, 1))
        assert {(failure.reason, failure.attempts) for failure in result.failures} == {
            ("is empty (0 bytes)", attempt),
            ("is an HTML page, not a PDF", attempt),
        }
        assert [entry.path for entry in result.skipped] == ["town.ca/pdfs/Council/notes.pdf"]
    store = SiteStore(tmp_path / "sites", "town.ca")
    assert [document.stem for document in store.documents()] == ["2025-01-01"]
    kept = sorted(path.read_bytes() for path in store.quarantine.glob("*.pdf"))
    assert kept == [b"", b"<html>404</html>"]
    (folder / "p.py").write_text(FETCHER.format(body="(folder / '2025-01-02.pdf').write_bytes(b'%PDF-1.4')"))
    plugins._manager.cache_clear()
    assert [failure.date for failure in fetch(tmp_path, folder).failures] == ["2025-01-03"]


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (
            "raise ValueError('bad table')",
            PluginError,
            r"Fetcher 'town' of site town\.ca failed: ValueError: bad table \(p\.py, line \d+\)",
        ),
        ("raise OSError('disk')", FetchError, "failed: OSError: disk"),
        ("import sys; sys.exit(1)", PluginError, r"called sys\.exit\(1\)"),
        (
            "self.request('GET', 'http://127.0.0.1:9/').text",
            FetchError,
            "AttributeError.*before that: .*private network",
        ),
    ],
)
def test_a_fetcher_that_fails_keeps_what_it_brought(
    folder: Path, tmp_path: Path, body: str, kind: type[Exception], message: str
) -> None:
    write = (
        "(folder / '2025-01-01.pdf').write_bytes(b'%PDF-1.4'); (folder / '2025-01-02.pdf').write_bytes(b'')"
    )
    (folder / "p.py").write_text(FETCHER.format(body=f"{write}\n        {body}"))
    with pytest.raises(kind, match=message):
        fetch(tmp_path, folder)
    store = SiteStore(tmp_path / "sites", "town.ca")
    assert [document.stem for document in store.documents()] == ["2025-01-01"]
    assert [entry["reason"] for entry in read_json(store.skipped_file)] == ["is empty (0 bytes)"]


def test_a_fetcher_that_cannot_be_made(folder: Path, tmp_path: Path) -> None:
    code = FETCHER.format(body="pass").replace(
        "def fetch_events", "def child_init(self): self.site['view_id']\n    def fetch_events"
    )
    (folder / "p.py").write_text(code)
    with pytest.raises(
        PluginError, match=r"Fetcher 'town' of site town\.ca could not be made: KeyError: 'view_id'"
    ):
        fetch(tmp_path, folder)


def test_sites_without_a_fetcher(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"No plug-in has a fetcher for 'berkeley\.ca'"):
        fetch(tmp_path, folder, scraper="berkeley.ca")
    with pytest.raises(UsageError, match="has no fetcher"):
        fetch(tmp_path, folder, scraper="")


def test_a_custom_site_loads_the_module_of_its_name(folder: Path, tmp_path: Path) -> None:
    custom = tmp_path / "fetchers" / "custom"
    custom.mkdir(parents=True)
    (custom / "my-town_ca.py").write_text(
        # No base class, as in old examples: what counts is fetch_events().
        "import json\nfrom pathlib import Path\n"
        "class Own:\n"
        "    def __init__(self, site, start_year, all_agendas):\n"
        "        assert (site['subdomain'], site['extra'], all_agendas) == ('my-town.ca', '{}', False)\n"
        "        self.year = start_year\n"
        "    def fetch_events(self):\n"
        f"        folder = Path({str(tmp_path)!r}, 'sites', 'my-town.ca', '_agendas', 'pdfs', 'Board')\n"
        "        folder.mkdir(parents=True)\n"
        "        (folder / f'{self.year}-01-01.pdf').write_bytes(b'%PDF-1.4')\n"
        "def custom_fetcher(site, start_year, all_agendas):\n"
        "    return Own(site, start_year, all_agendas)\n"
    )
    assert fetch(tmp_path, folder, "custom", "my-town.ca").new == 1
    (document,) = SiteStore(tmp_path / "sites", "my-town.ca").documents()
    assert document.label == f"agenda Board/{time.localtime().tm_year - 1}-01-01"


def test_custom_modules_that_are_missing_or_broken(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(
        PluginError, match=r"There is no module fetchers\.custom\.none_ca for site none\.ca, in .*"
    ) as caught:
        fetch(tmp_path, folder, "custom", "none.ca")
    assert str(tmp_path) in str(caught.value)
    custom = tmp_path / "fetchers" / "custom"
    custom.mkdir(parents=True)
    (custom / "needs_ca.py").write_text("import no_such_library")
    (custom / "empty_ca.py").write_text("")
    importlib.invalidate_caches()
    with pytest.raises(PluginError, match="No module named 'no_such_library'"):
        fetch(tmp_path, folder, "custom", "needs.ca")
    with pytest.raises(PluginError, match="has no function custom_fetcher"):
        fetch(tmp_path, folder, "custom", "empty.ca")


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_documented(hook: str) -> None:
    text = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    arguments = [name for name in getattr(ClerkSpec, hook).__code__.co_varnames if name != "self"]
    assert f"`{hook}({', '.join(arguments)})`" in text


def test_hooks_are_those_of_the_contract() -> None:
    assert HOOKS == [
        "deploy_municipality",
        "fetcher_class",
        "fetcher_extra",
        "get_data_processors",
        "ocr_engine",
        "post_compilation",
        "post_create",
        "post_deploy",
        "pre_compilation",
        "register_cli_commands",
        "register_job_types",
        "register_worker_functions",
        "upload_static_file",
    ]
