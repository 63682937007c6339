"""Bringing people in: the form for recordings, an import that is under way, what came of it, and simulated people."""

from __future__ import annotations

import streamlit as st
from streamlit.typing import UploadedFile

from pages.components.data import clock_options, mapping_section, refused_tables, upload_transfer
from pages.components.data.cohort_section import MOST_LABELS_MB
from pages.components.data.data_tabs import BRING, COHORTS, TABS
from pages.components.data.refusals import note_list, refusal_list
from pages.components.data.upload_transfer import PLACE, UPLOAD
from pages.components.shared import data_table
from pages.components.shared.cached_calls import workspace
from pages.components.shared.job_status import LIVE, follow
from pages.components.shared.phrases import people_words, some, weeks_words, windows_words
from pages.components.shared.plain_text import literal
from pages.components.shared.session import next_turn, remember, remembered, set_choice, turn_of
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _, plural
from pat_core.cohorts import JobInfo
from pat_core.errors import PatError
from pat_core.models.pat.pat_config import LARGEST_SEED
from pat_core.records import Alignment, Days
from pat_core.reports import cohort_tables
from pat_core.settings import MOST_DAYS, USUAL_DAYS
from pat_core.simulate import NO_SIGNAL, TRAITS
from pat_core.workflows.people.simulated_people import simulate_cohort
from pat_core.workflows.read import uploaded_files as brought
from pat_core.workflows.read.cohort_import import IMPORT, ImportSettings
from pat_core.workflows.read.uploaded_files import KeptUpload
from pat_core.workflows.week.cohort_weeks import unfit_words

BEGIN: dict[Alignment, tuple[str, str]] = {
    "start": (_("The recording's first minute"), _("Keeps the most: full days are counted from there.")),
    "midnight": (_("Midnight"), _("Weeks of whole calendar days. The hours before the first midnight are left out.")),
}
DEVICES = (
    "ActiGraph GT3X", "ActiGraph AM-7164", "Actiwatch 2", "Actiwatch Spectrum", "MotionWatch 8", "ActTrust", "GENEActiv", "Axivity AX3",
)  # fmt: skip
PLACEMENTS = ("wrist", "hip", "ankle", "thigh")
MOST_SIMULATED = 1000


def tabs():
    """The page's tabs. The open one is in the address, so that other pages can link to it."""
    if Key.NEXT_TAB in st.session_state:
        st.session_state[Key.DATA_TAB] = st.session_state.pop(Key.NEXT_TAB)
    elif Key.DATA_TAB not in st.session_state and Key.DATA_TAB not in st.query_params and under_way(IMPORT.kind):
        st.session_state[Key.DATA_TAB] = BRING
    return st.tabs(
        TABS, key=Key.DATA_TAB, bind="query-params"
    )  # leave this page with query_params={}: plain switch_page refuses a bound tab


def under_way(kind: str) -> JobInfo | None:
    """The job of this kind that the address, or an earlier page of this session, names."""
    job_id = st.query_params.get(Param.JOB) or remembered(Param.JOB)
    if not job_id:
        return None
    try:
        job = workspace().job(job_id)
    except PatError:
        return None
    if job.kind != kind:
        return None
    remember(Param.JOB, job_id)
    return job


def bring() -> None:
    """The form, or in its place the import that it started: live, then what came in and what did not, or why nothing did."""
    job = under_way(IMPORT.kind)
    if job is None:
        _form()
        return
    st.subheader(literal(job.title))
    job = follow(job.id)
    if job.state in LIVE:
        st.caption(_("You may leave this page or close the tab: the import goes on."))
        return
    if job.state == "done":
        _came_in(job)
    elif brought.cohort_of(workspace(), job):
        st.write(_("The cohort had already been written in full. Importing again adds nothing: it only gives the report."))
    else:
        advice = _(" The files are kept for a day, so that you can try again.") if job.spec.get("incoming") else ""
        st.write(_("Nothing was written.{advice}").format(advice=advice))
        refused_tables.offer(job, str(job.error or "").splitlines())
    again = _("Import more recordings") if job.state == "done" else _("Choose other files")
    if st.button(again, key="import.close", help=None if job.state == "done" else _("Removes the kept copies of the files, not your own.")):
        brought.discard_import(workspace(), job)
        remember(Param.JOB, None)
        st.rerun()


