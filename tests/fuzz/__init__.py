"""Mails that no honest program writes, for the reader that must survive them."""
