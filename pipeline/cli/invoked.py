"""How this program was called, so that what it proposes can be pasted."""

import shlex
import shutil
import sys
from pathlib import Path


def command(*words: object) -> str:
    """``wirefold stories show s-1 --data 'my data'``, with the program named as it was called."""
    return " ".join([program_name(), *(shlex.quote(str(word)) for word in words)])


def program_name() -> str:
    """``wirefold`` where the shell finds it under that name, else the path it was called by."""
    called = Path(sys.argv[0])
    if called.name == "run_pipeline.py":
        return f"python {shlex.quote(str(called))}"
    if called.name != "wirefold" or not called.is_file():
        return "wirefold"
    found = shutil.which("wirefold")
    return "wirefold" if found and Path(found).samefile(called) else shlex.quote(str(called))
