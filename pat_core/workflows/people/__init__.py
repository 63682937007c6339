"""What the pages of people show: the list, one person's week, another dose of activity, the demonstration."""
