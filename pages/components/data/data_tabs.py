"""The tabs of the Data page by name: other pages link to them."""

from __future__ import annotations

from pages.components.shared.words import _

COHORTS, BRING, SIMULATE, READS = TABS = (_("Cohorts"), _("Bring recordings"), _("Simulate people"), _("What can be read"))
