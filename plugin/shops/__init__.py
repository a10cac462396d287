"""Who installed us, with which tokens; states of OAuth; compliance requests."""
