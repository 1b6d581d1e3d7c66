"""How static files are named and kept."""

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Names a file after its content, also where one script imports another."""

    support_js_module_import_aggregation = True
