"""The parts of the Participant page: its controls, what to know before believing, the week sheet, and how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.components import words
from pages.components.session import Param, choose
from pages.components.theme import theme_name
from pat_core.explain import METHODS
from pat_core.figures import cohort_spread, config, week_sheet, week_timeline
from pat_core.records import Attribution
from pat_core.workflows import SHOWN, ModelEntry, WeekView, default_whose

LANES = {"Days, noon to noon": "noon", "Days, midnight to midnight": "midnight", "One timeline": "timeline"}
STANDARDIZERS = {"model": "The model's own people", "cohort": "This cohort's people"}


@dataclass(frozen=True)
class Choice:
    """What the reader asked to see."""

    methods: tuple[str, ...]
    lanes: str
    whose: str
    shade_sleep: bool
    truth: str | None


def controls(entry: ModelEntry) -> Choice:
    """The quiet row above the sheet. Settings that only researchers need are folded."""
    offered = [name for name, method in METHODS.items() if entry.has_head or not method.needs_head]
    left, middle, right = st.columns([4, 3, 2], vertical_alignment="bottom")
    methods = left.multiselect(
        "Explanations under the activity",
        offered,
        default=[name for name in ("rollout", "integrated_gradients") if name in offered],
        format_func=lambda name: METHODS[name].title,
        key="sheet.methods",
        placeholder="none",
    )
    lanes = middle.selectbox("View", list(LANES), key="sheet.lanes")
    with right.popover("Settings", width="stretch"):
        own = entry.card.get("has_standardizer")
        options = ["model", "cohort"] if own else ["cohort"]
        whose = choose(Param.STANDARDIZER, "Compare minutes with", options, default_whose(entry), STANDARDIZERS.get,
                       help="Each minute is compared with the same minute of other people before the model reads it.")  # fmt: skip
        sleep = st.toggle("Shade estimated rest", value=True, key="sheet.sleep")
        st.caption(
            "Integrated gradients start from the mean week (zero after standardization) and take more steps until the gap is below 1 %."
        )
    return Choice(tuple(methods), LANES[lanes], whose, sleep, None)


def cautions(view: WeekView, entry: ModelEntry) -> None:
    """Input gate, what the model has seen, how good it was: before any map."""
    if entry.origin == "random":
        st.error("This model is random and untrained. Nothing it shows is a finding.")
    elif entry.card.get("first_line"):
        st.warning(str(entry.card["first_line"]))
    if entry.card.get("warning"):
        st.warning(str(entry.card["warning"]))
    serious = [finding for finding in view.findings if finding.severity != "note"]
    for finding in serious:
        (st.error if finding.severity == "refuse" else st.warning)(finding.message)
    lines = [finding.message for finding in view.findings if finding.severity == "note"]
    lines += [] if serious else ["The input check found nothing wrong with this week."]
    lines += [words.score_words(entry)] if entry.has_head else []
    split = words.split_words(view.split, view.held_out)
    lines += [split] if split else []
    st.markdown("\n".join(f"- {line}" for line in lines))


def draw(view: WeekView, made: Sequence[Attribution], choice: Choice) -> None:
    """The week sheet or the timeline, with its caption in words."""
    labels = [METHODS[one.method].title for one in made]
    shared = {"theme": theme_name(), "sleep": view.sleep if choice.shade_sleep else None, "nonwear": view.nonwear, "labels": labels}
    truth = next(iter(view.truth), None)
    if truth:
        name = truth.replace("_", " ")
        if st.toggle(f"Show the planted evidence ({name}): simulated people have a known truth", key="sheet.truth"):
            shared |= {"marks": view.truth[truth], "marks_label": f"planted: {name}"}
    if choice.lanes == "timeline":
        figure, caption = week_timeline(view.week, made, **shared)
    else:
        figure, caption = week_sheet(view.week, made, day_from=choice.lanes, **shared)
    st.plotly_chart(figure, theme=None, config=config(), key="sheet")
    with st.expander("The picture in words"):
        st.write(caption)


def rhythm(view: WeekView, spread: dict[str, np.ndarray]) -> None:
    """This week's rhythm figures, each beside the cohort's people."""
    columns = st.columns(3)
    for place, (name, (title, unit)) in enumerate(SHOWN.items()):
        figure, _ = cohort_spread(getattr(view.rhythm, name), spread[name], title, view.week.unit if unit else "", theme=theme_name())
        columns[place % 3].plotly_chart(figure, theme=None, config=config(), key=f"rhythm.{name}")
    st.caption("The large dot is this week, the small dots are the first weeks of the people in this cohort, the tick is their median.")


def reading(made: Sequence[Attribution], entry: ModelEntry) -> None:
    """What each strip is and how far it can be trusted."""
    for one in made:
        line = f"**{METHODS[one.method].title}.** {one.note}"
        if one.relative_gap is not None:
            verdict = "within" if one.relative_gap <= 0.01 else "NOT within"
            line += (
                f" The minutes sum to {one.delta + one.completeness_gap:+.3f} logits; the score changed by {one.delta:+.3f}: "
                f"a gap of {one.relative_gap:.2%}, {verdict} the 1 % that we hold to."
            )
        st.markdown(line)
    if made:
        st.caption("This is where the model attended and which minutes raised or lowered its score: the model's response, not a cause.")
