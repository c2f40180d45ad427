"""A unit with a month to score: rated by the town, its report rated, a veto to be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

if TYPE_CHECKING:
    from tests.desk.world import World


def with_scores(world: World) -> Any:
    """The veto; its evidence is a case that was handled and rated."""
    from huying.assessment.scores import rating, vetoing
    from huying.assessment.scores.kinds import Kind
    from huying.assessment.scores.rating import Stars
    from huying.assessment.scores.subjects import first_of

    now = timezone.now()
    month, case, unit = first_of(timezone.localdate(now)), world.handled(), world.units["lead"]
    rating.rate_unit(
        unit.pk,
        month,
        Stars(5, 2, 4, reason="清理不彻底，第二天又堆起来。"),
        by=world.actor("dispatcher"),
        now=now,
    )
    rating.rate_report(case, right=["place", "item"], by=world.actor("handler"), now=now)
    told = vetoing.Told(
        Kind.UNIT,
        str(unit.pk),
        month,
        "false_evidence",
        "处置照片与三天前另一案件的照片相同，核查员到场确认没有清理。",
        cases=[case.number],
        photos=[world.photo("dispatcher", "other")],
    )
    return vetoing.propose(told, by=world.actor("dispatcher"), now=now)


def vetoed(world: World, proposed: Any) -> Any:
    """A veto in force on the same unit's month before, which the unit may appeal against."""
    from huying.assessment.scores import vetoing
    from huying.assessment.scores.kinds import Kind
    from huying.assessment.scores.subjects import before

    now, unit = timezone.now(), world.units["lead"]
    told = vetoing.Told(
        Kind.UNIT,
        str(unit.pk),
        before(proposed.month),
        "false_evidence",
        "上月同一处垃圾点的处置照片为旧照片，现场未清理。",
        cases=[_number(proposed)],
    )
    veto = vetoing.propose(told, by=world.actor("dispatcher"), now=now)
    return vetoing.decide(veto.pk, agree=True, answer="", by=world.actor("leader"), now=now)


def score_pages(world: World) -> dict[str, list[tuple[str, str]]]:
    """Every page of the scores, by who looks at it."""
    from django.utils import timezone

    from huying.assessment.scores import publishing
    from huying.assessment.scores.kinds import Kind

    veto, unit = with_scores(world), world.units["lead"].pk
    held = vetoed(world, veto)
    publishing.begin(Kind.UNIT, "440113", by=world.actor("administrator"), now=timezone.now())
    worker = world.accounts["worker"].pk
    return {
        "dispatcher": [
            ("scores", "/desk/scores/?kind=unit"),
            ("scores-workers", "/desk/scores/?kind=worker"),
            ("scores-none", "/desk/scores/?kind=branch&month=2020-01"),
            ("score", f"/desk/scores/of/unit/{unit}?part=handled_in_time"),
            ("score-worker", f"/desk/scores/of/worker/{worker}"),
            ("score-ratings", "/desk/scores/ratings"),
            ("score-sheets", "/desk/scores/sheets"),
            ("vetoes", "/desk/scores/vetoes"),
            ("new-veto", f"/desk/scores/of/unit/{world.units['second'].pk}/veto"),
        ],
        "leader": [("veto", f"/desk/scores/vetoes/{veto.pk}")],
        "handler": [
            ("score-own", "/desk/scores/"),
            ("veto-own", f"/desk/scores/vetoes/{held.pk}"),
            ("appeal-veto", f"/desk/appeals/against/veto/{held.pk}"),
            ("report-rating", f"/desk/cases/{_number(veto)}"),
        ],
        "administrator": [("score-sheet-draft", "/desk/scores/sheets/unit")],
        "worker": [("vetoes-none", "/desk/scores/vetoes")],
    }


def _number(veto: Any) -> str:
    from huying.cases.models import Case

    return Case.objects.get(pk=veto.cases[0]).number
