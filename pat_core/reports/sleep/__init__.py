"""Sleep diaries beside estimates, and two periods compared: tables, words and files."""
