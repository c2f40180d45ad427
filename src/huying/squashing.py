"""How a squashed migration makes many tables without drawing all models anew for each of them.

Django applies a migration's operations one by one, and before each it makes classes of the models
that the one before changed and of all that are connected with them, which here are nearly all. For
a thousand operations that is a minute of a core, for what PostgreSQL does in two seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.migrations import Migration
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class SquashedMigration(Migration):
    """Draws the models once, as they are after all operations, and makes each new table from that.

    What other operations add to a table made here is in it from the start, and foreign keys come
    at the end of the transaction anyway, as always. Operations on older tables run in their order
    between the state before the migration and the one after it. So none may build on another of the
    same migration (add a field, then alter it), and none may run Python on the models: what a
    comparison of two states finds is like that, and test_squashed.py compares the outcome.

    It goes one way. Tables that went through the migrations it replaces never come here.
    """

    def apply(
        self,
        project_state: ProjectState,
        schema_editor: BaseDatabaseSchemaEditor,
        collect_sql: bool = False,
    ) -> ProjectState:
        """The state after all operations, which have run (or been written down as SQL)."""
        before = project_state
        # A new state has no classes of its models yet: until it is asked for them, none are drawn.
        after = ProjectState(
            {key: model.clone() for key, model in before.models.items()}, before.real_apps
        )
        for operation in self.operations:
            operation.state_forwards(self.app_label, after)
        made: set[str] = set()
        for operation in self.operations:
            if isinstance(operation, CreateModel):
                made.add(operation.name_lower)
            elif getattr(operation, "model_name_lower", None) in made:
                continue
            if collect_sql:
                schema_editor.collected_sql += ["--", f"-- {operation.describe()}", "--"]
            operation.database_forwards(self.app_label, schema_editor, before, after)
        return after

    def unapply(self, *arguments: Any, **options: Any) -> ProjectState:
        """Raises IrreversibleError."""
        raise IrreversibleError(
            f"{self.app_label}.{self.name} can't be taken back: it made what an installation "
            "begins with. Restore a backup, or begin with an empty database."
        )
