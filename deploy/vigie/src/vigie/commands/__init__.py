"""One module per command. Heavy imports happen inside the functions, so that every command starts at once."""
