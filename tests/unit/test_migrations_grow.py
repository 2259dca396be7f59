"""After the first release the database only grows, so that the release before still runs on it (P22)."""

from collections.abc import Iterator

import pytest
from django.db import models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

#: whatever the release before reads, writes or leaves out goes on working
GROWING = (
    operations.CreateModel,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.RenameIndex,
    operations.RemoveConstraint,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
)
OURS = {"accounts", "backoffice", "receipts", "sync"}
#: `app.migration` whose shrinking the release before was made ready for, and by which release
PREPARED: dict[str, str] = {}


def objections(operation: Operation) -> Iterator[str]:
    """What of it the former release would stumble over."""
    if isinstance(operation, operations.AddField):
        field = operation.field
        if not field.null and field.db_default is NOT_PROVIDED and not field.many_to_many:
            yield f"{operation.describe()}: the former release writes rows without it; null or db_default"
    elif isinstance(operation, operations.SeparateDatabaseAndState):
        for each in operation.database_operations:
            yield from objections(each)
    elif not isinstance(operation, GROWING):
        yield f"{operation.describe()}: take it back, or name it in PREPARED and say why"


def test_p22_migrations_after_the_first_release_only_add() -> None:
    found = [
        f"{app}.{name}: {words}"
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in OURS and not migration.initial and f"{app}.{name}" not in PREPARED
        for operation in migration.operations
        for words in objections(operation)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("operation", "grows"),
    [
        (operations.AddField("receipt", "tips", models.IntegerField(null=True)), True),
        (operations.AddField("receipt", "tips", models.IntegerField(db_default=0)), True),
        (operations.AddField("receipt", "tips", models.IntegerField(default=0)), False),
        (operations.AddField("receipt", "tips", models.IntegerField()), False),
        (operations.RemoveField("receipt", "comment"), False),
        (operations.RenameField("receipt", "comment", "remark"), False),
        (operations.AlterField("receipt", "comment", models.CharField(max_length=3)), False),
        (operations.DeleteModel("Receipt"), False),
        (operations.RenameModel("Receipt", "Paper"), False),
        (operations.AddConstraint("receipt", models.UniqueConstraint(fields=["amount"], name="x")), False),
        (operations.RunSQL("DROP TABLE receipts_receipt"), False),
        (operations.SeparateDatabaseAndState([operations.RemoveField("receipt", "comment")]), False),
        (operations.CreateModel("Photo", []), True),
        (operations.AddIndex("receipt", models.Index(fields=["amount"], name="x")), True),
    ],
    ids=lambda value: value.describe() if isinstance(value, Operation) else "",
)
def test_p22_what_the_former_release_would_stumble_over_is_seen(operation: Operation, grows: bool) -> None:
    assert (not list(objections(operation))) == grows