def arrived() -> None:
    """Once an import has ended, the people it brought are the ones that every page shows. Before the page draws its boxes."""
    job = under_way(IMPORT.kind)
    if job is None or job.state != "done" or st.session_state.get(Key.IMPORT_SHOWN) == job.id:
        return
    st.session_state[Key.IMPORT_SHOWN] = job.id
    cohort = brought.cohort_of(workspace(), job)
    if cohort is not None:
        set_choice(Param.COHORT, cohort.name)


def _came_in(job: JobInfo) -> None:
    result, cohort = job.result or {}, brought.cohort_of(workspace(), job)
    refused = result.get("refused", [])
    people = people_words(result.get("people", 0))
    weeks = weeks_words(result.get("weeks", 0)) if cohort is None else windows_words(result.get("weeks", 0), cohort)
    st.success(_("Imported {people} with {weeks}.").format(people=people, weeks=weeks))
    for sentence in result.get("alike", []):
        st.warning(literal(sentence))
    if cohort is not None and (unfit := unfit_words(workspace(), cohort.name)):
        st.warning(literal(unfit))
    if cohort is None:
        st.write(_("The cohort has been deleted since."))
    else:
        known = cohort.label_columns
        named = plural("{number} label came with them: {names}.", "{number} labels came with them: {names}.", len(known), names=some(known))
        st.write(literal(named) if known else _("No labels came with them."))
        _onwards(cohort.name)
    clock_options.done(str(result.get("clock", "")), result.get("over", []))
    if refused:
        st.write(plural("{number} thing was not imported:", "{number} things were not imported:", len(refused)))
        refusal_list(refused, str(job.spec["cohort"]), "import")
        refused_tables.offer(job, [str(refusal["what"]) for refusal in refused])
    else:
        st.write(_("No recording was refused."))
    if notes := result.get("notes", []):
        st.write(_("Repairs and notes:"))
        note_list(notes, str(job.spec["cohort"]), "import")


def _onwards(cohort: str) -> None:
    with st.container(horizontal=True):
        if st.button(_("See the people"), key="import.people", on_click=set_choice, args=(Param.COHORT, cohort)):
            st.switch_page("pages/participants.py", query_params={})
        if st.button(_("Fine-tune on a label"), key="import.finetune", on_click=set_choice, args=(Param.COHORT, cohort)):
            st.switch_page("pages/finetune.py", query_params={})


def _form() -> None:
    """Its boxes are emptied by counting up their keys once an import has started."""
    turn = turn_of(Key.BRING_TURN)
    source = st.radio(_("Recordings"), [UPLOAD, PLACE], horizontal=True, key=Key.BRING_SOURCE)
    files: list[UploadedFile | KeptUpload] = []
    place = ""
    if source == UPLOAD:
        uploads = st.file_uploader(
            _("CSV, Excel, Parquet, a device's own file (.gt3x, .agd, .cwa, .bin, .AWD and more), .npy, .npz, .xpt, or a zip of them"),
            accept_multiple_files=True,
            key=f"bring.files.{turn}",
            help=_("Larger files: give a path on this machine. Then nothing is copied."),
        )
        files = upload_transfer.received(uploads)
    else:
        place = st.text_input(
            _("A file, a zip or a folder on the machine where PAT Explorer runs"),
            placeholder="/data/study/recordings",
            key=Key.BRING_PLACE.of(turn),
            help=_("It is read in place and not changed."),
        )
    meanings = mapping_section.ask(files, place)
    names = [file.name for file in files] or [place] * bool(place.strip())
    labels = st.file_uploader(
        _("Labels, if you have a table of people (CSV with a column participant)"),
        key=f"bring.labels.{turn}",
        max_upload_size=MOST_LABELS_MB,
    )
    if labels is not None:
        _preview(labels, [file.name for file in files])
    left, right = st.columns(2, gap="large")
    cohort = left.text_input(_("Name of the cohort"), value=brought.suggested_name(workspace(), names), max_chars=80)
    days = _length(left, turn)
    alignment = right.radio(
        _("Weeks begin at"),
        list(BEGIN),
        format_func=lambda key: BEGIN[key][0],
        captions=[literal(effect) for name, effect in BEGIN.values()],
        key="bring.alignment",
    )
    device, placement = _worn(turn)
    time = clock_options.ask(turn)
    if st.button(_("Import"), type="primary", key="bring.import"):
        if meanings.wrong:
            st.error(_("The meaning of the columns is not settled: fix what is marked above, or close it."))
            return
        if time is None:
            st.error(_("The times are not settled: fix this under “{title}”.").format(title=clock_options.TITLE))
            return
        try:
            settings = ImportSettings(alignment, meanings.mappings, time, device, placement, days)
            job = brought.start_import(workspace(), cohort, files, place, labels, settings)
        except PatError as error:
            st.error(literal(error))
            return
        mapping_section.remember(meanings.chosen)
        upload_transfer.done([*files, *([labels] if labels is not None else [])])
        next_turn(Key.BRING_TURN)
        remember(Param.JOB, job)
        st.rerun()


