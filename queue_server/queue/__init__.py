"""The office day: commands in, events out. Pure, standard library only."""
