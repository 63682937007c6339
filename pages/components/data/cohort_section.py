"""The Cohorts part of the Data page: the list, one cohort's details, its labels, and what may be done with it."""

from __future__ import annotations

import streamlit as st

from pages.components.data import clock_options, diary_section, wear_settings
from pages.components.data.refusals import note_list, refusal_list
from pages.components.shared import data_table
from pages.components.shared.cached_calls import hours_worn, workspace
from pages.components.shared.phrases import date_words, people_words, some, windows_title, windows_words
from pages.components.shared.plain_text import LONGEST, literal
from pages.components.shared.sentences import bullets
from pages.components.shared.session import next_turn, remember, remembered, set_choice, turn_of
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.reports import cohort_tables
from pat_core.reports.import_words import import_words
from pat_core.workflows.models.sampling import CHOICES, keep_sampling, sampling_of
from pat_core.workflows.read import worn_days
from pat_core.workflows.read.uploaded_files import add_labels, read_label_upload
from pat_core.workflows.read.worn_days import quality_settings, settings_words

BEGINS = {
    "start": _("the recording's first minute"),
    "midnight": _("midnight"),
    "mixed": _("midnight for some, the first minute for others"),
}
MOST_LABELS_MB = 64
WEEKS = {
    "Begins": st.column_config.DatetimeColumn(format="ddd D MMM YYYY, HH:mm"),
    "Valid days": st.column_config.NumberColumn(help=_("Days with enough hours of wear, by the settings in use.")),
    "Hours a day": st.column_config.NumberColumn(format="%.1f", help=_("Mean hours of wear.")),
    "Enough days": st.column_config.TextColumn(help=_("Whether there are enough valid days.")),
}


def overview() -> None:
    """All cohorts; a click on a row shows it below."""
    table = cohort_tables.cohort_table(workspace())
    table["Who"] = table["Who"].str.removesuffix(" people")  # narrow windows show it whole

    def open_row() -> None:
        rows = st.session_state[Key.COHORT_TABLE].selection.rows
        if rows:
            set_choice(Param.COHORT, str(table.iloc[rows[0]]["Cohort"]))

    data_table.table(
        table,
        on_select=open_row,
        selection_mode="single-row",
        key=Key.COHORT_TABLE,
        columns={
            "Cohort": st.column_config.TextColumn(width=165),
            "People": st.column_config.NumberColumn(width=55, format="localized"),
            "Weeks": st.column_config.NumberColumn(_("Windows"), width=70, format="localized"),
            "Unit": st.column_config.TextColumn(width=75),
            "Who": st.column_config.TextColumn(width=85),
            "Created": st.column_config.DatetimeColumn(width=95, format="D MMM YYYY"),
        },
    )


def details(cohort: CohortInfo) -> None:
    """One cohort: what came in and what did not, labels, and what may be done with it."""
    st.subheader(literal(cohort.name))
    if cohort.simulated:
        st.info(literal(cohort.note or _("Simulated people: nobody here exists.")))
    for column, (name, count) in zip(
        st.columns(3),
        {_("People"): cohort.people, windows_title(cohort): cohort.weeks, _("Not imported"): cohort.refused}.items(),
        strict=True,
    ):
        column.metric(literal(name), f"{count:,}")
    came = _("Made") if cohort.simulated else _("From {source},").format(source=cohort.source or _("an unrecorded source"))
    facts = _("In {unit}, one value a minute. {windows} begin at {begin}. {origin}").format(
        unit=cohort.unit, windows=windows_title(cohort), begin=BEGINS.get(cohort.alignment, cohort.alignment), origin=came
    )
    st.caption(literal(f"{facts} {date_words(cohort.created)}."))
    _sampling(cohort)
    _actions(cohort)
    _wear(cohort)
    _labels(cohort)
    diary_section.section(cohort)
    _import(cohort)
    refused = workspace().refusals(cohort.name)
    if refused:
        st.markdown(_("**What was not imported, and why**"))
        refusal_list(refused, cohort.name, "cohort")
    notes = workspace().notes(cohort.name)
    if notes:
        st.markdown(_("**Repairs and notes**"))
        note_list(notes, cohort.name, "cohort")


def _sampling(cohort: CohortInfo) -> None:
    """How these people were chosen, on which it hangs whether a share among them is a prevalence."""
    options, now = list(CHOICES), sampling_of(workspace(), cohort)
    chosen = st.selectbox(
        _("How these people were chosen"),
        options,
        options.index(now),
        lambda choice: CHOICES[choice].capitalize(),
        key=f"cohort.sampling.{cohort.id}",
        help=_(
            "Only in a sample of a population is the share of a group a prevalence. Models that are trained on this cohort from now on say "
            "which it was."
        ),
    )
    if chosen == now:
        return
    try:
        keep_sampling(workspace(), cohort, str(chosen))
    except PatError as error:
        st.error(literal(error))


