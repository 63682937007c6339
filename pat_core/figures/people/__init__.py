"""People in small: weeks as pictures of a card's width, and one person's weeks in a row."""
