"""How long readers, students and a class wait for the app's pages."""
