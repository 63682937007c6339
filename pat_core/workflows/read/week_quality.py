"""The quality of a week of a cohort, and how it is judged: by the settings of the workspace, the same on every page."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from pat_core.cohorts import Workspace
from pat_core.errors import RecordingError
from pat_core.records import QualityReport, Week
from pat_core.wear import SOURCES, Choi, QualitySettings, Troiano
from pat_core.weeks import quality_report
from pat_core.workflows.read.clock_changes import note
from pat_core.workflows.read.clock_choice import WeekOverChange

_SETTINGS = "quality: settings"
RULES: dict[str, Choi | Troiano] = {"Choi 2011": Choi(), "Troiano 2008": Troiano()}
"""Rules of non-wear by name, as their papers have them."""

_log = logging.getLogger(__name__)


def week_quality(workspace: Workspace, week: Week, model_unit: str | None = None) -> QualityReport:
    """The quality of one week with its marks, by the workspace's settings. model_unit: of the model that reads it, None without one."""
    return quality_report(week, quality_settings(workspace), model_unit)


def over_change_words(workspace: Workspace, cohort: str, of: tuple[str, int]) -> tuple[str, ...]:
    """A sentence where a week lay over a change of the clock at its import, as that was noted; of: (participant, week index)."""
    noted = map(WeekOverChange.from_spec, workspace.import_record(cohort).get("over", ()))
    return tuple(note(week) for week in noted if (week.participant, week.index) == of)


def quality_settings(workspace: Workspace) -> QualitySettings:
    """How wear is judged in this workspace: as it was set, else the defaults; those too where what was kept cannot be used."""
    kept = workspace.setting(_SETTINGS)
    if kept is None:
        return QualitySettings()
    try:
        plain = dict(kept)
        rule = {"choi": Choi, "troiano": Troiano}[plain.pop("rule")](**plain.pop("of_rule"))
        return QualitySettings(rule=rule, **plain)
    except (KeyError, TypeError, ValueError, RecordingError) as error:
        _log.warning("the kept settings of quality cannot be used, the defaults are: %s", error)
        return QualitySettings()


def keep_quality_settings(workspace: Workspace, settings: QualitySettings) -> None:
    """Judge wear in this workspace by these settings from now on: in reports, lists and downloads."""
    plain = dict(vars(settings))
    rule = plain.pop("rule")
    name = "choi" if isinstance(rule, Choi) else "troiano"
    workspace.keep_setting(_SETTINGS, {"rule": name, "of_rule": dict(vars(rule))} | plain)


def settings_of(plain: Mapping[str, Any]) -> QualitySettings:
    """The settings that a quality report was made with, from its plain values. KeyError, TypeError or RecordingError where they are
    none."""
    made = type(RULES[str(plain["rule"])])
    of_rule = {one.name: plain[one.name] for one in fields(made)}
    others = {name: value for name, value in plain.items() if name not in of_rule and name != "rule"}
    return QualitySettings(rule=made(**of_rule), **others)


def with_rule(settings: QualitySettings, name: str) -> QualitySettings:
    """The settings with the rule of this name (see RULES); its minutes stay where it was in use already."""
    return settings if settings.rule_name == name else replace(settings, rule=RULES[name])


def settings_words(settings: QualitySettings) -> str:
    """How wear is judged, in a sentence."""
    flags = " and, where the device says so itself, by the device" if settings.trust_flags else ""
    return (
        f"Wear by {settings.rule_name}{flags}. A day is valid from {settings.hours_a_day:g} hours of wear; {settings.days_needed} of 7 are "
        f"needed. More than {100 * settings.off_share:g} % of a week not worn is mentioned beside the model's answer."
    )


def source_words(field: str) -> str:
    """Default of a setting with its source, for a reader. field: of QualitySettings."""
    default: Any = QualitySettings().rule_name if field == "rule" else getattr(QualitySettings(), field)
    if field == "off_share":
        return f"Default: {100 * default:g} %. Source: {SOURCES[field]}."
    shown = {True: "yes", False: "no"}.get(default, default) if isinstance(default, bool) else default
    return f"Default: {shown if isinstance(shown, str) else format(shown, 'g')}. Source: {SOURCES[field]}."
