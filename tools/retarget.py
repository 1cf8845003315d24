"""Point the whole book at another repository: links, Colab buttons, install lines, Pages address.

python tools/retarget.py https://github.com/NAME/REPOSITORY         Colab takes the branch main
python tools/retarget.py https://github.com/NAME/REPOSITORY v0.1.0  Colab takes that tag
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = {".md", ".yml", ".yaml", ".toml", ".ipynb", ".py", ".cff", ".txt"}
SKIPPED = {".git", ".venv", "_build"}
URL = re.compile(r"https://github\.com/([A-Za-z0-9-]+)/([A-Za-z0-9._-]+?)(?:\.git)?/?")
REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def text_files(root):
    """Every text file of the repository that may name its address."""
    for path in sorted(root.rglob("*")):
        if path.suffix in SUFFIXES and not SKIPPED & set(path.relative_to(root).parts):
            yield path


def current_url(root):
    """The address in `_config.yml`, which is the one that counts."""
    config = (root / "_config.yml").read_text(encoding="utf-8")
    return re.search(r"^ +url: (\S+)$", config, re.MULTILINE)[1]


def current_ref(root):
    """The tag or branch in `_config.yml`, from which Colab takes the notebooks and ganbook."""
    config = (root / "_config.yml").read_text(encoding="utf-8")
    return re.search(r"^ +branch: (\S+)$", config, re.MULTILINE)[1]


def parts(url):
    """Owner and repository of an address."""
    match = URL.fullmatch(url)
    if not match:
        raise ValueError(f"the URL must be https://github.com/NAME/REPOSITORY, not {url!r}")
    return match.groups()


def retarget(root, url, ref="main"):
    """Rewrite the address and the tag or branch in every file; return the files that changed."""
    old_owner, old_name = parts(current_url(root))
    owner, name = parts(url)
    if not REF.fullmatch(ref):
        raise ValueError(f"the REF must be a tag or a branch without a slash, not {ref!r}")
    old, old_ref = f"{old_owner}/{old_name}", current_ref(root)
    replacements = [
        (f"{old}@{old_ref}", f"{old}@{ref}"),
        (f"{old}/blob/{old_ref}/", f"{old}/blob/{ref}/"),
        (f"{old}/raw/{old_ref}/", f"{old}/raw/{ref}/"),
        (f"branch: {old_ref}\n", f"branch: {ref}\n"),
        (f"{old_owner.lower()}.github.io/{old_name}", f"{owner.lower()}.github.io/{name}"),
        (old, f"{owner}/{name}"),
        (f"cd {old_name}", f"cd {name}"),
        (f": /{old_name}/", f": /{name}/"),  # the path that GitHub Pages serves the site below
        (f'"/{old_name}/', f'"/{name}/'),
    ]
    changed = []
    for path in text_files(root):
        before = after = path.read_text(encoding="utf-8")
        for there, instead in replacements:
            after = after.replace(there, instead)
        if after != before:
            path.write_text(after, encoding="utf-8")
            changed.append(path.relative_to(root))
    return changed


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: make retarget URL=https://github.com/NAME/REPOSITORY [REF=v0.1.0]")
    try:
        changed = retarget(ROOT, *sys.argv[1:])
    except ValueError as error:
        sys.exit(f"retarget: {error}")
    print("\n".join(map(str, changed)) or "nothing to change")


if __name__ == "__main__":
    main()
