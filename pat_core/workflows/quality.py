"""The quality of a week of a cohort, by the settings of the workspace."""

from __future__ import annotations

from pat_core.cohorts import Workspace
from pat_core.recordings import Choi, QualitySettings, Troiano
from pat_core.records import QualityReport
from pat_core.weeks import quality_report

_SETTINGS = "quality: settings"


def week_quality(workspace: Workspace, cohort: str, of: tuple[str, int], model_unit: str | None = None) -> QualityReport:
    """The quality of one week with its marks, by the workspace's settings. model_unit: of the model that reads it, None without one."""
    return quality_report(workspace.week(cohort, *of), quality_settings(workspace), model_unit)


def quality_settings(workspace: Workspace) -> QualitySettings:
    """How wear is judged in this workspace: as it was set, else the defaults."""
    kept = workspace.recall(_SETTINGS)
    if kept is None:
        return QualitySettings()
    plain = dict(kept)
    rule = {"choi": Choi, "troiano": Troiano}[plain.pop("rule")](**plain.pop("of_rule"))
    return QualitySettings(rule=rule, **plain)


def keep_quality_settings(workspace: Workspace, settings: QualitySettings) -> None:
    """Judge wear in this workspace by these settings from now on. The valid days in lists of weeks stay those of the defaults."""
    plain = dict(vars(settings))
    rule = plain.pop("rule")
    name = "choi" if isinstance(rule, Choi) else "troiano"
    workspace.remember(_SETTINGS, {"rule": name, "of_rule": dict(vars(rule))} | plain)
