"""The form of the Fine-tune page: whom to tell apart, the model to start from, the recipe, the run's name."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.components.cached import model_entries, workspace
from pages.components.guards import need_cohort
from pages.components.session import Param, set_choice
from pages.components.text import literal
from pat_core import workflows
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.model import SIZES
from pat_core.model.config import LARGEST_SEED, LEARNING_RATE
from pat_core.training import DEVICES, FinetuneSettings
from pat_core.workflows import ModelEntry
from pat_core.workflows.run_words import EVERYONE, proposed_name, recipe_words

STYLES = {"linear_probe": "Linear probe: the encoder stays as it is, a small head learns", "full": "Full: everything learns"}
WEEKS = {"first": "First of each person", "all": "Every full week"}
EPOCHS = {"linear_probe": 10_000, "full": 200}
"""Most epochs to begin with: the paper's for a probe; for full training a number that can be waited for without a GPU."""


@dataclass(frozen=True)
class Groups:
    """Whom to tell apart. negative: None is everyone else."""

    cohort: str
    label: str
    positive: str
    negative: str | None
    weeks: str


def groups() -> Groups | None:
    """Cohort, label, the two groups and their weeks; None, and the way to mend it, where there is nothing to learn."""
    if not workspace().cohorts():
        st.info("There are no people here yet. Bring recordings, or simulate people, on the Data page.")
        st.page_link("pages/data.py", label="Go to Data")
        return None
    cohort = need_cohort()
    labels = workflows.label_columns(workspace(), cohort.name)
    if not labels:
        st.info(f"{literal(cohort.name)} has no label with at least two values. Add labels on the Data page.")
        st.page_link("pages/data.py", label="Go to Data")
        return None
    label = st.selectbox("Label", labels, index=labels.index("group") if "group" in labels else 0, key=f"finetune.label.{cohort.id}")
    counts = workflows.label_counts(workspace(), cohort.name, label)
    values, key = list(counts), f"{cohort.id}.{label}"

    def words(value: str) -> str:
        return value if value == EVERYONE else f"{value} ({counts[value]} people)"

    positive = st.selectbox("The group to recognise", values, len(values) - 1, words, key=f"finetune.positive.{key}")
    others = [value for value in values if value != positive]
    choices = [EVERYONE, *others] if len(others) > 1 else others
    negative = st.selectbox("Compared with", choices, format_func=words, key=f"finetune.negative.{key}.{positive}")
    return Groups(cohort.name, label, positive, None if negative == EVERYONE else negative, _weeks(cohort))


def _weeks(cohort: CohortInfo) -> str:
    return st.radio(
        "Weeks", list(WEEKS), format_func=WEEKS.get, horizontal=True, key="finetune.weeks",
        help=f"{literal(cohort.name)} has {cohort.weeks:,} weeks of {cohort.people:,} people. With every week, a person's weeks stay "
        "together: all of them train, or all of them test.",
    )  # fmt: skip


def start_model() -> ModelEntry:
    """Size and weights to start from, out of those that are here."""
    here = {key: entry for key, entry in model_entries().items() if entry.present and not entry.has_head}
    there = {entry.size for entry in here.values()}
    size = st.selectbox("Model size", [size for size in SIZES if size in there], key="finetune.size")
    of_size = [key for key, entry in here.items() if entry.size == size]
    reference = st.selectbox("Weights to start from", of_size, format_func=lambda key: here[key].title, key=f"finetune.model.{size}")
    entry = here[reference]
    if entry.card.get("first_line"):
        st.caption(literal(entry.card["first_line"]))
    if entry.origin != "published":
        st.page_link("pages/models.py", label="Bring the published weights")
    return entry


def recipe(entry: ModelEntry) -> FinetuneSettings:
    """How to train, and in a sentence how that differs from the paper's recipe."""
    style = st.radio("What learns", list(STYLES), format_func=STYLES.get, key="finetune.style")
    with st.expander("Recipe and device"):
        paper = LEARNING_RATE.get(entry.size, 1e-5)
        rate = st.number_input(
            "Learning rate", value=paper, min_value=1e-8, max_value=0.1, format="%.1e", key=f"finetune.rate.{entry.size}"
        )
        epochs = st.number_input("Most epochs", value=EPOCHS[style], min_value=1, max_value=10_000, key=f"finetune.epochs.{style}")
        patience = st.number_input(
            "Stop after so many epochs without a better validation AUC", value=250, min_value=1, key="finetune.patience"
        )
        folds = st.selectbox(
            "Test on",
            [0, 5, 10],
            format_func=lambda k: f"{k}-fold cross-validation by person" if k else "20 % of the people, held out",
            key="finetune.folds",
        )
        device = st.selectbox("Device", DEVICES, help="auto takes a CUDA GPU, else Apple's, else the CPU", key="finetune.device")
        seed = st.number_input("Seed", value=0, min_value=0, max_value=LARGEST_SEED, key="finetune.seed")
    settings = FinetuneSettings(
        style=style, learning_rate=float(rate), max_epochs=int(epochs), patience=int(patience), folds=folds, device=device, seed=int(seed)
    )
    st.caption(literal(recipe_words(settings, entry.size)))
    return settings


def start(chosen: Groups, entry: ModelEntry, settings: FinetuneSettings) -> None:
    """The run's name and the button that starts it; what stands against it is said in place."""
    name = _run_name(chosen, entry, settings)
    if not st.button("Start fine-tuning", type="primary"):
        return
    try:
        request = workflows.RunRequest(
            name, chosen.cohort, chosen.label, chosen.positive, entry.reference, chosen.negative, chosen.weeks, settings
        )
        run, _ = workflows.start_finetune(workspace(), request)
    except PatError as error:
        st.error(literal(error))
        return
    set_choice(Param.RUN, run.name)
    st.session_state["finetune.turn"] = _turn() + 1
    st.rerun()


def _turn() -> int:
    """How many runs this session has started: the next one gets a name box of its own."""
    return st.session_state.get("finetune.turn", 0)


def _run_name(chosen: Groups, entry: ModelEntry, settings: FinetuneSettings) -> str:
    """A box for the name. Every new choice proposes a new name that is not taken."""
    name = proposed_name(workspace(), chosen.positive, chosen.negative, entry.size, settings.style)
    key = (chosen.cohort, chosen.label, chosen.positive, chosen.negative, chosen.weeks, entry.reference, settings.style, name, _turn())
    return st.text_input("Name of the run", value=name, max_chars=80, key=f"finetune.name.{key}")
