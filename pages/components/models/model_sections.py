"""The parts of the Models page: the list, one model's card, bringing weights, and the table of sizes."""

from __future__ import annotations

import streamlit as st

from pages.components.data.import_form import under_way
from pages.components.pretrain.pretrain_views import inspecting
from pages.components.shared import data_table
from pages.components.shared.cached_calls import model_entries, workspace
from pages.components.shared.job_status import follow
from pages.components.shared.phrases import megabytes, some
from pages.components.shared.plain_text import LONGEST, literal
from pages.components.shared.sentences import bullets, facts, score_words
from pages.components.shared.session import next_turn, remember, set_choice, turn_of
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _, plural
from pat_core.cohorts import JobInfo
from pat_core.errors import PatError
from pat_core.models.baselines import BaselineConfig
from pat_core.reports import model_tables
from pat_core.reports.calibration_table import calibration_table
from pat_core.reports.run_words import minutes_words
from pat_core.workflows.learn.inspected_week import has_decoder
from pat_core.workflows.models.held_out_calibration import RULE
from pat_core.workflows.models.model_entries import DOWNLOAD, DownloadRequest, ModelEntry, add_model_upload

NOT_WEIGHTS = _(
    "Weights come as Keras HDF5 (.h5) or this app's .safetensors. Pickles (.pt, .pth, .pkl) are never opened: they can run programs."
)
MOST_MB = 200
NONE = "–"
COLUMNS = (
    "Model", "Where from", "Head", "Weights", "Size", "Parameters", "Minutes a patch", "Tokens a week", "Blocks", "Attention heads",
)  # fmt: skip
"""As many as a narrow window shows whole stand before the number of parameters; the model's name stays in view beside the others."""


def overview(entries: list[ModelEntry]) -> None:
    """All models; a click on a row shows its card below."""

    def open_row() -> None:
        rows = st.session_state[Key.MODELS_TABLE].selection.rows
        if rows:
            set_choice(Param.MODEL, entries[rows[0]].reference)

    data_table.table(
        model_tables.model_table(workspace(), entries),
        on_select=open_row,
        selection_mode="single-row",
        key=Key.MODELS_TABLE,
        columns={
            "Model": st.column_config.TextColumn(width=250, pinned=True),
            "Where from": st.column_config.TextColumn(width=90),
            "Head": st.column_config.TextColumn(width=64, help=_("Only a trained head gives a score.")),
            "Weights": st.column_config.TextColumn(width=68, help=_("Whether the file is on this machine.")),
            "Size": st.column_config.TextColumn(width=69),
            "Minutes a patch": st.column_config.NumberColumn(_("Patch (min)"), width=75, help=_("How many minutes become one token.")),
            "Tokens a week": st.column_config.NumberColumn(
                _("Tokens"), width=55, format="localized", help=_("For a week of 10,080 minutes.")
            ),
            "Blocks": st.column_config.NumberColumn(width=54),
            "Attention heads": st.column_config.NumberColumn(_("Heads"), width=55, help=_("Attention heads in each block.")),
            "Parameters": st.column_config.NumberColumn(
                width=85, format="localized", help=_("Of the encoder, and of the head where it is trained.")
            ),
        },
        height="content",
        placeholder=NONE,
        column_order=COLUMNS,
    )


def details(entry: ModelEntry) -> None:
    """One model's card, its warnings first, and what may be done with it."""
    st.subheader(literal(entry.title))
    job = _download_of(entry)
    if entry.present and job is not None and job.state == "done":
        st.success(_("Its weights are here. Fine-tune it on a label of your own, or look at where it attends."))
    first_line = str(entry.card.get("first_line", ""))
    if entry.origin == "random" or entry.card.get("encoder_trained") is False:
        st.error(literal(first_line) or _("Its encoder has random weights: nothing it shows is a finding. For comparison only."))
    elif first_line:
        (st.info if entry.origin == "published" else st.warning)(literal(first_line))
    leakage = model_tables.leakage_warning(entry)
    if leakage:
        st.warning(literal(leakage))
    if entry.has_head:
        st.write(literal(score_words(entry)))
    st.markdown(facts(_facts(entry)))
    if has_decoder(entry):
        st.page_link("pages/pretrain.py", label=_("Inspect what it rebuilds"), query_params=inspecting(entry.reference))
    _calibrated(entry)
    _claimed(entry)
    _actions(entry)


