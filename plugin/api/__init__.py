"""The door for merchants' own programs and their partners': keys instead of sessions, JSON in and out."""
