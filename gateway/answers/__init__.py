"""What is told to the citizen, when, and in which words?"""
