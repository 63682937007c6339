"""The week sheet: lanes of days with activity and strips of explanations under it."""
