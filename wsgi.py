"""For WSGI servers: ``gunicorn wsgi:app``."""

import gc

from webapp import create_app

app = create_app()

# What is loaded now stays. Left to the collector, it is searched through every so many pages, and
# that page takes 150 ms longer.
gc.collect()
gc.freeze()
