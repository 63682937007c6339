"""How fast a machine works: pace_asked.py is what is asked and answered, measured_pace.py measures it."""
