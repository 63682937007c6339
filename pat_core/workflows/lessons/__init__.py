"""The six lessons of the class: what each of them shows, computed from simulated people whose truth is known. Records out, no words."""
