"""Pictures of many people at once: groups beside one another, a cohort as a map."""
