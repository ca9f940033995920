"""What leaves the machine for people: mail, webhooks and feeds."""
