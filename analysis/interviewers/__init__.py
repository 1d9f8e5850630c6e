"""What interviewers do to answers: their effect, likeness, what a second visit confirms."""
