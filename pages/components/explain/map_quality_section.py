"""Beside every map: how to read it, how far it can be trusted, and its receipt, to take away and to check when it comes back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.people import several_answer
from pages.components.people.answer_choice import ahead
from pages.components.people.explanation_section import NOT_REFINED, Line, Shown, Within
from pages.components.shared import sentences
from pages.components.shared.cached_calls import kept_distance, model, workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.csv_text import csv_text
from pat_core.errors import PatError
from pat_core.explain import METHODS, explain
from pat_core.explain.judging.stability import Stability, stability
from pat_core.records import Attribution, Prediction
from pat_core.workflows.explanations.scoreboard import verdict
from pat_core.workflows.explanations.unusual_weeks import NOT_YET, WeekDistance, week_distance
from pat_core.workflows.explanations.week_maps import sha256_of
from pat_core.workflows.models.kind_answers import LOGIT_OF, explained
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participant_week import WeekView, mass_table, week_table
from pat_core.workflows.people.participant_week import receipt as workflow_receipt
from pat_core.workflows.receipts.receipt_check import check_receipt

NOISE = _(
    "Makes the map three more times, for the same minutes with noise too small to see, and compares them. This takes as long as three maps."
)
MEANINGS = {
    "attention": _("where the model attended"),
    "attribution": _("which minutes raised or lowered its score"),
    "sensitivity": _("where its score responds to small changes"),
}


def reading(shown: Sequence[Shown], entry: ModelEntry) -> None:
    """What each strip is and its error, and where it stands how its method did where the truth is known."""
    for strip in shown:
        if strip.attribution is not None:
            parts = (
                f"**{METHODS[strip.method].title}.**",
                sentence(strip.attribution.note),
                gap_words(strip.attribution, strip.settings.get("tolerance")),
            )
            st.markdown(sentences.minus(" ".join(part for part in parts if part)))
    if any(verdict(strip.method, entry.size) for strip in shown if strip.attribution is not None):
        st.caption(
            _(
                "How these methods did on simulated people whose truth is known is shown on the scoreboard and in the receipt: it was "
                "measured with other models, on other tasks."
            )
        )
        st.page_link("pages/explain.py", label=_("Scoreboard"), query_params={str(Param.ASPECT): "scoreboard"})
    kinds = {strip.attribution.kind for strip in shown if strip.attribution is not None}
    meanings = [MEANINGS[kind] for kind in MEANINGS if kind in kinds]
    if meanings:
        st.caption(literal(_("This is {meanings}: the model's response, not a cause.").format(meanings=_(" and ").join(meanings))))


def flagged(shown: Sequence[Shown]) -> None:
    """What touches the maps of this very week: those that could not be made, are not refined, missed their tolerance, or are of a week that
    was refused."""
    several_answer.explains(strip.attribution for strip in shown if strip.attribution is not None)
    flags: dict[str, list[str]] = {}
    for strip in shown:
        title = METHODS[strip.method].title
        if strip.why:
            st.warning(literal(f"{title}: {strip.why}"))
        elif strip.drawn is None:
            st.caption(_("{method}: not made yet.").format(method=literal(title)))
        elif strip.drawn.flag:
            flags.setdefault(strip.drawn.flag, []).append(title)
    for flag, titles in flags.items():
        st.warning(literal(flag if NOT_REFINED in flag else f"{', '.join(titles)}: {flag}"))


def sentence(text: str) -> str:
    """With the full stop that it may lack."""
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def gap_words(attribution: Attribution, requested: float | None = None) -> str:
    """How far the map adds up to the change of the score; "" where it has no such sum. requested: the tolerance, None for the usual one."""
    if attribution.relative_gap is None or attribution.delta is None or attribution.completeness_gap is None:
        return ""
    total, share = attribution.delta + attribution.completeness_gap, 100 * attribution.relative_gap
    if not METHODS[attribution.method].sums:
        return _(
            "Its parts sum to {total} {unit}; replacing all at once changes the score by {change}: the difference of "
            "{difference:.3f} is their joint effect."
        ).format(
            total=sentences.number(total, 3, True),
            change=sentences.number(attribution.delta, 3, True),
            difference=abs(attribution.completeness_gap),
            unit=attribution.unit,
        )
    tolerance = 0.01 if requested is None else requested
    met = _("within") if attribution.relative_gap <= tolerance else _("NOT within")
    held = _("that we hold to") if tolerance == 0.01 else _("that was asked for")
    return _(
        "The minutes sum to {total} {unit}; the score changed by {change}: a gap of {gap:.2f} %, {verdict} the {tolerance:g} % {source}."
    ).format(
        total=sentences.number(total, 3, True),
        change=sentences.number(attribution.delta, 3, True),
        gap=share,
        verdict=met,
        tolerance=100 * tolerance,
        source=held,
        unit=attribution.unit,
    )


def unusual(view: WeekView, entry: ModelEntry, progress: Line | None = None) -> tuple[WeekDistance | None, str]:
    """How unusual the week is to the model, or a sentence why that is not said.

    Without a progress line, only where the people it is compared with were read before: for a large model that takes a minute.
    """
    if progress is None:
        return kept_distance(entry, view.read)
    return week_distance(workspace(), model(entry), view.read, progress=progress)


def work_out(place: DeltaGenerator, view: WeekView, entry: ModelEntry, why: str) -> None:
    """Read the people this week is compared with where that is still to be done, then draw the page again. To be called last."""
    if why != NOT_YET:
        return
    bar = place.progress(0.0, _("Reading the people to compare with"))
    distance, reason = unusual(view, entry, Line(bar, _("How unusual this is")))
    bar.empty()
    if distance is not None or reason != NOT_YET:
        st.rerun()


def _stability_key(view: WeekView, entry: ModelEntry, attribution: Attribution) -> str:
    return Key.STABILITY.of(entry.sha256, sha256_of(view.z), sha256_of(attribution.values))


def _known(view: WeekView, entry: ModelEntry, shown: Sequence[Shown]) -> dict[str, Stability]:
    """What repeating finished maps has shown so far, by method."""
    finished = [strip for strip in shown if strip.attribution is not None and not strip.pending]
    keys = {strip.method: _stability_key(view, entry, strip.attribution) for strip in finished if strip.attribution}
    return {name: st.session_state[keys[name]] for name in keys if keys[name] in st.session_state}


def steadiness(view: WeekView, entry: ModelEntry, shown: Sequence[Shown]) -> None:
    """A button for each finished map that repeats it with small noise, and what that has shown."""
    finished = [strip for strip in shown if strip.attribution is not None and not strip.pending]
    if not finished:
        return
    st.subheader(_("Is the map stable?"))
    known, row = _known(view, entry, shown), st.container(horizontal=True)
    pressed = [
        strip
        for strip in finished
        if strip.method not in known
        and row.button(
            literal(_("Repeat with noise: {method}").format(method=METHODS[strip.method].title)), key=f"ask.{strip.method}", help=NOISE
        )
    ]
    for strip in pressed:
        if strip.attribution is not None:
            st.session_state[_stability_key(view, entry, strip.attribution)] = _repeat(view, entry, strip)
    if pressed:
        st.rerun()
    for name, repeated in known.items():
        st.markdown(f"**{literal(METHODS[name].title)}.** {literal(sentences.minus(repeated.words))}")


def _repeat(view: WeekView, entry: ModelEntry, strip: Shown) -> Stability:
    bar = st.progress(0.0, _("Repeating with small noise"))
    line = Line(bar, METHODS[strip.method].title)
    run = partial(explain, name=strip.method, has_head=entry.has_head, progress=Within(line), **strip.settings)
    of = str(strip.attribution.settings.get("explains", "")) if strip.attribution else ""
    name = of.removeprefix(LOGIT_OF) if of.startswith(LOGIT_OF) and several_answer.several(entry) else None
    result = stability(explained(model(entry), name, view.z).network, view.z, run, attribution=strip.attribution, progress=line)
    bar.empty()
    return result


def receipt(view: WeekView, entry: ModelEntry, answer: Prediction | None, distance: WeekDistance | None, shown: Sequence[Shown]) -> None:
    """What was shown and with what it was made, to read and to take away. answer: the prediction on the page, asked for or not."""
    anyway, steady = answer if view.refused else None, _known(view, entry, shown)
    maps = [strip.attribution for strip in shown if strip.attribution is not None]
    content = workflow_receipt(view, model(entry), maps, distance=distance, stability=steady, shown_anyway=anyway, wish=ahead())
    if maps:
        st.markdown(_("Where the maps lie: the percentage of each map's strength, beside that of all minutes."))
        st.table(mass_table(view, maps).set_index("Map").map(lambda share: sentences.percent(share / 100)), border="horizontal")
    stem = f"{view.week.participant}-week{view.week.index + 1}"
    left, right = st.columns(2)
    as_json, name = json.dumps(content, indent=1), f"{stem}-receipt.json"
    left.download_button(_("Receipt (JSON)"), as_json, name, "application/json", on_click="ignore", width="stretch")
    right.download_button(
        _("Minutes (CSV)"),
        lambda: csv_text(week_table(view, maps)),  # put together once it is asked for: a row a minute takes a tenth of the page's time
        f"{stem}-minutes.csv",
        "text/csv",
        on_click="ignore",
        width="stretch",
    )
    st.json(content, expanded=False)
    brought = st.file_uploader(_("Check a receipt"), type="json", key="receipt.check", max_upload_size=5)
    if brought is not None:
        checked(brought.getvalue())


def checked(text: bytes) -> None:
    """What a receipt that was brought back fits, what could not be compared, or the field that does not fit."""
    try:
        done = check_receipt(text, workspace())
    except PatError as error:
        st.error(literal(error))
        return
    st.success(_("Nothing in this receipt contradicts what is here.\n\n") + sentences.bullets(done.fits))
    if done.unchecked:
        st.info(_("Not compared:\n\n") + sentences.bullets(done.unchecked))
