"""Phrases of analysts with the selections they mean, and the vocabularies they are read with.

phrases.csv was written before the grammar: each phrase is read at the last day of its source's
vocabulary (`last`), and names the words that cannot be understood. The vocabularies list the values
of published data (Chicago 2014-2018, San Francisco of December 2018) and of the demo city, with
their incidents.
"""
