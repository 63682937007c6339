"""Explanations of weeks and of whole cohorts, kept by content hashes, and how far each can be trusted."""
