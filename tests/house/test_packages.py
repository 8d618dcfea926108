from __future__ import annotations

import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("gradcheck", "properties", "reference", "reports")
LONGEST = 320
DRAWERS = {"common", "helper", "helpers", "misc", "util", "utils"}
"""Names of files that say nothing of what is in them."""

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SETUPTOOLS = PROJECT["tool"]["setuptools"]


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def folder(package: str) -> Path:
    """Return the folder that a package of the wheel is made of."""
    mapped: dict[str, str] = SETUPTOOLS["package-dir"]
    parts = package.split(".")
    for cut in range(len(parts), 0, -1):
        if (base := mapped.get(".".join(parts[:cut]))) is not None:
            return ROOT.joinpath(base, *parts[cut:])
    return ROOT.joinpath(*parts)


def test_the_wheel_holds_every_folder_of_modules() -> None:
    assert {folder(name) for name in SETUPTOOLS["packages"]} == {path.parent for path in modules()}


def test_every_package_is_under_one_roof() -> None:
    assert {name.split(".")[0] for name in SETUPTOOLS["packages"]} == {"gradcheck"}


def test_every_data_file_is_in_the_wheel() -> None:
    data: dict[str, list[str]] = SETUPTOOLS["package-data"]
    held = {path for name, globs in data.items() for g in globs for path in folder(name).glob(g)}
    files = {p for package in PACKAGES for p in (ROOT / package).rglob("*") if p.is_file()}
    assert {p for p in files if p.suffix not in (".py", ".pyc", ".pyo")} == held


@pytest.mark.parametrize("group", ["gradcheck.layers", "gradcheck.specs", "gradcheck.reporters"])
def test_entry_points_are_installed_as_they_are_written(group: str) -> None:
    written = PROJECT["project"]["entry-points"][group]
    points = entry_points(group=group)
    ours = {p.name: p.value for p in points if p.dist is not None and p.dist.name == "gradcheck"}
    assert ours == written, "pyproject.toml has changed since the installation: run make"


def test_entry_points_name_modules_that_exist() -> None:
    groups = PROJECT["project"]["entry-points"].values()
    for value in (value for group in groups for value in group.values()):
        package, _, module = value.partition(":")[0].rpartition(".")
        path = folder(package) / module
        assert path.with_suffix(".py").is_file() or path.is_dir(), value


def test_no_module_is_long() -> None:
    lengths = {path.relative_to(ROOT).as_posix(): _lines(path) for path in modules()}
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}


def test_every_file_says_what_is_in_it() -> None:
    names = {path.relative_to(ROOT).as_posix(): path.stem.strip("_") for path in modules()}
    assert [path for path, stem in names.items() if stem in DRAWERS] == []


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())
