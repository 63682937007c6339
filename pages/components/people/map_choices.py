"""Which explanations, and with what settings: the choices above the sheet. What does not apply is not offered, and why is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from pages.components.people.explanation_section import MapRequest
from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose, choose_number, choose_several
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.explain import METHODS
from pat_core.explain.baselines import MEAN_WEEK, NONWEAR, PERSON
from pat_core.explain.method_registry import FUSIONS, REPLACEMENTS
from pat_core.models.network_config import NetworkConfig
from pat_core.workflows.people.participant_week import week_indices

FIRST = ("rollout", "integrated_gradients")
FAMILIES = {
    "attention": _("Where the model attended"),
    "gradient": _("Which minutes raised or lowered the score"),
    "occlusion": _("What the score loses when a stretch is replaced"),
}
COMPARED = {MEAN_WEEK: _("The mean week"), NONWEAR: _("A device that is not worn"), PERSON: _("Another person")}
CAUTIONS = {
    MEAN_WEEK: _("The average of the standardizer's people, minute by minute: activity and missing activity can both be seen against it."),
    NONWEAR: _("Against a device that is not worn, missing activity makes no difference, so it cannot be seen."),
    PERSON: _("The map shows how this person differs from that one, not what is unusual about either."),
}
MEAN = "mean"
"""No head of its own."""
TOLERANCES = {"0.01": "1 %", "0.02": "2 %", "0.05": "5 %"}
USUAL_TOLERANCE = "0.01"
REPLACED = {"mean week": _("the mean week"), "own day": _("the person's own median day")}


def methods(reasons: Mapping[str, str]) -> tuple[str, ...]:
    """The methods to draw, in the order they are drawn. reasons: each method's name with why it does not apply, "" where it does."""
    offered = [name for name, why in reasons.items() if not why]
    paragraphs = [
        f"**{words}**\n"
        + "\n".join(f"- {METHODS[name].title}: {METHODS[name].sentence}" for name in offered if METHODS[name].family == family)
        for family, words in FAMILIES.items()
        if any(METHODS[name].family == family for name in offered)
    ]
    chosen = choose_several(
        Param.METHODS,
        _("Explanations under the activity"),
        offered,
        FIRST,
        lambda name: METHODS[name].title,
        placeholder=_("none"),
        help="\n\n".join(paragraphs),
    )
    return tuple(chosen)


def not_offered(reasons: Mapping[str, str]) -> str:
    """Which methods do not apply and why, a sentence a reason; "" where all apply."""
    grouped: dict[str, list[str]] = {}
    for name, why in reasons.items():
        if why:
            grouped.setdefault(why, []).append(METHODS[name].title)
    sentences = [
        (titles, _("Each {reason}").format(reason=why[3:]) if len(titles) > 1 and why.startswith("It ") else why)
        for why, titles in grouped.items()
    ]
    return " ".join(_("Not offered: {methods}. {reason}").format(methods="; ".join(titles), reason=why) for titles, why in sentences)


def settings(chosen: Sequence[str], config: NetworkConfig, cohort: str, others: Sequence[str]) -> MapRequest:
    """The settings of the chosen methods; only those that one of them takes are shown. others: people to compare with."""
    taken = {option for name in chosen for option in METHODS[name].options}
    own = {option for name in chosen if name != "expected_gradients" for option in METHODS[name].options}
    given: dict[str, object] = {}
    baseline, person = _baseline(cohort, others) if "baseline" in own else (MEAN_WEEK, None)
    if "tolerance" in taken:
        given["tolerance"] = float(
            choose(
                Param.TOLERANCE,
                _("Refine the map until its gap is below"),
                list(TOLERANCES),
                USUAL_TOLERANCE,
                TOLERANCES.get,
                help=_("The gap is how far the minutes' sum is from the change in the score."),
                unsaid=USUAL_TOLERANCE,
                draw=partial(st.segmented_control, required=True),
            )
        )
    if "replacement" in taken:
        given["replacement"] = choose(
            Param.REPLACEMENT,
            _("Replace a stretch by"),
            REPLACEMENTS,
            words=lambda name: REPLACED.get(name, name),
            unsaid=REPLACEMENTS[0],
            help=_("One replacement alone can mislead: compare the two."),
        )
    given |= _attention(taken, config)
    return MapRequest(tuple(chosen), given, baseline, person)


def _baseline(cohort: str, others: Sequence[str]) -> tuple[str, tuple[str, int] | None]:
    offered = [name for name in COMPARED if name != PERSON or others]
    baseline = choose(Param.BASELINE, _("Baseline: explain the difference from"), offered, words=COMPARED.get, unsaid=offered[0])
    person = None
    if baseline == PERSON:
        name = choose(Param.BASELINE_PERSON, _("Whom to compare with"), others, help=_("Their first window."))
        person = (name, week_indices(workspace(), cohort, name)[0])
    st.caption(CAUTIONS[baseline])
    return baseline, person


def _attention(taken: set[str], config: NetworkConfig) -> dict[str, object]:
    """Which block, head, fusion and discard ratio. Only what differs from the methods' own goes along."""
    given: dict[str, object] = {}
    if "block" in taken and config.blocks > 1:
        last = str(config.blocks)
        block = choose(
            Param.MAP_BLOCK,
            _("Block of the attention map"),
            [str(number) for number in range(config.blocks, 0, -1)],
            last,
            unsaid=last,
            words=lambda number: _("Block {block} of {blocks}{note}").format(
                block=number, blocks=config.blocks, note=_(" (the last, as the authors)") if number == last else ""
            ),
        )
        given |= {"block": int(block) - 1} if block != last else {}
    if "head" in taken:
        head = choose(
            Param.MAP_HEAD,
            _("Head of the authors' map"),
            [MEAN, *(str(number + 1) for number in range(config.heads))],
            MEAN,
            unsaid=MEAN,
            words=lambda number: _("Mean over heads (as the authors)") if number == MEAN else _("Head {head}").format(head=number),
        )
        given |= {"head": int(head) - 1} if head != MEAN else {}
    if "fusion" in taken:
        named = {"mean": _("Mean"), "max": _("Largest"), "min": _("Smallest")}
        given["fusion"] = choose(Param.FUSION, _("Heads in the rollout"), FUSIONS, words=named.get, unsaid=FUSIONS[0])
    if "discard" in taken:
        title = _("Weakest attention left out of the rollout (%)")
        given["discard"] = choose_number(Param.DISCARD, st.slider, title, 0, min_value=0, max_value=90, step=10) / 100
    return given
