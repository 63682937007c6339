"""Which explanations, and with what settings: the choices above the sheet. What does not apply is not offered, and why is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.cached import workspace
from pages.components.explained import Asked
from pat_core.explain import METHODS
from pat_core.explain.baselines import MEAN_WEEK, NONWEAR, PERSON
from pat_core.explain.occlusion import REPLACEMENTS
from pat_core.explain.rollout import FUSIONS
from pat_core.model import PatConfig
from pat_core.workflows import week_indices

FIRST = ("rollout", "integrated_gradients")
FAMILIES = {
    "attention": "Where the model attended",
    "gradient": "Which minutes raised or lowered the score",
    "occlusion": "What the score loses when a stretch is replaced",
}
COMPARED = {MEAN_WEEK: "The mean week", NONWEAR: "A device that is not worn", PERSON: "Another person"}
CAUTIONS = {
    MEAN_WEEK: "The average of the standardizer's people, minute by minute: activity and missing activity can both be seen against it.",
    NONWEAR: "Against a device that is not worn, missing activity is no difference, so it cannot be seen.",
    PERSON: "The map shows what tells this week from that person's, not what is unusual about either.",
}
MEAN = "mean"
"""No head of its own. Not None, which a box takes for nothing chosen."""
TOLERANCES = {0.01: "1 %", 0.02: "2 %", 0.05: "5 %"}
REPLACED = {"mean week": "the mean week", "own day": "the person's own median day"}


def methods(place: DeltaGenerator, reasons: Mapping[str, str]) -> tuple[str, ...]:
    """The methods to draw, in the order they are drawn. reasons: each method's name with why it does not apply, "" where it does."""
    offered = [name for name, why in reasons.items() if not why]
    told = [
        f"**{words}**\n"
        + "\n".join(f"- {METHODS[name].title}: {METHODS[name].sentence}" for name in offered if METHODS[name].family == family)
        for family, words in FAMILIES.items()
        if any(METHODS[name].family == family for name in offered)
    ]
    _only("sheet.methods", offered, [name for name in FIRST if name in offered])
    return tuple(
        place.multiselect(
            "Explanations under the activity",
            offered,
            format_func=lambda name: METHODS[name].title,
            key="sheet.methods",
            placeholder="none",
            help="\n\n".join(told),
        )
    )


def not_offered(reasons: Mapping[str, str]) -> str:
    """Which methods do not apply and why, a sentence a reason; "" where all apply."""
    grouped: dict[str, list[str]] = {}
    for name, why in reasons.items():
        if why:
            grouped.setdefault(why, []).append(METHODS[name].title)
    told = [(titles, f"Each {why[3:]}" if len(titles) > 1 and why.startswith("It ") else why) for why, titles in grouped.items()]
    return " ".join(f"Not offered: {'; '.join(titles)}. {why}" for titles, why in told)


def settings(chosen: Sequence[str], config: PatConfig, reference: str, cohort: str, others: Sequence[str]) -> Asked:
    """The settings of the chosen methods; only those that one of them takes are shown. others: people to compare with."""
    taken = {option for name in chosen for option in METHODS[name].options}
    own = {option for name in chosen if name != "expected_gradients" for option in METHODS[name].options}
    given: dict[str, object] = {}
    baseline, person = _baseline(cohort, others) if "baseline" in own else (MEAN_WEEK, None)
    if "tolerance" in taken:
        given["tolerance"] = st.segmented_control(
            "Refine the map until its gap is below", list(TOLERANCES), default=0.01, format_func=TOLERANCES.get, key="sheet.tolerance",
            help="The gap is what the minutes' sum misses of the change of the score.",
        ) or 0.01  # fmt: skip
    if "replacement" in taken:
        given["replacement"] = st.selectbox(
            "Replace a stretch by", REPLACEMENTS, format_func=lambda name: REPLACED.get(name, name), key="sheet.replacement",
            help="One replacement alone can mislead: compare the two.",
        )  # fmt: skip
    given |= _attention(taken, config, reference)
    return Asked(tuple(chosen), given, baseline, person)


def _baseline(cohort: str, others: Sequence[str]) -> tuple[str, tuple[str, int] | None]:
    offered = [name for name in COMPARED if name != PERSON or others]
    baseline = st.selectbox("Baseline: explain the difference from", offered, format_func=COMPARED.get, key="sheet.baseline")
    person = None
    if baseline == PERSON:
        _only("sheet.other", others, others[0])
        name = st.selectbox("Whom to compare with", others, key="sheet.other", help="Their first week.")
        person = (name, week_indices(workspace(), cohort, name)[0])
    st.caption(CAUTIONS[baseline])
    return baseline, person


def _attention(taken: set[str], config: PatConfig, reference: str) -> dict[str, object]:
    """Which block, head, fusion and discard ratio. Only what differs from the methods' own goes along."""
    given: dict[str, object] = {}
    if "block" in taken and config.blocks > 1:
        last = config.blocks - 1
        block = st.selectbox(
            "Block of the attention map", list(range(config.blocks))[::-1], key=f"sheet.block.{reference}",
            format_func=lambda one: f"Block {one + 1} of {config.blocks}{' (the last, as the authors)' if one == last else ''}",
        )  # fmt: skip
        given |= {"block": block} if block != last else {}
    if "head" in taken:
        head = st.selectbox(
            "Head of the authors' map", [MEAN, *range(config.heads)], key=f"sheet.head.{reference}",
            format_func=lambda one: "Mean over heads (as the authors)" if one == MEAN else f"Head {one + 1}",
        )  # fmt: skip
        given |= {"head": head} if head != MEAN else {}
    if "fusion" in taken:
        given["fusion"] = st.selectbox(
            "Heads in the rollout", FUSIONS, key="sheet.fusion", format_func={"mean": "Mean", "max": "Largest", "min": "Smallest"}.get
        )
    if "discard" in taken:
        given["discard"] = st.slider("Weakest attention left out of the rollout (%)", 0, 90, 0, 10, key="sheet.discard") / 100
    return given


def _only(key: str, offered: Sequence[str], default: list[str] | str) -> None:
    """Before a box is drawn: its default where nothing was chosen yet, and of what was chosen what is still offered."""
    before = st.session_state.get(key, default)
    st.session_state[key] = (
        [one for one in before if one in offered] if isinstance(before, list) else before if before in offered else default
    )
