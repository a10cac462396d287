"""The door through which a shop comes in when managed install is not used."""
