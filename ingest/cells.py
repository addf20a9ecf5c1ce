"""The cells of a chunk, column by column: each distinct text once, and which of them stands in each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.contract import Field
from ingest.copy_text import Coded, Column, escape, escape_text
from ingest.idle_rows import mark
from ingest.layout import FieldPlan
from ingest.profile import FieldSource
from ingest.units import with_unit
from ingest.values import Typed, convert, plain_number, to_decimal


@dataclass(frozen=True)
class Texts:
    """A column: its distinct texts, and for each row which of them (None: the first stands in every row)."""

    distinct: pa.StringArray
    indices: np.ndarray | None

    def rows(self) -> pa.StringArray | str:
        """Text of every row, or the one that stands in all of them."""
        if self.indices is None:
            return str(self.distinct[0])
        return pc.take(self.distinct, pa.array(self.indices))

    def mark(self, mask: pa.BooleanArray) -> np.ndarray:
        """A mask of the distinct texts as one of the rows of a column of the file."""
        if self.indices is None:
            raise TypeError("a value that stands in every row has no rows of its own")
        return mark(mask, self.indices)


@dataclass(frozen=True)
class Cells:
    """One field of a chunk: its plan, its typed distinct values, and for each row which of them."""

    plan: FieldPlan
    typed: Typed
    indices: np.ndarray | None

    def per_row(self, distinct: np.ndarray, count: int) -> np.ndarray:
        """What belongs to each distinct value, row by row."""
        return np.full(count, distinct[0]) if self.indices is None else distinct.take(self.indices)

    def column(self) -> Column:
        """The typed values for COPY."""
        values = escape(self.typed.values)
        if self.indices is None:
            return escape_text(None) if values[0].as_py() is None else str(values[0])
        return Coded(values, self.indices)

    def texts(self, distinct: pa.StringArray, keep: np.ndarray | None = None) -> pa.StringArray | str | None:
        """Values of the kept rows; a single text (or None) when it stands in every row."""
        if self.indices is None:
            return distinct[0].as_py()
        return pc.take(distinct, pa.array(self.indices if keep is None else self.indices[keep]))


def source_texts(plan: FieldPlan, columns: dict[int, Texts], null_tokens: tuple[str, ...]) -> Texts:
    """What the cells of a field hold, however many columns it is put together from."""
    source = plan.source
    if not plan.columns:
        return Texts(pa.array([source.constant], pa.string()), None)
    members = [columns[column] for column in plan.columns if column in columns]
    if len(members) < len(plan.columns):  # the sheet ends before this column
        return Texts(pa.array([""], pa.string()), None)
    if source.has_unit_beside:
        return _encoded(_with_unit(members[0], members[1], null_tokens))
    if source.join:
        return _encoded(_join(members, source.separator, null_tokens))
    return _encoded(_sum(members, null_tokens)) if source.sum else members[0]


def missing(distinct: pa.StringArray, null_tokens: tuple[str, ...]) -> pa.BooleanArray:
    """Which texts say that there is no value."""
    return pc.is_in(pc.utf8_trim_whitespace(distinct), pa.array([*null_tokens, ""]))


def _with_unit(amount: Texts, unit: Texts, null_tokens: tuple[str, ...]) -> pa.StringArray:
    """Each amount with the unit that stands beside it, as one text."""
    is_missing = amount.mark(missing(amount.distinct, null_tokens))
    return with_unit(_all_rows(amount), _all_rows(unit), is_missing)


def _join(members: Sequence[Texts], separator: str, null_tokens: tuple[str, ...]) -> pa.StringArray:
    """The texts joined; missing when a part is missing."""
    parts = []
    for member in members:
        trimmed = pc.utf8_trim_whitespace(member.distinct)
        present = pc.if_else(missing(member.distinct, null_tokens), pa.scalar(None, pa.string()), trimmed)
        parts.append(Texts(present, member.indices).rows())
    return pc.fill_null(pc.binary_join_element_wise(*parts, separator), "")


def _sum(members: Sequence[Texts], null_tokens: tuple[str, ...]) -> pa.StringArray:
    """The exact sum; missing when a part is missing, and the faulty text where a part is no number."""
    total, faulty = None, None
    for member in members:
        trimmed = pc.utf8_trim_whitespace(member.distinct)
        present = pc.if_else(missing(member.distinct, null_tokens), pa.scalar(None, pa.string()), trimmed)
        plain = plain_number(present)
        wrong = pc.if_else(pc.is_null(plain), present, pa.scalar(None, pa.string()))
        take = pa.array(member.indices)
        amounts, wrong = pc.take(to_decimal(plain), take), pc.take(wrong, take)
        total = amounts if total is None else pc.add(total, amounts)
        faulty = wrong if faulty is None else pc.coalesce(faulty, wrong)
    return pc.coalesce(faulty, pc.fill_null(pc.cast(total, pa.string()), ""))


def only(columns: dict[int, Texts], keep: np.ndarray) -> dict[int, Texts]:
    """The columns with the rows that are kept."""
    if keep.all():
        return columns
    return {c: Texts(t.distinct, t.indices[keep]) for c, t in columns.items() if t.indices is not None}


def key_cells(field: Field, cells: Cells | None) -> Cells | None:
    """A field of the key as it identifies a row: an empty cell is what empty means; None when it has none."""
    if field.empty_means is None:
        return cells
    if cells is None:
        source = FieldSource(constant=field.empty_means)
        typed = convert(field, source, pa.array([field.empty_means]), ())
        return Cells(FieldPlan(field, source, ()), typed, None)
    # A cell that cannot be read is not empty: the row's key is not known.
    is_empty = pc.and_(pc.is_null(cells.typed.values), pa.array(cells.typed.fault == 0))
    values = pc.if_else(is_empty, field.empty_means, cells.typed.values)
    return replace(cells, typed=replace(cells.typed, values=values))


def decoded(array: pa.DictionaryArray) -> tuple[pa.StringArray, np.ndarray]:
    """A column of a chunk as its distinct texts and which of them stands in each row."""
    # numpy takes by intp: converted once here, not with every column that is taken.
    return array.dictionary, np.asarray(array.indices).astype(np.intp)


def _encoded(texts: pa.StringArray) -> Texts:
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    return Texts(*decoded(texts.dictionary_encode()))


def _all_rows(texts: Texts) -> pa.StringArray:
    return pc.take(texts.distinct, pa.array(texts.indices))
