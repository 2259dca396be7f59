"""How far the property tests walk: `make test` a little, `make test-long` (HYPOTHESIS_PROFILE=long) a lot."""

import os

from hypothesis import HealthCheck, settings

_COMMON = {
    "deadline": None,  # a shared machine may be slow; nothing here is about time
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
}
settings.register_profile("short", max_examples=14, stateful_step_count=20, **_COMMON)
settings.register_profile("long", max_examples=1400, stateful_step_count=50, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))
