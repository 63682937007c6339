"""The long part of trainings on another machine: what goes into a parcel, how it is done there, and how the end is done here."""
