"""Reports are made of what workflows' tests have: their cohort, run and demonstration."""

from tests.workflows.conftest import demo, model, trained, twenty_four, workspace

__all__ = ["demo", "model", "trained", "twenty_four", "workspace"]
