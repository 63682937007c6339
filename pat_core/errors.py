"""The exceptions of PAT Explorer. Every message says what was expected, what was found, where, and what to do next.

PatError                     anything a person can mend; its text is shown to them as it stands
├── RecordingError           a file cannot be read as recordings of activity
├── WeekError                a recording does not hold the week that was asked for
├── WeightsError             a weight file is not a PAT model, is damaged, or does not fit
│   └── UntrainedError       the model has no trained head, so it has no probability and no gradient explanation
├── TrainingError            a run cannot start or go on (labels, people, settings)
├── ExplanationError         a method does not apply to this model or week
├── EvaluationError          these people cannot test this model (nobody left, one group missing, no test of its own)
├── WorkspaceError           a cohort, person, model or run is missing or already there
│   └── WorkspaceTrouble     the workspace itself cannot be opened, read or written: full, read-only, gone, damaged, no folder
└── JobError                 a background job cannot start or was lost
    ├── Cancelled            the reader cancelled it; nothing is wrong
    │   └── LeftThere        only the process that watched it here was stopped; the work goes on where it is
    └── PlaceTrouble         another machine cannot be reached, or cannot take the work
"""


class PatError(Exception):
    """Base of all errors whose message is meant for the person at the screen."""


class RecordingError(PatError):
    """A file cannot be read as recordings of activity."""


class WeekError(PatError):
    """A recording does not hold the week that was asked for."""


class WeightsError(PatError):
    """A weight file is not a PAT model, is damaged, or does not fit the configuration."""


class UntrainedError(WeightsError):
    """The model has no trained head: it has no probability and no gradient explanation."""


class TrainingError(PatError):
    """A run cannot start or go on: labels, people or settings do not allow it."""


class ExplanationError(PatError):
    """An explanation method does not apply to this model or week."""


class EvaluationError(PatError):
    """A model cannot be tested on these people: nobody is left, one of the groups is missing, or it has no test of its own."""


class WorkspaceError(PatError):
    """A cohort, person, model or run is missing, or a name is already taken."""


class WorkspaceTrouble(WorkspaceError):
    """The workspace itself cannot be opened, read or written. kind: one of TROUBLES."""

    def __init__(self, sentence: str, kind: str) -> None:
        super().__init__(sentence)
        self.kind = kind


TROUBLES = ("full", "read-only", "gone", "damaged", "no folder", "busy", "other")
"""No room on its disk; not writable; its folder or database was removed; its database is no database of ours or broken; a file stands in
its place; another process keeps it; anything else that the system says."""


class JobError(PatError):
    """A background job cannot start, or was lost."""


class Cancelled(JobError):
    """The reader cancelled the work. Nothing is wrong and nothing half-written stays."""


class LeftThere(Cancelled):
    """Work on another machine goes on; only the process that watched it here was asked to end."""


class PlaceTrouble(JobError):
    """Another machine cannot be reached, or cannot take the work. passing: it may be gone when one tries again, as a cut network is."""

    def __init__(self, sentence: str, passing: bool = False) -> None:
        super().__init__(sentence)
        self.passing = passing
