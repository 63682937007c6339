"""How good a map is: agreement, faithfulness, stability."""
