"""What reads the rows: each engine carries out the same description of the pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis.cells import Engine
from analysis.engines.arrays import ArrayEngine
from analysis.problems import DesignError

ENGINES = ("numpy", "duckdb")
LABELLED = (".sav", ".dta")  # which DuckDB does not read by itself


def engine_for(data: Any, engine: str | None = None) -> Engine:
    """Return the engine that reads some data: DuckDB for files, numpy for what is in memory.

    A file of SPSS or Stata is read into memory first.

    Parameters
    ----------
    data : mapping, pyarrow.Table, pandas.DataFrame, or path of a file
    engine : {"numpy", "duckdb"}, optional
    """
    if engine not in (None, *ENGINES):
        raise DesignError("The engine is numpy or duckdb, not %(engine)s.", engine=engine)
    file = isinstance(data, (str, Path))
    if file and (engine == "numpy" or Path(data).suffix.lower() in LABELLED):
        from analysis.files import read  # noqa: PLC0415

        data = read(Path(data))
    if engine == "duckdb" or (engine is None and isinstance(data, (str, Path))):
        from analysis.engines.duck import DuckEngine  # noqa: PLC0415 - DuckDB loads when it is used

        return DuckEngine(data)
    return ArrayEngine(data)
