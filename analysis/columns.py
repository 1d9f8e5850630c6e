"""Columns by name, whatever they came in: arrays, lists, an Arrow table, a pandas frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analysis.blocks import Codes, blocks, narrow
from analysis.problems import DesignError, name_rows, unknown_column


def text_of(level: object) -> str:
    """Write a code as it stands in a questionnaire: ``1``, not ``1.0``.

    >>> text_of(1.0), text_of("Yes"), text_of(2)
    ('1', 'Yes', '2')
    """
    if isinstance(level, float) and level.is_integer():
        return str(int(level))
    return str(level)


class Columns:
    """The columns of one data set, converted when first asked for.

    Parameters
    ----------
    data : mapping of str to array-like, pyarrow.Table or pandas.DataFrame
        All columns have the same number of rows.
    """

    def __init__(self, data: Any) -> None:
        self._data = data
        self.names: list[str] = list(
            data.column_names if isinstance(data, pa.Table) else getattr(data, "columns", data)
        )
        if not self.names:
            raise DesignError("The data have no columns.")
        self._arrays: dict[str, Any] = {}
        self._numbers: dict[str, NDArray[np.float64]] = {}
        self._codes: dict[str, tuple[Codes, list[Any]]] = {}
        self.rows = len(self.array(self.names[0]))

    def beside(self, columns: Mapping[str, Any]) -> Columns:
        """Return these columns and others of the same rows; what was converted is kept."""
        own = {name: self._data[name] for name in self.names}
        known = Columns({**own, **columns})
        kept = own.keys() - columns.keys()
        known._arrays |= {name: self._arrays[name] for name in kept & self._arrays.keys()}
        known._numbers |= {name: self._numbers[name] for name in kept & self._numbers.keys()}
        known._codes |= {name: self._codes[name] for name in kept & self._codes.keys()}
        return known

    def array(self, name: str) -> Any:
        """Return the column as an Arrow array; NaN is a missing value."""
        if name not in self._arrays:
            if name not in self.names:
                raise unknown_column(name, self.names)
            array = _to_arrow(self._data[name], name)
            if self._arrays and len(array) != self.rows:
                raise DesignError(
                    "Column %(column)s has %(found)d rows, the others %(rows)d.",
                    column=name, found=len(array), rows=self.rows,
                )  # fmt: skip
            self._arrays[name] = array
        return self._arrays[name]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return the column as floats, NaN where missing; text that is no number is refused."""
        if name not in self._numbers:
            array = self.array(name)
            if pa.types.is_string(array.type):
                array = _parse(array, name)
            elif pa.types.is_boolean(array.type):
                array = pc.cast(array, pa.int8())
            try:
                array = pc.cast(array, pa.float64(), safe=False)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                raise DesignError("Column %(column)s holds no numbers.", column=name) from None
            self._numbers[name] = array.to_numpy(zero_copy_only=False)
        return self._numbers[name]

    def whole(self, name: str) -> NDArray[Any] | None:
        """Return a column of numbers without a missing one as it is, not copied; else None."""
        array = self.array(name)
        number = pa.types.is_integer(array.type) or pa.types.is_floating(array.type)
        return array.to_numpy() if number and not array.null_count else None

    def codes(self, name: str) -> tuple[Codes, list[Any]]:
        """Return ``(codes, levels)``: each row's place among the sorted distinct values.

        A missing value is the level ``None``, in the last place.
        """
        if name not in self._codes:
            self._codes[name] = factorise(self.array(name))
        return self._codes[name]

    def matches(self, name: str, codes: Iterable[object]) -> NDArray[np.bool_]:
        """Return which rows hold one of the codes, compared as text."""
        wanted = {text_of(code) for code in codes}
        values, levels = self.codes(name)
        found = np.array([text_of(level) in wanted and level is not None for level in levels], bool)
        return found[values] if len(levels) else np.zeros(self.rows, bool)


