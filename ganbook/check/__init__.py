"""Checks of the book's exercises: each says at once what is right, or gives a hint.

One module a chapter, one function an exercise::

    from ganbook.check import dcgan as check

    check.half_life(half_life)  # prints one verdict, returns nothing

A wrong answer never raises: an error inside the reader's function becomes a hint, too.
"""
