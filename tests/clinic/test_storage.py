"""Static files by their hashed names."""

import re
import shutil
from pathlib import Path

from django.conf import settings

from clinic.storage import HashedStaticFiles


def test_script_imports_others_by_the_names_of_their_content(tmp_path: Path) -> None:
    """Else a browser could run an old module with a new one for as long as it keeps it."""
    names = [
        f"js/editor/{path.name}" for path in Path(settings.BASE_DIR, "static/js/editor").iterdir()
    ]
    shutil.copytree(Path(settings.BASE_DIR, "static/js/editor"), tmp_path / "js/editor")
    storage = HashedStaticFiles(location=tmp_path, base_url="/static/")
    list(storage.post_process({name: (storage, name) for name in names}))

    main = (tmp_path / storage.stored_name("js/editor/main.js")).read_text("utf-8")
    imported = re.findall(r'from "\./([^"]+)"', main)
    assert sorted(imported) == sorted(
        Path(storage.stored_name(f"js/editor/{name}.js")).name
        for name in ("keep", "paste", "preview", "remarks", "toolbar")
    )
    assert all(re.fullmatch(r"\w+\.[0-9a-f]{12}\.js", name) for name in imported)