def _calibrated(entry: ModelEntry) -> None:
    """What the model's percentages are worth by its own test, folded: the pages of people show none that the test does not bear out."""
    if not entry.has_head:
        return
    table = calibration_table(entry.card)
    if table.empty:
        return
    with st.expander(_("What its percentages are worth")):
        st.caption(
            _(
                "Measured on the people of the test; recalibrations are fitted on some of them and measured on the others. A slope of 1 is "
                "right, and below 1 percentages are too extreme."
            )
        )
        data_table.table(table.drop(columns="Why"), key=f"models.calibration.{entry.reference}")
        st.caption(bullets(f"{way}: {why}" for way, why in zip(table["Percentages"], table["Why"], strict=True)))
        st.caption(literal(RULE))


def _claimed(entry: ModelEntry) -> None:
    """What the file of an added model says of itself: to read, and not to be believed."""
    claims = entry.card.get("claims")
    if claims:
        with st.expander(_("What its file says about itself")):
            st.caption(_("Whoever made the file wrote this. None of it was checked, and nothing here relies on it."))
            st.markdown("\n".join(f"- {literal(title)}: {literal(words)}" for title, words in claims))


def _facts(entry: ModelEntry) -> list[tuple[str, str]]:
    card = entry.card
    lines = [
        (_("Where from"), model_tables.provenance_words(entry)),
        (_("Tells apart"), model_tables.told_apart(entry)),
        (_("Fine-tuned and tested on"), model_tables.fine_tuned_on(entry)),
        (_("Started from"), card.get("started_from")),
        (_("Models together"), card["members"] if isinstance(card.get("members"), int) and card["members"] > 1 else None),
        (_("Device"), card.get("device")),
        (_("Unit"), card.get("unit")),
        (_("Pretrained on"), card.get("pretrained_on")),
        (
            _("People in pretraining"),
            f"{card['participants']:,}" if isinstance(card.get("participants"), int) else card.get("participants"),
        ),
        (_("Size"), _size_words(entry)),
        (_("Mean and deviation of each minute"), _standardizer(entry)),
        (_("Licence"), card.get("licence")),
        (_("Citation"), card.get("citation")),
        (_("SHA-256"), entry.sha256),
        (_("How we know"), _capital(card.get("provenance"))),
        (_("Note"), _capital(card.get("note"))),
    ]
    return [(name, str(value)) for name, value in lines if value]


def _capital(words: object) -> str:
    text = str(words or "")
    return text[:1].upper() + text[1:]


def _size_words(entry: ModelEntry) -> str:
    config = model_tables.configuration(workspace(), entry)
    if isinstance(config, BaselineConfig):
        return _("a baseline of the paper, {title}: windows of {minutes:,} minutes, {parameters:,} parameters").format(
            title=config.title, minutes=config.minutes, parameters=model_tables.figures_of(workspace(), entry)["Parameters"]
        )
    figures = model_tables.figures_of(workspace(), entry)
    return _(
        "{size}: {minutes} minutes a patch, {tokens:,} tokens a week, {blocks} of {heads} attention heads, {parameters:,} parameters; "
        "{embedding} patches"
    ).format(
        size=entry.size.capitalize(),
        minutes=config.patch,
        tokens=figures["Tokens a week"],
        blocks=plural("{number} block", "{number} blocks", config.blocks),
        heads=config.heads,
        parameters=figures["Parameters"],
        embedding=entry.embedding,
    )


def _standardizer(entry: ModelEntry) -> str | None:
    if not entry.present or entry.origin == "random":
        return None
    if how := minutes_words(entry.card.get("standardizer")):
        return how
    return _("In the file") if entry.card.get("has_standardizer") else _("Not in the file: each cohort is compared with its own people")


