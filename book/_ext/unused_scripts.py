"""Take the scripts of Thebe and of the comment services off the pages.

Jupyter Book loads both extensions always. The book uses neither: Thebe would ask other hosts, and
without its library it raises an error on every page.
"""

UNUSED = ("thebe", "hypothes", "utterances", "dokieli")


def is_used(asset):
    text = f"{asset.filename} {asset.attributes.get('body', '')}".lower()
    return not any(name in text for name in UNUSED)


def drop_unused(app, pagename, templatename, context, doctree):
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context[kind] if is_used(asset)]


def setup(app):
    app.connect("html-page-context", drop_unused, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
