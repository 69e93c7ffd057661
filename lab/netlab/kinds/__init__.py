"""The kinds of scenarios that are drawn: each a function whose text says what is done."""
