"""Does a connector keep the contract? For tests alone, of ours and of third parties: it needs the extra `testing`."""

import pytest

# They are no test modules: without this their failures would not show what was compared.
pytest.register_assert_rewrite(
    *(f"gateway.testing.{name}" for name in ("looking", "alone", "collected", "contract", "replying", "files"))
)