def _actions(entry: ModelEntry) -> None:
    if not entry.present:
        _fetch(entry)
        return
    if not model_tables.owned(workspace(), entry):
        return
    with st.container(horizontal=True):
        ending = workspace().model(entry.reference).path.suffix
        st.download_button(
            _("Download the model"),
            lambda: model_tables.model_file(workspace(), entry),
            f"{entry.reference}{ending}",
            on_click="ignore",
            help=_("With its card and its standardizer inside, where the file is .safetensors."),
        )
        card = model_tables.card_text(entry)
        st.download_button(_("Card (JSON)"), card, f"{entry.reference}-card.json", "application/json", on_click="ignore")
        with st.popover(_("Delete")):
            st.write(
                _("Delete {model} and its predictions from this machine? Cohorts, runs and files of your own stay.").format(
                    model=literal(entry.title)
                )
            )
            if st.button(_("Delete {model}").format(model=literal(entry.title, LONGEST)), key="model.delete"):
                _delete(entry)


def _download_of(entry: ModelEntry) -> JobInfo | None:
    job = under_way(DOWNLOAD.kind)
    return job if job is not None and job.spec.get("name") == entry.reference else None


def _delete(entry: ModelEntry) -> None:
    try:
        workspace().delete_model(entry.reference)
    except PatError as error:
        st.error(literal(error))
        return
    remember(Param.MODEL, None)
    st.session_state.pop(Key.BOX.of(Param.MODEL), None)
    st.session_state[Key.MODELS_MESSAGE] = _("{model} was deleted.").format(model=entry.title)
    st.rerun()


def _fetch(entry: ModelEntry) -> None:
    job = _download_of(entry)
    if job is not None:  # live, or ended badly: then it offers to go on
        follow(job.id)
    file = model_tables.published_file(entry.reference)
    st.write(
        _("Its weights are not on this machine yet. The file (about {size}) comes from the authors' Dropbox.").format(
            size=megabytes(file.about_bytes)
        )
    )
    if job is None and st.button(_("Download {model}").format(model=literal(entry.title, LONGEST)), key="model.fetch"):
        try:
            remember(
                Param.JOB, DOWNLOAD.launch(workspace(), DownloadRequest(entry.reference), _("Download {model}").format(model=entry.title))
            )
        except PatError as error:
            st.error(literal(error))
            return
        st.rerun()
    with st.expander(_("No network here? Fetch the file by hand")):
        st.write(_("Open this address in a browser on any machine, keep the name {file}, and add the file below.").format(file=file.file))
        st.caption(_("It is then listed as added by you: its authors publish no checksum, so only the file's name says what it is."))
        st.code(file.address, language=None, wrap_lines=True)


def add() -> None:
    """A weight file from the reader's machine, checked before it is taken in."""
    turn = turn_of(Key.MODELS_TURN)
    file = st.file_uploader(_("A weight file (.h5 or .safetensors)"), key=f"models.file.{turn}", help=NOT_WEIGHTS, max_upload_size=MOST_MB)
    name = st.text_input(
        _("Name (published files keep theirs)"), max_chars=80, key=f"models.name.{turn}", placeholder=_("the file's own name")
    )
    wanted = st.button(_("Add the model"), type="primary", key="models.add", disabled=file is None)
    if file is None or not wanted:
        st.caption(_("{formats} The file is checked before anything is kept.").format(formats=NOT_WEIGHTS))
        return
    try:
        info = add_model_upload(workspace(), file, name)
    except PatError as error:
        st.error(literal(error))
        return
    head = _("with a trained head") if info.has_head else _("without a head: fine-tune it to get a score")
    st.session_state[Key.MODELS_MESSAGE] = _("{model} is here: a {size} model {head}.").format(model=info.name, size=info.size, head=head)
    next_turn(Key.MODELS_TURN)
    remember(Param.MODEL, info.name)
    st.rerun()


def sizes() -> None:
    """The published sizes, and which of their weights are published."""
    numbers = {"Parameters": st.column_config.NumberColumn(format="localized")}
    data_table.table(model_tables.sizes_table(), columns=numbers)
    published = dict.fromkeys(entry.size for entry in model_entries().values() if entry.origin == "published")
    st.caption(
        _(
            "A week has 10,080 minutes; minutes that do not fill a whole patch are not read. Parameters are the "
            "encoder's. The authors published weights of {sizes}."
        ).format(sizes=some(list(published)))
    )
