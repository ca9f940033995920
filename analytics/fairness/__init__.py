"""Fairness of patrol: who gets it beside who asks for it, and what records that follow it do."""
