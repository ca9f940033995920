"""Candidate series: incidents likely by the same hands, as proposals that an analyst decides on."""
