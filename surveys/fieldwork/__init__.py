"""What was tried at each door, what came of it, and what is worth a second look."""
