"""What travels between the programs of motcua: problem codes, messages, topics and view rows."""
