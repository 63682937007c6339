"""A cohort's people as a researcher works with them: every column there is, filters that are kept, people who are chosen."""
