"""Target: a stranger's object, ``path/to/file.py:Name`` or ``module:Name``, loaded without harm."""

from __future__ import annotations

import importlib
import importlib.util
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from gradcheck.found import but_path

_FOLDERS: set[Path] = set()
"""Folders from which targets were loaded."""


class TargetError(Exception):
    """A target that does not load; the message says why, with what it printed."""


def load(text: str) -> Any:
    """Return the object that a target names.

    Raises
    ------
    TargetError
        If the text is no target, or the file, the module or the name is not there.
    """
    place, colon, name = text.rpartition(":")
    if not (colon and place and name):
        raise TargetError(f"{text!r} is no target; write path/to/file.py:Name or module:Name")
    printed = io.StringIO()
    try:
        with but_path(), redirect_stdout(printed):
            found: Any = _from_file(Path(place)) if place.endswith(".py") else _module(place)
            for step in name.split("."):
                found = getattr(found, step)
    except (Exception, SystemExit) as error:
        said = f"; it printed: {printed.getvalue().strip()}" if printed.getvalue().strip() else ""
        raise TargetError(f"{text} does not load: {type(error).__name__}: {error}{said}") from error
    return found


@contextmanager
def visiting() -> Iterator[None]:
    """Forget in the end the modules that came with targets."""
    before = set(sys.modules)
    try:
        yield
    finally:
        _forget(_FOLDERS, before)
        _FOLDERS.clear()


def _forget(folders: set[Path], kept: set[str]) -> None:
    """Forget the modules that lie in folders, those that are installed there aside."""
    for name, module in list(sys.modules.items()):
        parents = Path(getattr(module, "__file__", None) or "/").parents
        installed = any(parent.name == "site-packages" for parent in parents)
        if name not in kept and not installed and not folders.isdisjoint(parents):
            del sys.modules[name]


def _module(name: str) -> ModuleType:
    with _on_path(Path.cwd()):
        return importlib.import_module(name)


def _from_file(path: Path) -> ModuleType:
    """Import a file under its own name; one of a package under the name it has in there."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    root, name = path.resolve().parent, path.stem
    _forget(_FOLDERS - {*path.resolve().parents}, set())  # siblings of another target's
    while (root / "__init__.py").is_file():
        root, name = root.parent, f"{root.name}.{name}"
    folders = [root, path.resolve().parent]
    while True:
        try:
            with _on_path(*folders):
                return importlib.import_module(name) if "." in name else _alone(path, name)
        except ModuleNotFoundError as error:
            above = _folder_of(path, str(error.name).partition(".")[0])
            if above is None or above in folders:
                raise
            folders.append(above)


def _folder_of(path: Path, package: str) -> Path | None:
    """Return the folder from which a package is imported that the file lies in."""
    return next((f.parent for f in path.resolve().parents if f.name == package), None)


def _alone(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # a path that ends in .py has a loader
    assert spec.loader is not None
    module, before = importlib.util.module_from_spec(spec), sys.modules.get(name)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        if before is not None:
            sys.modules[name] = before
    return module


@contextmanager
def _on_path(*folders: Path) -> Iterator[None]:
    added = [str(folder) for folder in dict.fromkeys(folders)]
    _FOLDERS.update(folders)
    sys.path[:0] = added
    try:
        yield
    finally:
        for folder in added:
            with suppress(ValueError):  # what it did to the path itself
                sys.path.remove(folder)
