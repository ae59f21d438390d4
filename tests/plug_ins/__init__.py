"""A package with plug-ins and its metadata, put on the path by tests as an installed package would be."""

from pathlib import Path

PATH = Path(__file__).parent


def write_package(
    folder: Path, name: str, version: str, modules: dict[str, str], groups: dict[str, str]
) -> None:
    """Write a package as an installer would: texts of `modules` by name; `groups` name one each."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(
        "".join(f"[{group}]\n{module} = {module}\n" for group, module in groups.items())
    )
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text)
