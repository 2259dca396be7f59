"""Statements that Django puts together once, for those that every call to KIAS needs.

Django words a query anew each time it is asked; for the relay's conditions that costs several times what
PostgreSQL needs to answer (docs/benchmarks.md, «The relay»). The query stands as ever, its rules in their one
home: only the words are kept (ADR 0032), and what varies comes as `Given`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.db import connection
from django.db.models import DateTimeField, Expression, Field, QuerySet, TextField, UUIDField

from sync.clock import Clock, database_clock

Rows: TypeAlias = "QuerySet[Any, Any]"


class Given(Expression):
    """A value of the query that comes when it is executed: text, unless `output_field` says otherwise."""

    def __init__(self, name: str, output_field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=output_field or TextField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


def given_id(name: str) -> Given:
    return Given(name, UUIDField())


def given_moment(name: str) -> Given:
    return Given(name, DateTimeField())


class Statement:
    """A SELECT of values, as Django words it."""

    def __init__(self, query: Rows) -> None:
        compiler = query.query.get_compiler(using=query.db)
        self._sql, self._params = compiler.as_sql()
        self._compiler = compiler
        self._converters = compiler.get_converters([column for column, _, _ in compiler.select])

    def rows(self, **given: Any) -> list[tuple[Any, ...]]:
        """What it finds."""
        found = self._executed(self._sql, given)
        return [tuple(row) for row in self._compiler.apply_converters(found, self._converters)]

    def row(self, **given: Any) -> tuple[Any, ...] | None:
        """The first row that it finds."""
        return next(iter(self.rows(**given)), None)

    def insert_into(self, table: str, columns: str, returning: str, **given: Any) -> Any:
        """Put the row that it finds, if any, into `table`; what the database gives it as `returning`."""
        sql = f"INSERT INTO {table} ({columns}) {self._sql} RETURNING {returning}"
        return next((found for (found,) in self._executed(sql, given)), None)

    def _executed(self, sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, [_value(each, given) for each in self._params])
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found


def _value(parameter: Any, given: dict[str, Any]) -> Any:
    if not isinstance(parameter, Given):
        return parameter
    return parameter.output_field.get_db_prep_value(given[parameter.name], connection, prepared=False)


def compiled(write: Callable[..., Rows]) -> Callable[..., Statement]:
    """Keep the statement that `write(clock, *terms)` words, for each set of terms a process has.

    By the database's clock alone: another one is a moment, which is part of the statement.
    """
    kept: dict[tuple[Any, ...], Statement] = {}

    @wraps(write)
    def statement(clock: Clock = database_clock, *terms: Any) -> Statement:
        if clock is not database_clock:
            return Statement(write(clock, *terms))
        if terms not in kept:
            kept[terms] = Statement(write(clock, *terms))
        return kept[terms]

    return statement
