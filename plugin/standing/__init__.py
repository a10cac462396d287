"""Where members stand: the tier each holds, how it came to be so, and whose standing has to be looked at again."""
