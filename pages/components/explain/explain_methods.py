"""Compare methods: several explanations of one week on one time axis, how far they agree, and how exact each is."""

from __future__ import annotations

import streamlit as st

from pages.components.explain import map_quality_section
from pages.components.explain.explain_controls import about, one_week, shows
from pages.components.people import map_choices, reading_aids
from pages.components.people.explanation_section import MapRequest, Shown, first_look, refine
from pages.components.shared import data_table
from pages.components.shared.cached_calls import model
from pages.components.shared.choices import choose_several
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.csv_text import csv_text
from pat_core.explain import METHODS
from pat_core.explain.baselines import MEAN_WEEK
from pat_core.figures import Layers, config, week_timeline
from pat_core.workflows.explanations import attention_views
from pat_core.workflows.explanations.week_maps import applicable
from pat_core.workflows.people.participant_week import WeekView

FIRST = ("rollout", "alti", "integrated_gradients", "gradient", "occlusion_hour")


def show() -> None:
    """The whole view."""
    shows(
        _("Several methods over the same window, on one time axis: strips of the same kind share a scale."),
        _("Agreement shows that methods see the same parts; it does not show that these parts matter."),
    )
    look, view = one_week()
    read = model(look.entry)
    reasons = applicable(read, look.cohort.minutes)
    chosen = _methods([name for name, why in reasons.items() if not why])
    if missing := map_choices.not_offered(reasons):
        st.caption(literal(missing))
    if not about(view, look.entry) or not chosen:
        return
    request = MapRequest(chosen, {}, MEAN_WEEK)
    shown = first_look(view, look.entry, request)
    progress = st.container()
    _timeline(view, shown)
    _table(view, shown)
    reading_aids.agreeing(shown, read.config)
    st.subheader(_("How to read each"))
    map_quality_section.reading(shown, look.entry)
    refine(progress, view, look.entry, request, shown)


def _methods(offered: list[str]) -> tuple[str, ...]:
    chosen = choose_several(
        Param.COMPARED, _("Methods"), offered, FIRST, lambda name: METHODS[name].title, placeholder=_("Choose two or more")
    )
    if not chosen:
        st.info(_("Choose methods to see them side by side."))
    return tuple(name for name in offered if name in chosen)


def _timeline(view: WeekView, shown: list[Shown]) -> None:
    maps = [strip.attribution for strip in shown if strip.attribution is not None]
    if not maps:
        return
    layers = Layers(maps, [METHODS[attribution.method].title for attribution in maps], sleep=view.sleep, nonwear=view.nonwear)
    figure, caption = week_timeline(view.week, layers, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(), key="explain.methods.timeline")
    with st.expander(_("The picture in words")):
        st.write(literal(caption))


def _table(view: WeekView, shown: list[Shown]) -> None:
    table = attention_views.methods_table([strip.attribution for strip in shown if strip.attribution is not None])
    if table.empty:
        return
    st.subheader(_("How exact, and at what cost"))
    unit = next((strip.attribution.unit for strip in shown if strip.attribution and "unit" in strip.attribution.settings), "logits")
    number = st.column_config.NumberColumn
    data_table.table(
        table,
        height="content",
        placeholder="–",
        columns={
            "Method": st.column_config.TextColumn(width=230),
            "Sum": number(
                _("Sum of its values ({unit})").format(unit=unit), format="%+.3f", help=_("Empty where values have no such sum.")
            ),
            "Change": number(
                _("Change of the score ({unit})").format(unit=unit),
                format="%+.3f",
                help=_("From the baseline, or from all parts replaced."),
            ),
            "Gap": number(
                _("Gap (%)"),
                format="%.2f",
                help=_("As a share of the change in the score, or of 1 logit where the change is smaller: an error."),
            ),
            "Not additive": number(
                _("Parts do not add up by (%)"),
                format="%.2f",
                help=_(
                    "Parts that work together do not add up when they are replaced one at a time: not an error, as no exact sum was "
                    "promised."
                ),
            ),
            "Passes": number(_("Passes through the network"), format="localized"),
        },
    )
    stem = f"{view.week.participant}-week{view.week.index + 1}"
    st.download_button(_("This table (CSV)"), csv_text(table), f"{stem}-methods.csv", "text/csv", on_click="ignore")
