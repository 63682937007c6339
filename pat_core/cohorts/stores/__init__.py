"""Rows of the workspace's database: one store a table, and what has to go when a person is deleted."""
