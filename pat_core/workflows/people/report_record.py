"""All that a report of one person's week is drawn from, gathered once from the workflows that the pages ask too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.explain.windows import EvidenceWindow, strongest_windows
from pat_core.progress import Progress, Silent
from pat_core.records import Attribution, Finding, WeekQuestion
from pat_core.rhythms import FEATURE_NAMES
from pat_core.settings import MINUTES_PER_DAY
from pat_core.wear import QualitySettings
from pat_core.weights import Model
from pat_core.workflows.explanations.map_quality import hash_of
from pat_core.workflows.explanations.scoreboard import verdict
from pat_core.workflows.explanations.unusual_weeks import WeekDistance, week_distance
from pat_core.workflows.explanations.week_maps import applicable, explain_read, sha256_of
from pat_core.workflows.models.answers import USUAL, Answer, Wish
from pat_core.workflows.models.cautions import by_cost
from pat_core.workflows.models.predictions import Pooled
from pat_core.workflows.people.participant_week import WeekView, receipt, scored_by, week_view
from pat_core.workflows.people.person_windows import together
from pat_core.workflows.read.worn_days import quality_settings
from pat_core.workflows.week.cohort_weeks import draw, first_weeks, unfit_rows
from pat_core.workflows.week.week_figures import WeekFigures, week_figures
from pat_core.workflows.week.week_nights import MOST_PEOPLE

MAPS = ("rollout", "integrated_gradients")
"""Methods of the maps in a report: where the model attended, and which minutes raised or lowered its score."""
MOST_WINDOWS = 3
FEWEST_PEOPLE = 10
"""Of fewer people nothing is said of how they spread."""
FORM = 1
"""Counts up when a report of the same week would hold other figures, so that its hash changes."""


@dataclass(frozen=True, eq=False)
class Among:
    """One figure over people of the cohort. values: (people,) float64, finite, in order. low, high: 10th and 90th percentile."""

    values: np.ndarray
    median: float
    low: float
    high: float

    @property
    def people(self) -> int:
        """How many."""
        return self.values.size


@dataclass(frozen=True, eq=False)
class ReportRecord:
    """One week of one person for a report.

    created: when. settings: how wear is judged. answer: the one number that the page gives too; None where it is withheld, without a
    trained head, and of other targets than two classes. pooled: all windows of the person together, None where they have one.
    cautions: of the model, the week and its wear, the costliest first. unlike: how unusual the week is to the model, or `unlike_why`, a
    sentence why that is not said. maps: by method, in the order of MAPS, none of a refused week; no_map: method -> why it is not drawn.
    windows: the strongest ones, of the map `windows_of`. verdicts: method -> what was measured of it where the truth is known.
    among: figure -> the people of the cohort, those that have FEWEST_PEOPLE. sha256: of all this, without `created`.
    """

    view: WeekView
    model: Model
    created: datetime
    settings: QualitySettings
    answer: Answer | None
    pooled: Pooled | None
    cautions: tuple[Finding, ...]
    unlike: WeekDistance | None
    unlike_why: str
    maps: Mapping[str, Attribution]
    no_map: Mapping[str, str]
    windows: tuple[EvidenceWindow, ...]
    windows_of: str
    verdicts: Mapping[str, str]
    among: Mapping[str, Among]
    versions: Mapping[str, str]
    sha256: str

    @property
    def state(self) -> str:
        """What an interpretation is about: a hash of the week with its marks, the model, and how wear is judged."""
        return hash_of([sha256_of(self.view.week.values), self.model.sha256, repr(self.settings)])[:16]

    @property
    def refused(self) -> bool:
        """The week is unfit for the model, so there is no score."""
        return self.view.refused


def report_record(
    workspace: Workspace,
    model: Model,
    question: WeekQuestion,
    *,
    with_model: bool = True,
    wish: Wish = USUAL,
    score: str | None = None,
    by_diary: bool = False,
    progress: Progress | None = None,
) -> ReportRecord:
    """Gather one week. with_model: whether the model's answer and its maps are wanted; without them nothing is explained. wish: how the
    answer is given. score: the sleep score, a key of SLEEP_SCORES; None for the one made for the device. by_diary: nights
    take their time in bed from the diary.

    WorkspaceError where nobody is called so, WeekError where the week cannot be standardized, ExplanationError where a map cannot be made.
    """
    progress, settings = progress or Silent(), quality_settings(workspace)
    progress.at(0.0, "Reading the week")
    view = week_view(workspace, model, question, settings)
    view = scored_by(view, score or view.score, settings, by_diary=by_diary) if score or by_diary else view
    unlike, why = None, ""
    maps, no_map = dict[str, Attribution](), dict[str, str]()
    if with_model and not view.refused:
        progress.at(0.1, "Comparing the week with those that the model knows")
        unlike, why = week_distance(workspace, model, view.read)
        reasons = applicable(model, view.z.size)
        for number, name in enumerate(MAPS):
            if reasons[name]:
                no_map[name] = reasons[name]
                continue
            progress.at(0.3 + 0.3 * number, "Explaining the week")
            maps[name] = explain_read(workspace, model, view.read, name)
    windows_of = next((name for name in maps if maps[name].kind == "attribution"), next(iter(maps), ""))
    week = view.week
    windows = strongest_windows(maps[windows_of], week.start, most=MOST_WINDOWS, date_known=week.date_known) if windows_of else ()
    progress.at(0.9, "Reading the cohort")
    among = cohort_spread(workspace, view.cohort.name)
    content = receipt(view, model, list(maps.values()), distance=unlike, wish=wish)
    prints = {name: value for name, value in content.items() if name not in ("made", "receipt_sha256")}
    prints |= {"form": FORM, "among": {name: (of.people, of.median, of.low, of.high) for name, of in among.items()}}
    prints |= {"windows": [asdict(window) for window in windows]}
    far = unlike.caution if unlike else ()
    return ReportRecord(
        view=view,
        model=model,
        created=datetime.now(),
        settings=settings,
        answer=view.answer(wish) if with_model else None,
        pooled=together(workspace, model, question) if with_model and view.weeks > 1 and not view.refused else None,
        cautions=by_cost((*view.cautions, *view.findings, *far)),
        unlike=unlike,
        unlike_why=why,
        maps=maps,
        no_map=no_map,
        windows=windows,
        windows_of=windows_of,
        verdicts={name: words for name in maps if (words := verdict(name, model.config.size))},
        among=among,
        versions={str(name): str(value) for name, value in dict(content["versions"]).items()},  # type: ignore[call-overload]
        sha256=hash_of(prints),
    )


CLOCKS = ("bedtime", "onset", "offset", "rise", "midpoint")
"""Figures of `cohort_spread` that are clock times: minutes after noon, so that midnight parts nobody's nights."""
LENGTHS = ("time_in_bed", "sleep", "efficiency", "latency", "waso", "awakenings")


