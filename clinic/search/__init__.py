"""One search over articles with their questions, services and clinics.

`query` reads what was typed, `spelling` mends it, `full_text` asks the database, `ranking` says
what comes first, `snippets` shows why; `find` does all of it in turn.
"""
