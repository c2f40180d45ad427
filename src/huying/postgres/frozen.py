"""Questions of Django's that are put together once, and asked often as prepared statements.

Each time a question is asked, Django clones it, resolves its names, and writes its SQL anew; the
server then reads that and plans it anew. For a small question that is nearly all of its cost, and
a page asks a dozen. Here a question has gaps for what differs, is put together when it is asked for
the first time, and from then on only its values travel.

    @frozen
    def _texts(case: Any) -> QuerySet[CaseText]:
        return CaseText.objects.filter(case=case)

    _texts(case=found.pk)  # a list

What is given by name fills a gap; what is given by position is the question's shape: it is put
together once for each, as for a post that sees a community's cases and one that sees a district's.
A gap stands where an expression may: it is compared with a column (`=`, `<`, ``range``), or
begins it (``startswith``, or ``within`` of a code of digits), or is a list of which the column is
one (``any_of``), or like one (``like_any``). It is never None. What is no gap is written into the
text, so that a plan made without the values knows at least that, such as which states are open.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import update_wrapper
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Expression, Field, ForeignKey, Lookup, QuerySet, query
from django.db.models.query import FlatValuesListIterable, ModelIterable
from psycopg import sql

from huying.postgres.objects import joined, made_of
from huying.postgres.prepared import numbered_rows_of

Row = TypeVar("Row", covariant=True)


class Plan(Enum):
    """How the server comes to a plan for a question."""

    KEPT = "kept"
    UNSEEN = "kept, and made without the values"
    EACH_TIME = "each time"


class Given(Expression):
    """A gap in a question, to be filled with the value of this name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    def __repr__(self) -> str:
        return f"Given({self.name!r})"


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """The column is one of a list that is one value, so that lists of all lengths are one question.

    ``in`` writes a place for each.
    """

    lookup_name = "any_of"
    compared = "="

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [value]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        kind, _, _length = self.lhs.output_field.cast_db_type(connection).partition("(")
        # Without a word for its type a gap that nobody sees (`frozen_unseen`) would ask for rows.
        right = f"{right}::{'text' if kind == 'varchar' else kind}[]"
        return f"{left} {self.compared} ANY({right})", [*left_values, *right_values]


@Field.register_lookup
class LikeAny(AnyOf):
    """The column is like one of a list of patterns that is one value."""

    lookup_name = "like_any"
    compared = "LIKE"


@Field.register_lookup
class Within(Lookup):
    """The column is a code of digits that begins with another, or that one: by the order of bytes.

    ``startswith`` says the same, but an index serves that only if its value is known when the
    server thinks of a plan.
    """

    lookup_name = "within"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        # The colon is the character after the nine.
        both = f"({left} ~>=~ {right} AND {left} ~<~ ({right} || ':'))"
        return both, [*left_values, *right_values] * 2


@dataclass(frozen=True, slots=True)
class _Kept:
    """A question put together: its text, what fills its places, and what becomes of its rows."""

    sql: str
    gaps: tuple[str, ...]
    made_of: Callable[[Sequence[tuple[Any, ...]]], list[Any]]
    keep: bool

    def ask(self, values: dict[str, Any]) -> list[Any]:
        return self.made_of(numbered_rows_of(self.sql, filled(self.gaps, values), keep=self.keep))


class _Nothing:
    """The same of a question that Django does not even ask."""

    def ask(self, values: dict[str, Any]) -> list[Any]:
        return []


