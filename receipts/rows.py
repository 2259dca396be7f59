"""Many rows in one INSERT, the same text for PostgreSQL and SQLite.

Django's `bulk_create(ignore_conflicts=True)` does not tell which rows were new, and asking afterwards would
be a race; hence `RETURNING`. Figures: docs/benchmarks.md, «Intake».
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models

#: Fields whose Python value is not what the driver takes, by database.
_PREPARED: dict[str, tuple[type["models.Field[Any, Any]"], ...]] = {
    "postgresql": (models.JSONField,),
    "sqlite": (models.UUIDField, models.ForeignKey, models.DateTimeField, models.DateField, models.JSONField),
}


@cache
def _plan(model: type[models.Model], vendor: str) -> tuple[str, str, list[tuple[str, Any]]]:
    """The statement's head, one row's placeholders, and per column its attribute and what prepares it."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    names = ", ".join(_quoted(field) for field in fields)
    head = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({names}) VALUES "  # noqa: S608 (our own names)
    row = f"({', '.join(['%s'] * len(fields))})"
    prepared = _PREPARED[vendor]
    columns = [
        (field.attname, field.get_db_prep_save if isinstance(field, prepared) else None) for field in fields
    ]
    return head, row, columns


def insert(instances: Sequence[models.Model], *, on_conflict: str = "", returning: str = "") -> list[Any]:
    """Insert all of them (one model), key included unless the database counts it; the values of `returning`.

    Raises what the database raises: `IntegrityError`, `DataError`. Uniqueness is handled by `on_conflict`.
    """
    if not instances:
        return []
    head, row, columns = _plan(type(instances[0]), connection.vendor)
    lines = [
        [
            getattr(instance, attname) if prepare is None else prepare(getattr(instance, attname), connection)
            for attname, prepare in columns
        ]
        for instance in instances
    ]
    tail = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    with connection.cursor() as cursor:
        if not returning:
            _execute(cursor, head, row, lines, tail)
            return []
        field = next(f for f in instances[0]._meta.concrete_fields if f.name == returning)
        _execute(cursor, head, row, lines, f"{tail} RETURNING {_quoted(field)}")
        return [field.to_python(found[0]) for found in cursor.fetchall()]


def _execute(cursor: Any, head: str, row: str, lines: list[list[Any]], tail: str) -> None:
    if connection.vendor == "postgresql":
        # psycopg parses placeholders anew each time unless they are few, so row by row is quicker.
        cursor.execute(head + ", ".join([cursor.mogrify(row, line) for line in lines]) + tail)
    else:
        cursor.execute(
            head + ", ".join([row] * len(lines)) + tail, [value for line in lines for value in line]
        )


def _quoted(field: "models.Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))
