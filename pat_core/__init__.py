"""PAT Explorer's engine: everything that is true without a screen.

For notebooks and scripts, `import pat_core as pat` gives the functions of `library.py`, which is read when the first of them is asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pat_core.library import (
        Workspace,
        cut_weeks,
        draw_week,
        evaluate,
        explain_week,
        finetune,
        import_people,
        load_model,
        nights,
        predict,
        predict_cohort,
        pretrain,
        read,
        rhythm,
        similar,
        simulate_people,
        standardized,
        tokens,
    )

__version__ = "0.1.0"
__all__ = [
    "Workspace",
    "cut_weeks",
    "draw_week",
    "evaluate",
    "explain_week",
    "finetune",
    "import_people",
    "load_model",
    "nights",
    "predict",
    "predict_cohort",
    "pretrain",
    "read",
    "rhythm",
    "similar",
    "simulate_people",
    "standardized",
    "tokens",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pat_core import library

    return getattr(library, name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