class Frozen(Generic[Row]):
    """A question to be asked with other values: see the module."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], plan: Plan) -> None:
        update_wrapper(cast("Callable[..., Any]", self), build)
        self._build, self._plan = build, plan
        self._kept: dict[tuple[Hashable, ...], _Kept | _Nothing] = {}

    def __call__(self, *shape: Hashable, **values: Any) -> list[Row]:
        """Asks.

        Raises:
            ValueError: a value that is compared is None, which is equal to nothing.
            django.db.DatabaseError: as Django's own questions.
        """
        kept = self._kept.get(shape)
        if kept is None:
            asked = self._build(*shape, **{name: Given(name) for name in values})
            kept = self._kept[shape] = _put_together(asked, self._plan)
        return kept.ask(values)


def frozen(build: Callable[..., QuerySet[Any, Row]]) -> Frozen[Row]:
    """Makes a question of a function that builds a query set of gaps."""
    return Frozen(build, Plan.KEPT)


def frozen_unseen(build: Callable[..., QuerySet[Any, Row]]) -> Frozen[Row]:
    """The same for a question whose plan is the right one whatever the values are.

    Where a plan made for the values looks cheaper than one for any, the server goes on making
    them, though both do the same and thinking of one takes longer than doing it: such as for a list
    of fewer than the ten ids that it counts with otherwise. So it does not get to see the values.
    """
    return Frozen(build, Plan.UNSEEN)


def frozen_but_planned(build: Callable[..., QuerySet[Any, Row]]) -> Frozen[Row]:
    """The same for a question whose best plan depends on its values: planned for them each time.

    Such as one of ranges on several columns, of which now one is narrow and now another.
    """
    return Frozen(build, Plan.EACH_TIME)


def _put_together(asked: QuerySet[Any, Any], plan: Plan) -> _Kept | _Nothing:
    compiler = asked.query.get_compiler(DEFAULT_DB_ALIAS)
    try:
        text, places = compiler.as_sql()
    except EmptyResultSet:  # whatever is given, nothing can be found
        return _Nothing()
    written, gaps = numbered(text, places, unseen=plan is Plan.UNSEEN)
    return _Kept(written, gaps, _makes(asked, compiler), plan is not Plan.EACH_TIME)


def filled(gaps: Sequence[str], values: Mapping[str, Any]) -> list[Any]:
    """What goes into the places of a text.

    Raises:
        ValueError: a value is None.
    """
    found = [values[name] for name in gaps]
    if None in found:
        raise ValueError(f"{gaps[found.index(None)]} is None, which no column equals")
    return found


def numbered(
    text: str, places: Sequence[Any], *, unseen: bool = False
) -> tuple[str, tuple[str, ...]]:
    """The text as the server takes it, and by the names of its gaps what goes into its places.

    A gap is ``$1`` and so on; everything else is written into the text.

    Raises:
        ValueError: something of it is None, which no column equals.
    """
    marks: list[str] = []
    gaps: list[str] = []
    for place in places:
        if isinstance(place, Given):
            gaps.append(place.name)
            marks.append(f"(SELECT ${len(gaps)})" if unseen else f"${len(gaps)}")
        elif place is None:
            raise ValueError("what is compared is None, which no column equals")
        else:
            plain = str(place) if isinstance(place, str) else place  # a member of an enum, too
            marks.append(sql.Literal(plain).as_string())
    return text % tuple(marks), tuple(gaps)


def _makes(
    asked: QuerySet[Any, Any], compiler: Any
) -> Callable[[Sequence[tuple[Any, ...]]], list[Any]]:
    """What makes of rows what the query set would have made of them."""
    columns = [column for column, *_rest in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(columns)

    def converted(rows: Sequence[tuple[Any, ...]]) -> Any:
        return compiler.apply_converters(rows, converters) if converters else rows

    kind = cast("Any", asked)._iterable_class
    if kind is FlatValuesListIterable:
        return lambda rows: [row[0] for row in converted(rows)]
    if not issubclass(kind, ModelIterable):
        return lambda rows: list(map(tuple, converted(rows)))
    made = compiler.klass_info
    first, last = made["select_fields"][0], made["select_fields"][-1] + 1
    names = tuple(column.target.attname for column in columns[first:last])
    populators = cast("Any", query).get_related_populators(made, compiler.select, DEFAULT_DB_ALIAS)
    beside = [joined(each) for each in populators]
    annotations = compiler.annotation_col_map or {}
    make = made_of(made["model"], names)

    def objects(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        found = []
        for row in converted(rows):
            one = make(row[first:last])
            for each in beside:
                each(row, one)
            for name, position in annotations.items():
                setattr(one, name, row[position])
            found.append(one)
        return found

    return objects
