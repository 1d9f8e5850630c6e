"""The doors: resident, volunteer, staff and the command line."""