def cohort_spread(workspace: Workspace, cohort: str) -> dict[str, Among]:
    """Figure -> how it spreads over the first weeks of the cohort's people that the input check finds fit (at most MOST_PEOPLE, drawn by a
    seed), this person's among them.

    Means over nights go by the names of `NightSummary`, clock times in minutes after noon; rhythm by the names of `RhythmFigures`,
    l5_start, m10_start and acrophase in minutes after midnight.
    """
    unfit = unfit_rows(workspace, cohort)
    rows = [row for row in draw(first_weeks(workspace.week_rows(cohort)), MOST_PEOPLE) if row.row not in unfit]
    if not rows:
        return {}
    table = week_figures(workspace, cohort, [row.row for row in rows])
    spreads = {}
    for name, values in _named(table).items():
        finite = np.sort(values[np.isfinite(values)])
        if finite.size >= FEWEST_PEOPLE:
            low, median, high = np.percentile(finite, (10, 50, 90))
            spreads[name] = Among(finite, float(median), float(low), float(high))
    return spreads


def _named(table: WeekFigures) -> dict[str, np.ndarray]:
    """Columns of the kept figures under the names and in the units of the records; what was kept as a logarithm back from it."""
    column = dict(zip(table.names, table.values.T, strict=True))
    named = {name: column[f"{name}_mean"] for name in LENGTHS}
    named |= {name: 60 * column[f"{name}_after_noon"] for name in CLOCKS}
    named |= {name: column[name] for name in FEATURE_NAMES[:3]}
    named |= {name: np.expm1(column[f"log_{name}"]) for name in ("l5", "m10", "mesor", "amplitude")}
    named |= {"l5_start": (60 * column["l5_from_15h"] + 15 * 60) % MINUTES_PER_DAY}
    named |= {"m10_start": (60 * column["m10_from_3h"] + 3 * 60) % MINUTES_PER_DAY}
    named |= {"acrophase": (60 * column["acrophase_from_15h"] + 15 * 60) % MINUTES_PER_DAY}
    return named | {"sri": column["sri"]}