def _length(column, turn: int) -> Days:
    """How many full days each window has, or all that a person has."""
    with column.container(horizontal=True, vertical_alignment="bottom"):
        everything = st.session_state.get(Key.BRING_ALL.of(turn), False)
        days = st.number_input(
            _("Days of each window"),
            min_value=1,
            max_value=MOST_DAYS,
            value=USUAL_DAYS,
            disabled=everything,
            key=Key.BRING_DAYS.of(turn),
            help=_(
                "A week of seven full days is what the published models learned from. Shorter windows let shorter recordings in; nobody's "
                "recording is padded. A long recording gives several windows one after another."
            ),
        )
        everything = st.checkbox(
            _("All full days of each person"),
            key=Key.BRING_ALL.of(turn),
            help=_("One window a person, as long as the recording, at most {most} days; longer recordings give several.").format(
                most=MOST_DAYS
            ),
        )
    return "all" if everything else int(days)


def _worn(turn: int) -> tuple[str, str]:
    """The device and where it was worn, of recordings whose files name none; "" where that is not known."""
    left, right = st.columns(2, gap="large")
    device = left.selectbox(
        _("Device, for files that name none"),
        DEVICES,
        index=None,
        placeholder=_("Not known"),
        accept_new_options=True,
        key=f"bring.device.{turn}",
        help=_("This decides which sleep score fits. What a file itself says is kept. You can type another name."),
    )
    placement = right.selectbox(
        _("Where it was worn, for files that do not say"),
        PLACEMENTS,
        index=None,
        placeholder=_("Not known"),
        accept_new_options=True,
        key=f"bring.placement.{turn}",
    )
    return device or "", placement or ""


def _preview(file, names: list[str]) -> None:
    """What a table of people would add, before anything is read."""
    try:
        given = brought.read_label_upload(file)
    except PatError as error:
        st.error(literal(error))
        return
    line = plural(
        "{number} person in {file}, joined to the recordings by their participant codes.",
        "{number} people in {file}, joined to the recordings by their participant codes.",
        len(given),
        file=file.name,
    )
    matched = brought.named_in(names, given)
    if matched:
        line += plural(
            " {matched} of {number} file is named after one of them.",
            " {matched} of {number} files are named after one of them.",
            len(names),
            matched=matched,
        )
    st.write(literal(line) + _(" People in the table without a recording are listed after the import."))
    data_table.table(cohort_tables.given_labels_table(given))


def simulate() -> None:
    """People whose truth is known, for looking around and for checking explanations."""
    st.write(
        _(
            "Simulated people: a program makes up their weeks, and none of them exist. Two fifths are deliberately given a pattern, "
            "so it is known where a good explanation should point. The same seed makes the same people."
        )
    )
    left, right = st.columns(2, gap="large")
    trait = left.selectbox(_("Planted pattern"), [*TRAITS, NO_SIGNAL], format_func=_trait_words, key="simulate.trait")
    left.caption(TRAITS.get(trait, _("The label is drawn at random and nothing is planted: a model should find nothing.")))
    people = right.number_input(_("People"), min_value=1, max_value=MOST_SIMULATED, value=60, key="simulate.people")
    seed = right.number_input(_("Seed"), min_value=0, max_value=LARGEST_SEED, value=1, key="simulate.seed")
    name = left.text_input(
        _("Name of the cohort"),
        value=brought.suggested_name(workspace(), [_("Simulated, {pattern}").format(pattern=_trait_words(trait).lower())]),
    )
    if st.button(_("Simulate people"), key="simulate.start"):
        try:
            with st.spinner(_("Simulating {people} people").format(people=people)):
                cohort = simulate_cohort(workspace(), name, int(people), int(seed), trait)
        except PatError as error:
            st.error(literal(error))
            return
        remember(Param.COHORT, cohort.name)
        st.session_state[Key.DATA_MESSAGE] = _("{cohort}: {people} simulated people are here.").format(
            cohort=cohort.name, people=cohort.people
        )
        st.session_state[Key.NEXT_TAB] = COHORTS
        st.rerun()


def _trait_words(trait: str) -> str:
    return _("None (labels at random)") if trait == NO_SIGNAL else trait.replace("_", " ").capitalize()
