"""The paper's experiment: models, training sizes and seeds on one test set, cell by cell, and the table that it becomes."""