def factorise(array: Any) -> tuple[Codes, list[Any]]:
    """Code an Arrow array by its sorted distinct values; missing comes last, as ``None``.

    Examples
    --------
    >>> codes, levels = factorise(pa.array(["b", None, "a", "b"]))
    >>> codes.tolist(), levels
    ([1, 2, 0, 1], ['a', 'b', None])
    """
    if pa.types.is_integer(array.type) and not array.null_count and len(array):
        numbers = array.to_numpy(zero_copy_only=False)
        low, high = (int(bound) for bound in (numbers.min(), numbers.max()))
        if (span := high - low + 1) <= _most(len(numbers)):
            if low or numbers.dtype.kind == "u":
                numbers = np.subtract(numbers, low, dtype=np.int64).astype(narrow(span))
            codes, distinct_numbers = compress(numbers, span)
            return codes, (distinct_numbers + low).tolist()
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    distinct = encoded.dictionary
    order = pc.sort_indices(distinct).to_numpy()
    levels = distinct.take(pa.array(order)).to_pylist()
    place = np.empty(len(order) + 1, narrow(len(order) + 1))
    place[order] = np.arange(len(order))
    place[-1] = len(order)  # a missing value has the index -1
    if encoded.null_count:
        levels.append(None)
        return place[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)], levels
    return place[encoded.indices.to_numpy(zero_copy_only=False)], levels


def compress(key: Codes, size: int) -> tuple[Codes, NDArray[np.intp]]:
    """Renumber keys below ``size`` without gaps; return the new numbers and the distinct keys.

    >>> codes, distinct = compress(np.array([7, 2, 7]), 9)
    >>> codes.tolist(), distinct.tolist()
    ([1, 0, 1], [2, 7])
    """
    if size <= _most(len(key)):
        seen = np.zeros(size, bool)
        for rows in blocks(len(key)):
            seen[key[rows]] = True
        distinct = np.flatnonzero(seen)
        if len(distinct) == size:
            return key, distinct
        place: Codes = np.empty(size, narrow(size))
        place[distinct] = np.arange(len(distinct))
        codes: Codes = np.empty(len(key), place.dtype)
        for rows in blocks(len(key)):
            codes[rows] = place[key[rows]]
        return codes, distinct
    coded, levels = factorise(pa.array(key))
    return coded, np.array(levels, np.intp)


def _most(keys: int) -> int:
    """Return how wide a range of keys is still worth a table."""
    return max(32 * keys, 65536)


def _to_arrow(values: Any, name: str) -> Any:
    if isinstance(values, pa.ChunkedArray):
        array = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()  # a copy
    elif isinstance(values, pa.Array):
        array = values
    else:
        if isinstance(values, np.ndarray) and values.dtype.kind == "U":
            values = values.astype(object)
        try:
            array = pa.array(values, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise DesignError(
                "Column %(column)s mixes kinds of values: %(error)s", column=name, error=error
            ) from None
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):  # whose levels need not all occur
        array = pc.cast(array, array.type.value_type)
    if pa.types.is_floating(array.type):
        unknown = pc.is_nan(array)
        return pc.if_else(unknown, None, array) if pc.any(unknown).as_py() else array
    if pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        return pc.cast(array, pa.string())
    if pa.types.is_null(array.type):
        return pc.cast(array, pa.float64())
    return array


def _parse(array: Any, name: str) -> Any:
    try:
        return pc.cast(array, pa.float64())
    except pa.ArrowInvalid:
        texts: Sequence[str | None] = array.to_pylist()
        bad = np.array([not _is_number(text) for text in texts])
        raise DesignError(
            "Column %(column)s must hold numbers; %(rows)s: text such as %(text)r.",
            column=name, rows=name_rows(bad), text=texts[int(bad.argmax())],
        ) from None  # fmt: skip


def _is_number(text: str | None) -> bool:
    if text is None:
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True
