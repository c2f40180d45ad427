"""The forms of the item's questions: asked for after the report, answered for who telephoned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from huying.cases.answers import answers_of, asks_of, carried, prefilled, softened
from huying.desk.fields import Say
from huying.desk.verb_form import REMARK, VerbForm
from huying.errors import HuyingError
from huying.forms.answering import Trouble, WrongAnswers
from huying.forms.definition import Definition
from huying.forms.rendering import given_by, on_page


class AskQuestions(VerbForm):
    hint = _("Who reported is told, and answers on the phone or on the page of the report.")
    text = Say(label=REMARK)


class AnswerQuestions(VerbForm):
    """The questions themselves are drawn by the engine of forms, and read by it."""

    template = "desk/verbs/questions.html"
    hint = _("These answers count from now on; the earlier ones stay with the case.")
    files_for_questions: ClassVar[bool] = True

    def prepare(self) -> None:
        form, before = asks_of(self.case), answers_of(self.case)
        self.definition = form.definition if form is not None else Definition()
        self.before, self.kept = prefilled(before), carried(before)
        self.troubles: Mapping[str, Trouble] = {}

    @property
    def questions(self) -> dict[str, Any]:
        given = given_by(self.definition, self.data) if self.is_bound else self.before
        return on_page(softened(self.definition, self.kept), given, self.troubles)

    def inputs(self) -> dict[str, Any]:
        return {"answers": given_by(self.definition, self.data)}

    def refused(self, error: HuyingError) -> None:
        if isinstance(error, WrongAnswers):
            self.troubles = error.troubles


ANSWER_FORMS: Mapping[str, type[VerbForm]] = {
    "ask_questions": AskQuestions,
    "answer_questions": AnswerQuestions,
}