def _wear(cohort: CohortInfo) -> None:
    """Valid days of every week by the settings in use, which can be changed here."""
    st.markdown(_("**Valid days**"))
    settings = quality_settings(workspace())
    try:
        hours = hours_worn(cohort)
        table = worn_days.weeks_table(workspace(), cohort.name, hours, settings)
    except PatError as error:
        st.error(literal(error))
        return
    st.write(literal(worn_days.enough_words(hours, settings)))
    st.caption(literal(settings_words(settings, cohort.length)))
    wear_settings.change(cohort)
    named = {} if cohort.span == "week" else {"Week": st.column_config.NumberColumn(_("Window"))}
    with st.expander(_("Week by week") if cohort.span == "week" else _("Window by window")):
        data_table.table(table, width="stretch", key=f"wear.weeks.{cohort.id}", columns=WEEKS | named)
        st.download_button(
            _("Download this list (CSV)"),
            worn_days.as_file(table, settings, worn_days.days_there(hours).tolist()),
            f"{cohort.name}-valid-days.csv",
            "text/csv",
            key="wear.file",
            on_click="ignore",
        )


def _import(cohort: CohortInfo) -> None:
    """What columns meant at the import, where labels came from, how time was taken, and what changes of the clock did."""
    record = workspace().import_record(cohort.name)
    if not record:
        return
    st.markdown(_("**How the recordings were read**"))
    st.markdown(bullets(import_words(record)))
    clock_options.done(str(record.get("clock", "")), record.get("over", []))


def _actions(cohort: CohortInfo) -> None:
    with st.container(horizontal=True):
        if st.button(_("See the people"), key="cohort.people"):
            st.switch_page("pages/participants.py", query_params={})
        if st.button(_("Fine-tune on a label"), key="cohort.finetune"):
            st.switch_page("pages/finetune.py", query_params={})
        with st.popover(_("Rename")):
            name = st.text_input(_("New name"), value=cohort.name, max_chars=80, key=f"cohort.rename.{cohort.id}")
            if st.button(_("Rename"), key="cohort.rename"):
                _try(
                    workspace().rename_cohort,
                    cohort.name,
                    name,
                    then=name.strip(),
                    say=_("The cohort is now called {name}.").format(name=name.strip()),
                )
        with st.popover(_("Delete")):
            st.write(
                _(
                    "Delete {cohort} with its {people}, {weeks}, labels and predictions? This cannot be undone. "
                    "Models that were trained on it stay, and so do your own files."
                ).format(cohort=literal(cohort.name), people=people_words(cohort.people), weeks=windows_words(cohort.weeks, cohort))
            )
            if st.button(_("Delete {cohort}").format(cohort=literal(cohort.name, LONGEST)), key="cohort.delete"):
                _try(workspace().delete_cohort, cohort.name, then=None, say=_("{cohort} was deleted.").format(cohort=cohort.name))
        with st.popover(_("Delete one person")):
            _delete_person(cohort)


def _delete_person(cohort: CohortInfo) -> None:
    st.write(
        _(
            "Delete one person of {cohort} with their weeks, labels, marks and predictions, and what jobs, runs and "
            "logs say about them? This cannot be undone. Models that were trained on them stay, and so do your own "
            "files."
        ).format(cohort=literal(cohort.name))
    )
    who = st.text_input(_("Participant"), key=f"cohort.person.{cohort.id}.{cohort.people}").strip()
    sure = st.checkbox(_("I am sure"), key=f"cohort.person.sure.{cohort.id}.{cohort.people}")
    if st.button(_("Delete this person"), key="cohort.person.delete", disabled=not (who and sure)):
        _try(
            workspace().delete_person,
            cohort.name,
            who,
            then=cohort.name,
            say=_("{person} was deleted from {cohort}.").format(person=who, cohort=cohort.name),
        )


def _try(act, *arguments: str, then: str | None, say: str) -> None:
    try:
        act(*arguments)
    except PatError as error:
        st.error(literal(error))
        return
    remember(Param.COHORT, then)
    if remembered(Param.PERSON) in arguments:  # was deleted
        remember(Param.PERSON, None)
    st.session_state.pop(Key.BOX.of(Param.COHORT), None)
    st.session_state[Key.DATA_MESSAGE] = say
    st.rerun()


def _labels(cohort: CohortInfo) -> None:
    st.markdown(_("**Labels**"))
    table = cohort_tables.label_table(workspace(), cohort.name)
    if table.empty:
        st.write(_("These people have no labels yet. Fine-tuning needs one: add a table of people."))
    else:
        data_table.table(table, columns={"Values": st.column_config.TextColumn(_("Values (people)"), width="large")})
    with st.expander(_("Add labels from a table of people (CSV)")):
        file = st.file_uploader(
            _("A column participant, and a column for each label"),
            key=f"labels.file.{cohort.id}.{turn_of(Key.LABELS_TURN)}",
            help=_("A column of the same name replaces what is there; other columns stay."),
            max_upload_size=MOST_LABELS_MB,
        )
        if file is not None:
            _offer(cohort, file)


def _offer(cohort: CohortInfo, file) -> None:
    try:
        given = read_label_upload(file)
        data_table.table(cohort_tables.given_labels_table(given))
        if not st.button(_("Add these labels"), key="labels.add"):
            return
        matched, unknown = add_labels(workspace(), cohort, given)
    except PatError as error:
        st.error(literal(error))
        return
    lost = _(" Not in the cohort: {people}.").format(people=some(unknown)) if unknown else ""
    st.session_state[Key.DATA_MESSAGE] = _("Labels were added to {number} of {people} of {cohort}.{unknown}").format(
        number=matched, people=people_words(cohort.people), cohort=cohort.name, unknown=lost
    )
    next_turn(Key.LABELS_TURN)
    st.rerun()
