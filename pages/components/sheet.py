"""The parts of the Participant page: its controls, what to know before believing, the week sheet, and how to read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import streamlit as st

from pages.components import words
from pages.components.cached import answer_anyway, model
from pages.components.session import Param, choose
from pages.components.theme import theme_name
from pat_core.explain import METHODS
from pat_core.figures import cohort_spread, config, prediction_dot, week_sheet, week_timeline
from pat_core.records import Attribution, Finding, Prediction
from pat_core.workflows import SHOWN, ModelEntry, WeekView, default_whose, week_table
from pat_core.workflows import receipt as workflow_receipt

LANES = {"noon": "Days, noon to noon", "midnight": "Days, midnight to midnight", "timeline": "One timeline"}
RESTING = (
    "Estimated rest is three hours or more of little movement: sitting still, lying awake, or a device on a table look the same. "
    "It is for orientation; the model does not see it."
)
STANDARDIZERS = {"model": "The model's own people", "cohort": "This cohort's people"}


@dataclass(frozen=True)
class Choice:
    """What the reader asked to see."""

    methods: tuple[str, ...]
    lanes: str
    whose: str
    shade_sleep: bool


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
    with middle:
        lanes = choose(Param.VIEW, "View", list(LANES), words=LANES.get)
    with right.popover("Settings", width="stretch"):
        own = entry.card.get("has_standardizer")
        options = ["model", "cohort"] if own else ["cohort"]
        whose = choose(Param.STANDARDIZER, "Compare minutes with", options, default_whose(entry), STANDARDIZERS.get,
                       help="Each minute is compared with the same minute of other people before the model reads it.")  # fmt: skip
        sleep = st.toggle("Shade estimated rest", value=True, key="sheet.sleep")
        if "integrated_gradients" in offered:
            st.caption(
                "Integrated gradients start from the mean week (zero after standardization) and take more steps until the gap is below 1 %."
            )
    return Choice(tuple(methods), lanes, whose, sleep)


def wanted(view: WeekView, entry: ModelEntry) -> bool:
    """Whether the model's answer is to be shown: always, but of a week that the input gate refused only where the reader asks for it."""
    if not view.refused:
        return True
    held = "No probability is shown" if entry.has_head else "It is not shown where the model attended"
    st.markdown(f"{held}: the input check found this week unfit for the model.")
    anyway = st.toggle("Show what the model answers anyway", key=f"anyway.{view.week.participant}.{view.week.index}.{entry.reference}")
    if anyway:
        st.error("The week is unfit for the model. What follows is no statement about this person.")
    return anyway


def prediction(view: WeekView, entry: ModelEntry) -> Prediction | None:
    """The answer in a sentence, its dot and its probability; None without a trained head."""
    if not entry.has_head:
        st.markdown("This model has no trained head, so it gives no prediction: only where it attended.")
        return None
    shown = answer_anyway(entry, view) if view.refused else view.prediction
    if view.refused or view.like is None:
        st.markdown(words.probability_words(shown, entry))
        st.caption("Nobody is compared with an unfit week." if view.refused else view.like_why)
        return shown
    st.markdown(words.prediction_sentence(view.like, entry))
    figure, _ = prediction_dot(view.like, shown.prevalence, group=words.condition(entry), theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(buttons=False), key="prediction")
    st.caption(words.probability_words(shown, entry))
    return shown


def cautions(view: WeekView, entry: ModelEntry) -> None:
    """Input gate, what is to be known of the model, what it has seen, how good it was: before any map."""
    findings = (*view.cautions, *view.findings)
    warned(findings, entry)
    lines = [finding.message for finding in findings if finding.severity == "note"]
    lines += ["The input check found nothing wrong with this week."] if all(one.severity == "note" for one in view.findings) else []
    lines += [words.score_words(entry)] if entry.has_head else []
    split = words.split_words(view.split, view.held_out)
    lines += [split] if split else []
    st.markdown("\n".join(f"- {line}" for line in lines))


def warned(findings: Sequence[Finding], entry: ModelEntry) -> None:
    """What is grave in red, a box each; what else is to be known in one box, the model's own words about itself among it."""
    random = [finding.message for finding in findings if finding.code == "random_encoder"]
    for message in random + [finding.message for finding in findings if finding.severity == "refuse"]:
        st.error(message)
    told = [finding.message for finding in findings if finding.severity == "warn" and finding.code != "random_encoder"]
    own = [str(entry.card["first_line"])] if entry.card.get("first_line") and not random else []
    lines = list(dict.fromkeys(own + told))
    if lines:
        st.warning(lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines))


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
    if shared["sleep"] is not None and shared["sleep"].any():
        st.caption(RESTING)
    with st.expander("The picture in words"):
        st.write(caption)


def rhythm(view: WeekView, spread: dict[str, np.ndarray]) -> None:
    """This week's rhythm figures, each beside the cohort's people."""
    columns = st.columns(3)
    for place, (name, (title, unit)) in enumerate(SHOWN.items()):
        figure, _ = cohort_spread(getattr(view.rhythm, name), spread[name], title, view.week.unit if unit else "", theme=theme_name())
        columns[place % 3].plotly_chart(figure, theme=None, config=config(buttons=False), key=f"rhythm.{name}")
    st.caption("The large dot is this week, the small dots are the first weeks of the people in this cohort, the tick is their median.")


MEANINGS = {"attention": "where the model attended", "attribution": "which minutes raised or lowered its score"}


def reading(made: Sequence[Attribution]) -> None:
    """What each strip is and how far it can be trusted."""
    for one in made:
        line = f"**{METHODS[one.method].title}.** {one.note}"
        if one.relative_gap is not None:
            verdict = "within" if one.relative_gap <= 0.01 else "NOT within"
            line += (
                f" The minutes sum to {one.delta + one.completeness_gap:+.3f} logits; the score changed by {one.delta:+.3f}: "
                f"a gap of {100 * one.relative_gap:.2f} %, {verdict} the 1 % that we hold to."
            )
        st.markdown(line)
    kinds = {one.kind for one in made}
    shown = [MEANINGS[kind] for kind in MEANINGS if kind in kinds]
    if shown:
        st.caption(f"This is {' and '.join(shown)}: the model's response, not a cause.")


def receipt(view: WeekView, entry: ModelEntry, shown: Prediction | None, made: Sequence[Attribution]) -> None:
    """What was shown and with what it was made, to read and to take away. shown: the prediction on the page, asked for or not."""
    content = workflow_receipt(view, model(entry), list(made))
    if view.refused and shown:
        content |= {"prediction": asdict(shown), "shown_anyway": "The reader asked for the answer, although the week was refused."}
    stem = f"{view.week.participant}-week{view.week.index + 1}"
    st.download_button("Receipt (JSON)", json.dumps(content, indent=1), f"{stem}-receipt.json", "application/json")
    st.download_button("Minutes (CSV)", week_table(view, list(made)).to_csv(index=False), f"{stem}-minutes.csv", "text/csv")
    st.json(content, expanded=False)
