"""``make bench``: every benchmark, or those named; ``--write`` puts the tables into the docs.

A benchmark is a module of this package with a function ``measure()`` that returns its table.
"""

from __future__ import annotations

import datetime as dt
import platform
import re
from importlib import import_module
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from pkgutil import iter_modules

import click

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def benchmarks() -> dict[str, object]:
    """The modules that measure something, by name."""
    names = [found.name for found in iter_modules([str(Path(__file__).parent)])]
    modules = {name: import_module(f"tests.benchmarks.{name}") for name in names if name[0] != "_"}
    return {name: module for name, module in modules.items() if hasattr(module, "measure")}


@click.command()
@click.argument("names", nargs=-1)
@click.option("--write", is_flag=True, help="Put the tables into docs/benchmarks.md.")
def main(names: tuple[str, ...], write: bool) -> None:
    """Run benchmarks and print their tables."""
    known = benchmarks()
    for name in names or known:
        if name not in known:
            raise click.UsageError(f"There is no benchmark {name}; there are {', '.join(known)}.")
        table = known[name].measure()  # type: ignore[attr-defined]
        table += f"\n\n`python -m tests.benchmarks {name}`, {_circumstances()}"
        click.echo(f"\n{name}\n\n{table}")
        if write:
            insert(DOCUMENT, name, table)


def insert(document: Path, name: str, table: str) -> None:
    """Put a table between the document's markers of that name."""
    text = document.read_text("utf-8")
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    block = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not block.search(text):
        raise click.ClickException(f"{document} has no place for {name}: {begin.strip()} … {end}")
    document.write_text(block.sub(lambda _: begin + table + "\n" + end, text), "utf-8")


def _circumstances() -> str:
    python, today = platform.python_version(), dt.datetime.now(dt.UTC).date()
    return f"Minyi {version('minyi')}, Python {python}, {cpu_count()} cores, {today}."


if __name__ == "__main__":
    main()
