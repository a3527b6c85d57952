"""Files as citizens attach them, made in code."""
