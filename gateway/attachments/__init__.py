"""Attachments: whatever a citizen sent becomes what LAPOR's form takes."""
