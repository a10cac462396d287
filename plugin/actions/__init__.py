"""What members were given for actions besides buying: one row for each time it counted."""
