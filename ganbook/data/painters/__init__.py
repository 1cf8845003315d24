"""The painters of :mod:`ganbook.data.paintings`; each fills a canvas ``(S, S, 3)`` in [0, 1]."""
