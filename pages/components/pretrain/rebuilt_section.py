"""What an encoder rebuilds: any week with patches hidden, by any model that has its decoder, beside what needs no network."""

from __future__ import annotations

import streamlit as st

from pages.components.people.week_choice import person_and_week
from pages.components.pretrain.rebuilt_picture import picture
from pages.components.shared.cached_calls import folder_key, model, model_entries, workspace
from pages.components.shared.choices import Missing, choose, choose_number
from pages.components.shared.guards import model_words, need_cohort, or_stop
from pages.components.shared.plain_text import literal
from pages.components.shared.session import together
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.figures import MaskedWeek
from pat_core.models.pat.pat_config import LARGEST_SEED, MASK_RATIO
from pat_core.records import WeekQuestion
from pat_core.reports.pretrain_words import inspected_words
from pat_core.workflows.learn.inspected_week import InspectedWeek, has_decoder, inspected_week
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.read.duplicates import learned_from, remembers


def show() -> None:
    """The encoder, the person and their week, the mask; then the four panels."""
    entries = {key: entry for key, entry in model_entries().items() if entry.present and has_decoder(entry)}
    if not entries:
        st.info(
            _(
                "No encoder here has its decoder, which rebuilds a week. One that is pretrained on this page keeps it; the published "
                "weights are of the encoder alone."
            )
        )
        return
    notes = st.container()
    with together():
        wide, widest = st.columns([2, 3])
        first, second = st.columns([3, 2])
        slider, number, button = st.columns([4, 2, 2], vertical_alignment="bottom")
        with wide:
            cohort = need_cohort(place=notes)
        with widest:
            entry = _encoder(entries)
        person, week = person_and_week(cohort, first, second, notes)[1:]
        with slider:
            masked = choose_number(
                Param.MASKED, st.slider, _("Patches hidden (%)"), round(100 * MASK_RATIO), min_value=5, max_value=95, step=5
            )
        with number:
            mask = choose_number(Param.MASK, st.number_input, _("Mask number"), 0, min_value=0, max_value=LARGEST_SEED, help=_MASKS)
        with button:
            st.button(_("Another mask"), on_click=_another, args=(int(mask),), width="stretch")
    with or_stop():
        shown = _inspected(folder_key(), entry, WeekQuestion(cohort.name, person, week), workspace().stamp(cohort.name), (masked, mask))
        known = _known(folder_key(), entry, cohort.name, workspace().stamp(cohort.name))
    for sentence in inspected_words(shown, entry.title, None if known is None else person in known):
        st.caption(literal(sentence))
    _draw(shown)


_MASKS = _("Each number hides other patches; the same number always the same ones.")


def _another(mask: int) -> None:
    st.session_state[Key.BOX.of(Param.MASK)] = (mask + 1) % (LARGEST_SEED + 1)


def _encoder(entries: dict[str, ModelEntry]) -> ModelEntry:
    known = model_entries()

    def absent(key: str) -> str | None:
        return _("“{model}” has no decoder, so it cannot rebuild a week.").format(model=known[key].title) if key in known else None

    return entries[choose(Param.ENCODER, _("Encoder"), list(entries), words=lambda key: model_words(entries[key]), missing=Missing(absent))]


@st.cache_data(
    show_spinner=_("Rebuilding the week"), max_entries=32, hash_funcs={ModelEntry: lambda entry: (entry.reference, entry.sha256)}
)
def _inspected(folder: str, entry: ModelEntry, question: WeekQuestion, stamp: str, mask: tuple[int, int]) -> InspectedWeek:
    """mask: percent of the patches, and the seed."""
    return inspected_week(workspace(), model(entry), question, mask[0] / 100, mask[1])


@st.cache_data(show_spinner=False, max_entries=16, hash_funcs={ModelEntry: lambda entry: (entry.reference, entry.sha256)})
def _known(folder: str, entry: ModelEntry, cohort: str, stamp: str) -> set[str] | None:
    """People of the cohort from whose weeks the encoder learned; None where its file does not tell."""
    return learned_from(workspace(), model(entry), cohort) if remembers(model(entry)) else None


def _draw(shown: InspectedWeek) -> None:
    week, rebuilt = shown.week, shown.rebuilt
    name = _("The week of {person}").format(person=week.participant)
    drawn = MaskedWeek(rebuilt.z, rebuilt.hidden, rebuilt.output, shown.patch, week.start, week.date_known, name)
    picture(drawn, rebuilt, "pretrain-rebuilt")
