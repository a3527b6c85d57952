"""What does the gateway understand of a source that nobody has configured yet?"""
