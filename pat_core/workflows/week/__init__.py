"""One week of a cohort: which row it is, what the input gate found, nights, rhythm, marks, labels."""
