"""How answers are shown: the prevalence of the reader's setting, and in which of the ways that the model's test bears out."""

from __future__ import annotations

import streamlit as st

from pages.components.shared.choices import choose, choose_number
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import bullets
from pages.components.shared.session import carry, in_address
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.workflows.models.answers import ALIKE, BY_RANK, ISOTONIC, OWN, PLATT, VENN_ABERS, WAYS, Wish
from pat_core.workflows.models.held_out_calibration import RULE
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.similar_scores import no_like, test_calibration

USUAL = ""
TITLES = {
    USUAL: _("As the model's test allows"),
    ALIKE: _("People who scored alike"),
    OWN: _("The model's own probability"),
    PLATT: _("Recalibrated by Platt"),
    ISOTONIC: _("Recalibrated by isotonic regression"),
    VENN_ABERS: _("Recalibrated by Venn-Abers"),
    BY_RANK: _("Rank among the people tested"),
}
MOST = 99.0


def wish(entry: ModelEntry) -> Wish:
    """The two boxes, folded, for the defaults are right; none for a model without a test, whose score stands alone."""
    calibration = test_calibration(entry.card)
    if calibration is None:
        return Wish()
    supported, alike = calibration.supported, () if no_like(entry.card) else (ALIKE,)
    with st.popover(_("How answers are shown"), width="content"):
        percent = choose_number(
            Param.PREVALENCE,
            st.number_input,
            _("Share of the group in your setting (%); 0: as among the people tested"),
            0.0,
            min_value=0.0,
            max_value=MOST,
            step=1.0,
            format="%.4g",
            help=_(
                "How frequent the group is where you work. The model was tested on a sample in which it may be far more frequent; "
                "answers are moved to your share by Bayes' rule."
            ),
        )
        offered = [USUAL, *alike, *supported, BY_RANK]
        way = choose(Param.SHOWN_AS, _("Answers as"), offered, USUAL, TITLES.get, unsaid=USUAL)
        st.caption(literal(RULE))
        held_back = [way for way in calibration.measured if way not in supported]
        if held_back:
            st.caption(_("Not offered, because the test does not bear them out:"))
            st.caption(bullets(f"{TITLES[name]}: {calibration.words(name)}" for name in held_back))
    return Wish(way or None, percent / 100 or None)


def wished() -> Wish:
    """What was chosen in the boxes on another page, or stands in the address, for a page without them."""
    return _read(carry(Param.SHOWN_AS, WAYS), carry(Param.PREVALENCE))


def ahead() -> Wish:
    """What the boxes will hold, for what a page draws before them."""
    held = (st.session_state.get(Key.BOX.of(param)) or in_address(param) for param in (Param.SHOWN_AS, Param.PREVALENCE))
    return _read(*held)


def _read(way: object, percent: object) -> Wish:
    """A choice out of an address: what cannot be meant counts as none."""
    try:
        share = float(str(percent or 0)) / 100
    except ValueError:
        share = 0.0
    return Wish(str(way) if way in WAYS else None, share if 0 < share <= MOST / 100 else None)
