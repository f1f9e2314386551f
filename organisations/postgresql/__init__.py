"""Django's backend for PostgreSQL, with fewer ways there and back (docs/adr/0029)."""
