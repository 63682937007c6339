"""What is handed out: words, tables and files about records."""
