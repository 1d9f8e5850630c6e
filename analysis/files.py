"""Data files as tables: CSV with every cell as it was typed, the others as they were stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from analysis.problems import DesignError

#: Cells of a CSV file that hold no answer.
MISSING = ["", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null"]


def read(path: Path) -> Any:
    """Read a file of respondents, one row each.

    Parameters
    ----------
    path : Path
        ``.csv`` (UTF-8 or GB 18030; codes stay text, so that ``01`` is not ``1``), ``.parquet``,
        ``.sav`` (SPSS) or ``.dta`` (Stata).

    Returns
    -------
    pyarrow.Table

    Raises
    ------
    DesignError
        If the file cannot be read as a table, saying why.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DesignError(
            "%(file)s: only %(kinds)s files can be read.",
            file=path.name, kinds=", ".join(READERS),
        )  # fmt: skip
    try:
        return reader(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise DesignError("%(file)s: %(error)s.", file=path.name, error=error) from error


def read_csv(path: Path) -> Any:
    """Read a CSV file with every column as text."""
    try:
        return _read_csv(path, "utf-8")
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if isinstance(error, pa.ArrowInvalid) and "UTF8" not in str(error):
            raise
        return _read_csv(path, "gb18030")


def _read_csv(path: Path, encoding: str) -> Any:
    read_options = pyarrow.csv.ReadOptions(encoding=encoding)
    with pyarrow.csv.open_csv(path, read_options=read_options) as reader:
        names = list(reader.schema.names)
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise DesignError(
            "%(file)s: column %(column)s stands there twice.", file=path.name, column=twice[0]
        )
    return pyarrow.csv.read_csv(
        path,
        read_options=read_options,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=MISSING,
            strings_can_be_null=True,
        ),
    )


def read_parquet(path: Path) -> Any:
    """Read a Parquet file."""
    return pyarrow.parquet.read_table(path)


def read_labelled(path: Path) -> Any:
    """Read an SPSS or Stata file; answers keep their codes, not their labels."""
    import pyreadstat  # noqa: PLC0415 - loads when such a file comes

    reader = pyreadstat.read_sav if path.suffix.lower() == ".sav" else pyreadstat.read_dta
    try:
        columns, _ = reader(path, output_format="dict")
    except (pyreadstat.PyreadstatError, pyreadstat.ReadstatError) as error:
        raise DesignError("%(file)s: %(error)s", file=path.name, error=error) from error
    return pa.table({name: _answers(values) for name, values in columns.items()})


def _answers(values: Any) -> Any:
    """Make an empty text a missing answer."""
    array = pa.array(values, from_pandas=True)
    return pc.if_else(pc.equal(array, ""), None, array) if pa.types.is_string(array.type) else array


READERS: dict[str, Callable[[Path], Any]] = {
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".sav": read_labelled,
    ".dta": read_labelled,
}
